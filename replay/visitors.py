"""Where a request comes from."""

from __future__ import annotations

from collections.abc import Sequence

from falcon.asgi import Request

from service.client_address import ForwardedHeader, Network, client_address, rate_group
from service.this_machine import is_local


class Visitors:
    """Clients' addresses, through the proxies that are trusted and by the one header that is believed."""

    def __init__(self, trusted: Sequence[Network], header: ForwardedHeader) -> None:
        self._trusted = trusted
        self._header = header

    def group(self, request: Request) -> str:
        """Under what the client's address is counted; all whose address is not known are one group."""
        named = request.get_header(self._header)
        return rate_group(client_address(_peer(request), named, self._header, self._trusted))

    def is_local(self, request: Request) -> bool:
        """True if the request is from this machine and no proxy stands between."""
        return is_local(_peer(request), request.get_header("Host") or "", request.headers, self._trusted)


def _peer(request: Request) -> str:
    # Falcon takes a peer without an address, as on a UNIX socket, for loopback.
    return request.remote_addr if request.scope.get("client") else ""
