from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateway.errors import Code
from schemas.headers import REQUIRED
from schemas.identity import payload_id
from schemas.topics import RAW
from tests.unit.gateway.conftest import PAGE, SESSION, WINDOW, Setup, path

QUERY = {"page": PAGE, "seq": "0"}


def test_accepted_payload_is_in_the_log_untouched_and_answered_with_its_id(setup: Setup) -> None:
    """202 carries the payload's id; the record has the session's key, every required header and the same bytes."""
    result = setup.post(
        path(session=SESSION.upper(), window=WINDOW.upper()),
        body=b"\x1f\x8b not opened",
        params={"page": PAGE.upper(), "seq": "7", "t": "1767225600123", "kf": "1", "enc": "gzip"},
        headers={"User-Agent": "Agent é" + "x" * 600, "Sec-GPC": "1", "DNT": "1", "Origin": "https://shop.example"},
    )
    assert result.status_code == 202
    assert result.json == {"id": payload_id("shop", SESSION, WINDOW, PAGE, 7)}
    (record,) = setup.log.records
    headers = dict(record.headers)
    assert record.key == f"shop:{SESSION}"
    assert record.value == b"\x1f\x8b not opened"
    assert headers.keys() >= REQUIRED[RAW.name]
    assert headers.pop("rs-ua").startswith(b"Agent ")
    assert headers == {
        "rs-project": b"shop",
        "rs-window": WINDOW.encode(),
        "rs-page": PAGE.encode(),
        "rs-seq": b"7",
        "rs-enc": b"gzip",
        "rs-ip": b"203.0.113.9",
        "rs-sent": b"1767225600123",
        "rs-kf": b"1",
        "rs-gpc": b"1",
        "rs-dnt": b"1",
    }
    user_agent = dict(record.headers)["rs-ua"]
    assert len(user_agent) == 512
    assert user_agent.isascii()
    assert setup.count(202, "") == 1


REFUSALS: list[tuple[Code, int, dict[str, Any]]] = [
    (Code.MALFORMED_PATH, 400, {"target": path(session="not-a-uuid")}),
    (Code.MALFORMED_PATH, 400, {"target": path(window="018f3c2a")}),
    (Code.MALFORMED_QUERY, 400, {"params": {"seq": "0"}}),
    (Code.MALFORMED_QUERY, 400, {"params": {"page": "x", "seq": "0"}}),
    (Code.MALFORMED_QUERY, 400, {"params": {"page": PAGE}}),
    (Code.MALFORMED_QUERY, 400, {"params": QUERY | {"seq": "-1"}}),
    (Code.MALFORMED_QUERY, 400, {"params": QUERY | {"seq": "1000001"}}),
    (Code.MALFORMED_QUERY, 400, {"params": QUERY | {"seq": "٣"}}),
    (Code.MALFORMED_QUERY, 400, {"params": QUERY | {"seq": ["0", "1"]}}),
    (Code.MALFORMED_QUERY, 400, {"params": QUERY | {"t": "yesterday"}}),
    (Code.MALFORMED_QUERY, 400, {"params": QUERY | {"kf": "yes"}}),
    (Code.EMPTY_BODY, 400, {"body": b""}),
    (Code.UNKNOWN_KEY, 401, {"target": path(key="nobody")}),
    (Code.UNKNOWN_KEY, 401, {"target": path(key="local-key")}),
    (Code.ORIGIN_NOT_ALLOWED, 403, {"headers": {"Origin": "https://shop.example.evil"}}),
    (Code.ORIGIN_NOT_ALLOWED, 403, {"headers": {"Origin": "null"}}),
    (Code.ORIGIN_NOT_ALLOWED, 403, {"target": path(key="strict-key")}),
    (Code.RECORDING_DISABLED, 403, {"target": path(key="paused-key")}),
    (Code.BODY_TOO_LARGE, 413, {"body": b"x" * 4097}),
    (Code.UNSUPPORTED_ENCODING, 415, {"params": QUERY | {"enc": "lzma"}}),
    (Code.UNSUPPORTED_ENCODING, 415, {"headers": {"Content-Encoding": "gzip, br"}}),
    (Code.UNSUPPORTED_ENCODING, 415, {"headers": {"Content-Encoding": "gzip"}, "params": QUERY | {"enc": "br"}}),
]


@pytest.mark.parametrize(("code", "status", "request_"), REFUSALS)
def test_refusal_has_its_status_its_code_and_leaves_nothing(
    setup: Setup, code: Code, status: int, request_: dict[str, Any]
) -> None:
    """Each refusal of the contract answers its status and JSON body, is counted, and appends no record."""
    result = setup.post(**request_)
    assert (result.status_code, result.json["error"]) == (status, code)
    assert result.json["detail"].endswith(".")
    assert result.json.keys() == {"error", "detail"}
    assert setup.log.records == []
    assert setup.count(status, code) == 1


def test_too_large_names_the_limit(setup: Setup) -> None:
    """The detail of a 413 says how many bytes are allowed, so that the client can split."""
    assert "4096 bytes" in setup.post(body=b"x" * 4097).json["detail"]


@pytest.mark.parametrize(
    ("header", "parameter", "stamped"),
    [
        ("gzip", "", b"gzip"),
        ("", "zstd", b"zstd"),
        ("", "deflate", b"deflate"),
        ("BR", "br", b"br"),
        ("x-gzip", "", b"gzip"),
        ("X-GZip", "gzip", b"gzip"),
        ("gzip, identity", "", b"gzip"),
        ("identity,, zstd", "", b"zstd"),
        ("", "x-deflate", b"deflate"),
        ("identity, identity", "", b""),
        ("identity", "", b""),
        ("", "none", b""),
        ("", "", b""),
    ],
)
def test_encoding_is_what_header_or_parameter_says(setup: Setup, header: str, parameter: str, stamped: bytes) -> None:
    """The declared encoding is stamped, from either place, and no encoding is the empty text."""
    params = QUERY | ({"enc": parameter} if parameter else {})
    assert setup.post(params=params, headers={"Content-Encoding": header} if header else {}).status_code == 202
    assert dict(setup.log.records[0].headers)["rs-enc"] == stamped


def test_absent_signals_are_absent_headers(setup: Setup) -> None:
    """Without consent signals, client time or keyframe mark, the record carries none of their headers."""
    setup.post()
    assert {"rs-gpc", "rs-dnt", "rs-sent", "rs-kf"}.isdisjoint(dict(setup.log.records[0].headers))


@pytest.mark.parametrize(
    ("code", "seconds"), [(Code.BROKER_UNAVAILABLE, "5"), (Code.OVERLOADED, "2"), (Code.DRAINING, "1")]
)
def test_trouble_known_beforehand_refuses_with_retry_after(setup: Setup, code: Code, seconds: str) -> None:
    """While the log is in trouble or the gateway drains, a payload is refused with 503 and a time to come back."""
    setup.log.known_trouble = code
    result = setup.post()
    assert (result.status_code, result.json["error"], result.headers["Retry-After"]) == (503, code, seconds)


@pytest.mark.parametrize(("code", "status"), [(Code.BROKER_UNAVAILABLE, 503), (Code.BODY_TOO_LARGE, 413)])
def test_failed_append_is_never_a_202(setup: Setup, code: Code, status: int) -> None:
    """What the log does not acknowledge is refused with the log's reason."""
    setup.log.refuse = code
    assert (setup.post().status_code, setup.log.records) == (status, [])


def test_session_over_its_rate_waits(setup: Setup) -> None:
    """After the burst of 8 192 bytes at 1 024 a second, the session is refused with the seconds until it may send."""
    assert setup.post(body=b"x" * 4096).status_code == 202
    assert setup.post(body=b"x" * 4096).status_code == 202
    result = setup.post(body=b"x" * 4096)
    assert (result.status_code, result.json["error"], result.headers["Retry-After"]) == (429, "rate_limited", "4")
    assert setup.post(path(session=WINDOW), body=b"x" * 4096).status_code == 202


def test_bytes_over_the_process_bound_are_refused(setup_with: Callable[..., Setup]) -> None:
    """A body that the process has no room for is refused as overloaded, and its room is free again afterwards."""
    setup = setup_with(inflight_bytes=1024 * 1024)
    result = setup.post(path(key="any-key"), body=b"x" * (1024 * 1024 + 1))
    assert (result.status_code, result.json["error"]) == (503, "overloaded")
    assert setup.metrics.registry.get_sample_value("reelstream_gateway_inflight_bytes") == 0
    assert setup.metrics.registry.get_sample_value("reelstream_gateway_inflight_requests") == 0
    assert setup.post(path(key="any-key"), body=b"x" * (1024 * 1024)).status_code == 202


def test_forwarded_address_is_stamped_only_from_a_trusted_proxy(setup_with: Callable[..., Setup]) -> None:
    """X-Forwarded-For is believed from the configured networks and ignored from anyone else."""
    setup = setup_with(trusted_proxies="10.0.0.0/8")
    forwarded = {"X-Forwarded-For": "198.51.100.7"}
    setup.post(headers=forwarded, remote_addr="10.1.2.3")
    setup.post(headers=forwarded, remote_addr="203.0.113.9")
    assert [dict(record.headers)["rs-ip"] for record in setup.log.records] == [b"198.51.100.7", b"203.0.113.9"]


@pytest.mark.parametrize(("believed", "address"), [("x-forwarded-for", b"198.51.100.7"), ("Forwarded", b"2001:db8::7")])
def test_one_header_is_believed(setup_with: Callable[..., Setup], believed: str, address: bytes) -> None:
    """The setting says which header names the client; the other is ignored, and ports are no part of an address."""
    setup = setup_with(trusted_proxies="10.0.0.0/8", forwarded_header=believed)
    headers = {"X-Forwarded-For": "198.51.100.7:51234", "Forwarded": 'for="[2001:db8::7]:443";proto=https'}
    setup.post(headers=headers, remote_addr="10.1.2.3")
    assert dict(setup.log.records[0].headers)["rs-ip"] == address


@pytest.mark.parametrize("named", ["unknown", "_hidden", "", None])
def test_a_client_the_proxy_does_not_name_has_no_address(setup_with: Callable[..., Setup], named: str | None) -> None:
    """What a trusted proxy leaves unsaid is not filled in with its own address."""
    setup = setup_with(trusted_proxies="10.0.0.0/8")
    headers = {} if named is None else {"X-Forwarded-For": named}
    assert setup.post(headers=headers, remote_addr="10.1.2.3").status_code == 202
    assert dict(setup.log.records[0].headers).get("rs-ip", b"") == b""


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_loopback_project_takes_this_machine(setup: Setup, peer: str) -> None:
    """A loopback-only project accepts every loopback peer."""
    assert setup.post(path(key="local-key"), remote_addr=peer).status_code == 202


@pytest.mark.parametrize("named", ["203.0.113.9", "127.0.0.1:80", "[::1]:443", "unknown", "", "127.0.0.1", None])
@pytest.mark.parametrize("trusted", ["127.0.0.0/8", ""])
def test_loopback_project_is_not_there_through_a_proxy(
    setup_with: Callable[..., Setup], named: str | None, trusted: str
) -> None:
    """A proxy on this machine opens a loopback-only project to nobody, whatever it says, believed or not."""
    setup = setup_with(trusted_proxies=trusted)
    headers = {} if named is None else {"X-Forwarded-For": named}
    expected = 202 if named is None and not trusted else 401
    assert setup.post(path(key="local-key"), remote_addr="127.0.0.1", headers=headers).status_code == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"host": "rebound.example"},
        {"headers": {"Forwarded": "for=127.0.0.1"}},
        {"headers": {"X-Real-IP": "127.0.0.1"}},
        {"headers": {"Via": "1.1 x"}},
    ],
)
def test_loopback_project_needs_a_direct_request_to_a_local_name(setup: Setup, changes: dict[str, Any]) -> None:
    """A foreign host name, or any header that a proxy writes, closes a loopback-only project."""
    assert setup.post(path(key="local-key"), remote_addr="127.0.0.1", **changes).status_code == 401


def test_changed_projects_apply_to_the_next_request(setup: Setup) -> None:
    """The project file is asked on every request, so a change needs no restart."""
    paused = setup.projects.projects["shop"].model_copy(update={"recording": False})
    setup.projects = setup.projects.model_copy(update={"projects": {"shop": paused}})
    assert setup.post().json["error"] == "recording_disabled"


@pytest.mark.parametrize(
    ("method", "target", "status", "code"),
    [
        ("GET", "/", 404, "not_found"),
        ("GET", "/metrics", 404, "not_found"),
        ("GET", "/readyz", 404, "not_found"),
        ("GET", path(), 405, "method_not_allowed"),
        ("POST", "/session", 404, "not_found"),
    ],
)
def test_nothing_else_is_there(setup: Setup, method: str, target: str, status: int, code: str) -> None:
    """Other paths and methods of the public port answer in the same form, the probes not being among them."""
    result = setup.client.simulate_request(method, target)
    assert (result.status_code, result.json["error"]) == (status, code)


@pytest.mark.parametrize(
    ("prefix", "target", "status"),
    [
        ("/rs", "/rs" + path(), 202),
        ("/a/b", "/a/b" + path(), 202),
        # A proxy that takes the path away, and probes that never had it.
        ("/rs", path(), 202),
        ("/rs", "/rsx" + path(), 404),
        ("/rs", "/rs/rs" + path(), 404),
        ("/rs", "/rs", 404),
        ("", "/rs" + path(), 404),
    ],
)
def test_a_gateway_below_a_path(setup_with: Callable[..., Setup], prefix: str, target: str, status: int) -> None:
    """Routes are found with and without the path the settings name, and below no other."""
    assert setup_with(path_prefix=prefix).post(target).status_code == status


def test_a_bug_answers_500_and_tells_nothing(setup: Setup, caplog: pytest.LogCaptureFixture) -> None:
    """An unexpected exception is a 500 whose body and log hold no text of the exception."""

    async def broken(record: object) -> None:
        raise ValueError("the secret in the payload")

    setup.log.append = broken  # type: ignore[method-assign]
    result = setup.post()
    assert (result.status_code, result.json["error"]) == (500, "internal_error")
    assert "secret" not in result.text + caplog.text


def test_sizes_and_routes_are_counted_without_anything_of_the_client(setup: Setup) -> None:
    """The metrics name the route's template and no key, session, address or query."""
    setup.post()
    text = setup.probe("/metrics").text
    assert "reelstream_gateway_body_bytes_count 1.0" in text
    for secret in ("shop-key", SESSION, WINDOW, PAGE, "203.0.113.9"):
        assert secret not in text
