"""Whose address a request comes from, through the proxies we trust and no others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address


def client_address(peer: str, forwarded_for: str | None, trusted: Sequence[Network]) -> str:
    """The right-most address that is not a trusted proxy's, as text; empty when the peer has none.

    `forwarded_for` is the X-Forwarded-For header, to which each proxy appends its own peer: what stands left of the
    first untrusted address is the client's own claim. An entry that is no address ends the search at the proxy that
    passed it on.
    """
    current = _parse(peer)
    if current is None:
        return ""
    for entry in reversed((forwarded_for or "").split(",")):
        if not any(current in network for network in trusted):
            break
        claimed = _parse(entry.strip())
        if claimed is None:
            break
        current = claimed
    return str(current)


def is_loopback(address: str) -> bool:
    """True for 127.0.0.0/8 and ::1."""
    parsed = _parse(address)
    return parsed is not None and parsed.is_loopback


# The same peers come again on every request; parsing one takes as long as everything else of admission.
@lru_cache(maxsize=4096)
def _parse(text: str) -> Address | None:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    # A socket that takes both families shows IPv4 peers as ::ffff:a.b.c.d.
    return getattr(address, "ipv4_mapped", None) or address
