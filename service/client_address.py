"""Whose address a request comes from: through the proxies we trust, by the one header we believe, and no others.

Each proxy appends its own peer to the header, so the chain is read from its end. What cannot be read makes the
address unknown, which is the empty text: never the proxy's own address, which may open what its clients may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from service.forwarded import hops_from_the_end

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

UNKNOWN = ""
# Longest chain of proxies that is followed; entries that are empty count. Real chains have two or three.
MAX_HOPS = 32
# `[`, an IPv6 address with an IPv4 tail (45), a zone, `]`, a port, and quotes.
MAX_NODE = 96
MAPPED = IPv6Network("::ffff:0:0/96")

# A port, or an obfuscated one as RFC 7239 allows it.
_PORT = r"(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?"
_BRACKETED = re.compile(rf"\[([0-9A-Fa-f:.]+)(?:%[^\]\s]+)?\]{_PORT}")
_V4 = re.compile(rf"([0-9.]+){_PORT}")
_V6 = re.compile(r"([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)(?:%\S+)?")


class ForwardedHeader(StrEnum):
    """The header in which the trusted proxies name their peers. The other one is the client's to write."""

    X_FORWARDED_FOR = "x-forwarded-for"
    FORWARDED = "forwarded"


def client_address(peer: str, named: str | None, header: ForwardedHeader, trusted: Sequence[Network]) -> str:
    """The right-most address that is not a trusted proxy's, as text; empty when it is not known.

    `named` is the value of `header`, its lines joined by commas as servers do. It counts only when `peer` is
    trusted; a trusted peer that names nobody leaves the address unknown. IPv4-mapped addresses are IPv4.
    """
    current = _address(peer)
    if current is None:
        return UNKNOWN
    if not is_trusted(current, trusted):
        return str(current)
    found = None
    for count, node in enumerate(_nodes(named or "", header)):
        if count == MAX_HOPS:
            return UNKNOWN
        if node == "":
            continue
        found = read_node(node) if node is not None else None
        if found is None:
            return UNKNOWN
        if not is_trusted(found, trusted):
            break
    return UNKNOWN if found is None else str(found)


def is_trusted(address: Address, trusted: Sequence[Network]) -> bool:
    """True for the address of a proxy we believe."""
    return any(address in network for network in trusted)


def read_node(text: str) -> Address | None:
    """An address as proxies write it: alone, with a port, in brackets, with a zone, in quotes; None for all else."""
    if len(text) > MAX_NODE:
        return None
    text = text.strip(" \t")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = text[1:-1]
    match = _BRACKETED.fullmatch(text) or _V4.fullmatch(text) or _V6.fullmatch(text)
    if match is None:
        return None
    address = _address(match[1])
    # Brackets are for IPv6 only.
    return None if isinstance(_raw(match[1]), IPv4Address) and text.startswith("[") else address


def rate_group(address: str) -> str:
    """Under what an address's use is counted: IPv6 by its /64, which one subscriber has; `unknown` is one group."""
    parsed = _address(address)
    if parsed is None:
        return "unknown"
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(IPv6Address(int(parsed) >> 64 << 64)) + "/64"


def plain_network(network: Network) -> Network:
    """A network of IPv4-mapped addresses as the IPv4 network it is; any other unchanged."""
    if isinstance(network, IPv6Network) and network.subnet_of(MAPPED):
        return IPv4Network((int(network.network_address) & 0xFFFFFFFF, network.prefixlen - 96))
    return network


def _nodes(text: str, header: ForwardedHeader) -> Iterator[str | None]:
    """What the proxies wrote, nearest first; "" for an entry that is empty, None for one that names nobody."""
    if header is ForwardedHeader.FORWARDED:
        return hops_from_the_end(text)
    # No more parts than are read: the rest stays in one piece.
    return (part.strip(" \t") for part in reversed(text.rsplit(",", MAX_HOPS)))


def _address(text: str) -> Address | None:
    """A peer's or a node's address without its zone."""
    if len(text) > MAX_NODE:
        return None
    address = _raw(text.partition("%")[0] if ":" in text else text)
    # A socket that takes both families shows IPv4 peers as ::ffff:a.b.c.d.
    return getattr(address, "ipv4_mapped", None) or address


# The same peers come again on every request; parsing one takes as long as everything else of admission.
@lru_cache(maxsize=4096)
def _raw(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
