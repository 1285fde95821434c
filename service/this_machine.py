"""What a request must look like to be from this machine: for projects that are there for nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import ip_address

from service.client_address import Network, is_trusted, read_node

# And all that begin with `x-forwarded`.
_FORWARDING = frozenset(
    {
        "cf-connecting-ip",
        "client-ip",
        "fastly-client-ip",
        "fly-client-ip",
        "forwarded",
        "forwarded-for",
        "true-client-ip",
        "via",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-envoy-external-address",
        "x-original-forwarded-for",
        "x-original-host",
        "x-real-ip",
        "x-remote-addr",
        "x-remote-ip",
    }
)
_HOST = re.compile(r"(localhost|[0-9.]{7,15}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.IGNORECASE)


def is_local(peer: str, host: str, headers: Iterable[str], trusted: Sequence[Network]) -> bool:
    """True if the peer is on loopback, named by a loopback name, and no proxy stands between, trusted or not.

    `host` is the Host header, `headers` the names of all headers. The host name counts because a page of another
    site can make its own name point at 127.0.0.1. A proxy never counts: it may have written a host
    name of its own, and loopback in what it says may be its own machine's.
    """
    address = read_node(peer)
    if address is None or not address.is_loopback or is_trusted(address, trusted):
        return False
    return not any(map(is_forwarding, headers)) and _is_local_name(host)


def is_forwarding(name: str) -> bool:
    """True for a header by which a proxy says whom it speaks for."""
    name = name.lower()
    return name.startswith("x-forwarded") or name in _FORWARDING


def _is_local_name(host: str) -> bool:
    match = _HOST.fullmatch(host)
    if match is None:
        return False
    try:
        return match[1].lower() == "localhost" or ip_address(match[1].strip("[]")).is_loopback
    except ValueError:
        return False
