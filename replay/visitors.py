"""Where a request comes from."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

from falcon.asgi import Request

# Headers by which a proxy says that the peer is not the client.
_FORWARDED = ("FORWARDED", "X-FORWARDED-FOR", "X-REAL-IP")
_LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


class Visitors:
    """Addresses of clients behind the proxies we trust."""

    def group(self, request: Request) -> str:
        """Under what the request's address is counted."""
        return _peer(request)

    def is_local(self, request: Request) -> bool:
        """True if the request is from this machine."""
        if any(request.get_header(name) is not None for name in _FORWARDED):
            return False
        try:
            peer = ip_address(_peer(request).partition("%")[0])
        except ValueError:
            return False
        if isinstance(peer, IPv6Address) and peer.ipv4_mapped is not None:
            peer = peer.ipv4_mapped
        return peer.is_loopback and request.host in _LOCAL_NAMES


def _peer(request: Request) -> str:
    # Falcon takes a peer without an address, as on a UNIX socket, for loopback.
    return request.remote_addr if request.scope.get("client") else ""
