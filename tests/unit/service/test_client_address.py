from __future__ import annotations

import time
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.client_address import (
    MAX_HOPS,
    ForwardedHeader,
    client_address,
    plain_network,
    rate_group,
    read_node,
)

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("fd00::/8"), ip_network("127.0.0.0/8"), ip_network("::1/128")]
XFF, FORWARDED = ForwardedHeader.X_FORWARDED_FOR, ForwardedHeader.FORWARDED

# What proxies write for a client, as X-Forwarded-For, as Forwarded, and whom it names.
NODES = [
    ("198.51.100.7", "for=198.51.100.7", "198.51.100.7"),
    ("8.8.8.8:51234", 'for="8.8.8.8:51234"', "8.8.8.8"),
    ("8.8.8.8:51234", "for=8.8.8.8:51234", "8.8.8.8"),
    ('"8.8.8.8"', 'FOR="8.8.8.8"', "8.8.8.8"),
    ("2001:db8::7", 'for="2001:db8::7"', "2001:db8::7"),
    ("2001:DB8:0::7", "for=2001:DB8:0::7", "2001:db8::7"),
    ("[2001:db8::7]", 'For="[2001:db8::7]"', "2001:db8::7"),
    ("[2001:db8::7]:443", 'for="[2001:db8::7]:443"', "2001:db8::7"),
    ('"[2001:db8::7]:443"', r'for="\[2001:db8::7\]:443"', "2001:db8::7"),
    ("[2001:db8::7]:443", "for=[2001:db8::7]:443", "2001:db8::7"),
    ("fe80::1%eth0", 'for="fe80::1%eth0"', "fe80::1"),
    ("[fe80::1%25eth0]:80", 'for="[fe80::1%25eth0]:80"', "fe80::1"),
    ("::ffff:198.51.100.7", 'for="::ffff:198.51.100.7"', "198.51.100.7"),
    ("[::ffff:198.51.100.7]:9", 'for="[::ffff:c633:6407]:9"', "198.51.100.7"),
    ("198.51.100.7", "for=198.51.100.7;proto=https;by=10.0.0.2", "198.51.100.7"),
    ("198.51.100.7", 'by=10.0.0.2; host="a,b;for=1.1.1.1" ; for=198.51.100.7 ', "198.51.100.7"),
    ("198.51.100.7", 'for="198.51.100.7:_port";proto=https', "198.51.100.7"),
    ("\t 198.51.100.7 ", "\t for=198.51.100.7 ;", "198.51.100.7"),
    ("127.0.0.9, 198.51.100.7", "for=127.0.0.9, for=198.51.100.7", "198.51.100.7"),
    ("1.1.1.1, 198.51.100.7, 10.9.9.9", "for=1.1.1.1, for=198.51.100.7, for=10.9.9.9", "198.51.100.7"),
    ("198.51.100.7,,, 10.9.9.9 ,", "for=198.51.100.7,,, for=10.9.9.9 ,", "198.51.100.7"),
    ('", 198.51.100.7', 'for=", for=198.51.100.7', "198.51.100.7"),
    ("10.3.0.1, 10.2.0.1", "for=10.3.0.1, for=10.2.0.1", "10.3.0.1"),
]

# What names nobody.
UNREADABLE = [
    ("unknown", "for=unknown"),
    ("Unknown", "for=Unknown;proto=http"),
    ("_hidden", "for=_hidden"),
    ("unknown:80", 'for="_SEVKISEK:443"'),
    ("nonsense", "nonsense"),
    ("", ""),
    (" , ,", " , ,"),
    ("unix:", 'for="unix:"'),
    ("localhost", "for=localhost"),
    ("[2001:db8::7", 'for="[2001:db8::7"'),
    ("2001:db8::7]", 'for="2001:db8::7]:80"'),
    ("[127.0.0.1]", 'for="[127.0.0.1]"'),
    ("8.8.8.8:", 'for="8.8.8.8:"'),
    ("8.8.8.8:http", 'for="8.8.8.8:http"'),
    ("8.8.8.8:123456", 'for="8.8.8.8:123456"'),
    ("8.8.8.8%eth0", 'for="8.8.8.8%eth0"'),
    ("8.8.8.8 8.8.4.4", "for=8.8.8.8 8.8.4.4"),
    ("010.8.8.8", "for=010.8.8.8"),
    ("8.8.8", "for=8.8.8"),
    ("2130706433", "for=2130706433"),
    ("0x7f.1", "for=0x7f.1"),
    ("٨.8.8.8", 'for="٨.8.8.8"'),
    ("for=8.8.8.8", "8.8.8.8"),
    ('"8.8.8.8', 'for="8.8.8.8'),
    ("2001:db8::7" + "0" * 500, "for=" + "8" * 500),
    ("fe80::1%" + "z" * 200, "proto=https;by=10.0.0.1"),
    ("8.8.8.8, unknown", "for=8.8.8.8, for=unknown"),
    ("8.8.8.8, _x, 10.0.0.2", "for=8.8.8.8, proto=http, for=10.0.0.2"),
    ("127.0.0.1, x", "for=127.0.0.1;for=127.0.0.1"),
    ("8.8.8.8; 1.1.1.1", "for=8.8.8.8;=x"),
    ("8.8.8.8\x00", "for=8.8.8.8;for"),
    ("127.0.0.1:80:80", 'for=""'),
]


@pytest.mark.parametrize(("listed", "elements", "address"), NODES)
def test_every_form_that_proxies_write_is_read(listed: str, elements: str, address: str) -> None:
    """The client is the right-most address that no trusted proxy has, in whatever form either header names it."""
    assert client_address("10.0.0.1", listed, XFF, TRUSTED) == address
    assert client_address("10.0.0.1", elements, FORWARDED, TRUSTED) == address


@pytest.mark.parametrize(("listed", "elements"), UNREADABLE)
@pytest.mark.parametrize("peer", ["127.0.0.1", "10.0.0.1", "::ffff:127.0.0.1", "::1"])
def test_what_cannot_be_read_is_nobody(peer: str, listed: str, elements: str) -> None:
    """An entry the trusted chain leads to and that names no address makes the address unknown, never the proxy's."""
    assert client_address(peer, listed, XFF, TRUSTED) == ""
    assert client_address(peer, elements, FORWARDED, TRUSTED) == ""


@pytest.mark.parametrize("header", ForwardedHeader)
@pytest.mark.parametrize("line", ["198.51.100.7", "for=198.51.100.7", "unknown", "", '"', ",,,"])
def test_an_untrusted_peer_is_the_client_whatever_it_says(header: ForwardedHeader, line: str) -> None:
    """Headers of a peer that is no trusted proxy are not looked at."""
    assert client_address("203.0.113.9", line, header, TRUSTED) == "203.0.113.9"
    assert client_address("127.0.0.1", line, header, []) == "127.0.0.1"


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("", ""),
        ("unix", ""),
        ("127.0.0.1", ""),
        ("10.0.0.1", ""),
    ],
)
def test_a_trusted_peer_without_the_header_is_nobody(peer: str, address: str) -> None:
    """A peer speaks for itself unless it is a proxy: one that names nobody does not become the client."""
    assert client_address(peer, None, XFF, TRUSTED) == address
    assert client_address(peer, None, FORWARDED, TRUSTED) == address


@pytest.mark.parametrize(("header", "prefix"), [(XFF, ""), (FORWARDED, "for=")])
def test_a_chain_longer_than_the_bound_is_nobody(header: ForwardedHeader, prefix: str) -> None:
    """Of trusted proxies MAX_HOPS are followed, empty entries among them; behind more, the address is unknown."""

    def chain(hops: int, *, empty: int = 0) -> str:
        nodes = [f"{prefix}198.51.100.7", *[f"{prefix}10.0.0.2"] * hops]
        return ",".join(nodes + [""] * empty)

    assert client_address("10.0.0.1", chain(MAX_HOPS - 1), header, TRUSTED) == "198.51.100.7"
    assert client_address("10.0.0.1", chain(MAX_HOPS), header, TRUSTED) == ""
    assert client_address("10.0.0.1", chain(0, empty=MAX_HOPS), header, TRUSTED) == ""


@pytest.mark.parametrize(
    ("address", "group"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("", "unknown"),
    ],
)
def test_use_is_counted_by_subscriber(address: str, group: str) -> None:
    """IPv6 counts by /64, IPv4 by address, and all that is unknown as one."""
    assert rate_group(address) == group


def test_networks_of_mapped_addresses_are_ipv4() -> None:
    """`::ffff:10.0.0.0/104` trusts the peers 10.0.0.0/8, which is how they are compared."""
    assert plain_network(ip_network("::ffff:10.0.0.0/104")) == ip_network("10.0.0.0/8")
    for text in ("10.0.0.0/8", "fd00::/8", "::/0"):
        assert plain_network(ip_network(text)) == ip_network(text)


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)), st.integers(0, 65535), st.text(max_size=60))
def test_whatever_the_client_writes_the_proxy_is_heard(client: object, port: int, claim: str) -> None:
    """Text left of what the nearest proxy wrote changes nothing of whom it names."""
    node = f"[{client}]:{port}" if ":" in str(client) else f"{client}:{port}"
    address = ip_address(str(client))
    named = str(getattr(address, "ipv4_mapped", None) or address)
    trusted = [ip_network("100.64.0.1/32")]
    if named == "100.64.0.1":
        return
    assert client_address("100.64.0.1", f"{claim},{node}", XFF, trusted) == named
    assert client_address("100.64.0.1", f'{claim},for="{node}";proto=https', FORWARDED, trusted) == named


@given(
    st.text(alphabet='0123456789abcdf.:[]%",;\\=for _-un', max_size=200),
    st.sampled_from(ForwardedHeader),
    st.sampled_from(["127.0.0.1", "10.0.0.1", "203.0.113.9", "::1", ""]),
)
def test_any_header_gives_an_address_or_nothing(text: str, header: ForwardedHeader, peer: str) -> None:
    """No text raises, and what comes out is a plain address, or empty."""
    found = client_address(peer, text, header, TRUSTED)
    assert found == "" or str(read_node(found)) == found


@pytest.mark.parametrize(
    "unit",
    ['"', "\\", ",", ";", "[", "1.", ":", '\\"', 'for="', "for=1,", ' "', "%", ", ", "=", "10.0.0.1,", "for=10.0.0.1,"],
)
def test_time_grows_no_faster_than_the_header(unit: str) -> None:
    """Sixteen times the text takes at most 40 times the processor time; a square would take 256 times."""

    def seconds(size: int) -> float:
        text = unit * (size // len(unit))
        best = float("inf")
        for _ in range(3):
            began = time.process_time()
            for header in ForwardedHeader:
                client_address("10.0.0.1", text, header, TRUSTED)
            best = min(best, time.process_time() - began)
        return best

    # A floor for what is too quick to be measured.
    assert seconds(64_000) <= 40 * max(seconds(4_000), 0.0002)
