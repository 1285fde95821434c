"""The gateway's headers are believed only when they are whole and legal."""

from __future__ import annotations

from typing import Any

import pytest

from processors.enrich.arrival import carried_headers, read_arrival
from schemas import headers as h
from tests.unit.processors.enrich.raw_records import ADDRESS, KEY, SESSION, USER_AGENT, raw


def test_a_legal_record_is_read() -> None:
    """Identity, encoding, address and user agent come from key and headers."""
    arrival = read_arrival(raw(b"", 12, enc="gzip", sent="123", gpc="1", dnt="0", kf="1"))
    assert arrival is not None
    assert (arrival.identity.key, arrival.identity.seq, arrival.encoding) == (KEY, 12, "gzip")
    assert (arrival.address, arrival.user_agent) == (ADDRESS, USER_AGENT)
    assert arrival.headers[h.SENT] == "123"
    assert arrival.headers[h.SOURCE] == "id/replay.raw.v1/3/7"


@pytest.mark.parametrize("name", [h.PROJECT, h.WINDOW, h.PAGE, h.SEQ, h.ENCODING, h.IP, h.USER_AGENT])
def test_a_missing_header_is_refused(name: str) -> None:
    """Each header the gateway must set is demanded."""
    assert read_arrival(raw(b"", drop=(name,))) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("project", "Shop"),
        ("project", "other"),
        ("window", "no-uuid"),
        ("page", "01890A5D-AC96-774B-BCCE-B302099A8059"),
        ("seq", "-1"),
        ("seq", "1.0"),
        ("seq", "9" * 19),
        ("seq", "\u0661"),
        ("enc", "compress"),
        ("sent", "yesterday"),
        ("gpc", "\ufffd"),
    ],
)
def test_an_illegal_header_is_refused(name: str, text: str) -> None:
    """Each header that goes onward must look as it should."""
    headers: dict[str, Any] = {name: text}
    assert read_arrival(raw(b"", **headers)) is None


@pytest.mark.parametrize("key", ["", "shop", f"other:{SESSION}", f"shop:{SESSION.upper()}", "shop:1", "\ufffd"])
def test_a_key_that_is_not_the_sessions_is_refused(key: str) -> None:
    """State lies under the key, so the key must be the project's own session."""
    assert read_arrival(raw(b"", key=key)) is None


def test_only_legal_headers_are_carried() -> None:
    """What describes a refused record is ASCII, legal, and never the address or the user agent."""
    carried = carried_headers(raw(b"", window="\ufffd", seq="x", unknown="y"))
    assert set(carried) == {h.PROJECT, h.PAGE, h.SOURCE}


@pytest.mark.parametrize(("said", "meant"), [("X-GZIP", "gzip"), ("gzip, identity", "gzip"), ("Identity", "")])
def test_an_encoding_has_several_names(said: str, meant: str) -> None:
    """A record of another writer may say its encoding as clients do."""
    arrival = read_arrival(raw([], enc=said))
    assert arrival is not None
    assert arrival.encoding == meant


@pytest.mark.parametrize("said", ["gzip, gzip", "gzip, br", "rar", "gzip;q=1"])
def test_an_unknown_encoding_is_a_bad_header(said: str) -> None:
    """What is not known, or applied twice, is not guessed."""
    assert read_arrival(raw([], enc=said)) is None
