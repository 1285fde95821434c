from __future__ import annotations

from ipaddress import ip_network

import pytest

from service.this_machine import is_local

PLAIN = ["Host", "User-Agent", "Content-Type", "X-Request-Id", "Cookie"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"])
@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.9:80", "[::1]", "[::1]:8090"])
def test_loopback_peers_under_loopback_names_are_local(peer: str, host: str) -> None:
    """A direct request from loopback to a loopback name or address is from this machine."""
    assert is_local(peer, host, PLAIN, [ip_network("10.0.0.0/8")])


@pytest.mark.parametrize("peer", ["10.0.0.9", "128.0.0.1", "::2", "", "localhost", "unix", "127.1", "::ffff:10.0.0.1"])
def test_other_peers_are_not(peer: str) -> None:
    """Only 127.0.0.0/8 and ::1 are loopback."""
    assert not is_local(peer, "localhost", PLAIN, [])


@pytest.mark.parametrize(
    "host",
    [
        "",
        "rebound.example",
        "localhost.example",
        "0.0.0.0",
        "10.0.0.1",
        "2130706433",
        "::1",
        "localhost:x",
        "localhost, a",
    ],
)
def test_other_host_names_are_not(host: str) -> None:
    """A name that someone else can point at loopback proves nothing."""
    assert not is_local("127.0.0.1", host, PLAIN, [])


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "FORWARDED", "x-real-ip", "Via", "X-Forwarded-Proto", "X-Forwarded-Host", "CF-Connecting-IP"],
)
def test_any_sign_of_a_proxy_closes(name: str) -> None:
    """A header that proxies write means that the peer is one, whichever header is believed for the address."""
    assert not is_local("127.0.0.1", "localhost", [*PLAIN, name], [])


def test_a_trusted_proxy_on_loopback_closes() -> None:
    """Where loopback is where the proxy is, a loopback peer is the proxy, with or without a header."""
    assert not is_local("127.0.0.1", "localhost", PLAIN, [ip_network("127.0.0.0/8")])
    assert not is_local("::ffff:127.0.0.1", "localhost", PLAIN, [ip_network("127.0.0.1/32")])
