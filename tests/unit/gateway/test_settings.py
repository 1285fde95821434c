from __future__ import annotations

import os

import pytest

from gateway.producer import producer_config
from gateway.settings import GatewaySettings
from schemas.topics import RAW
from service.environment import ClusterSettings, SettingsError, load


def test_trusted_proxies_are_a_comma_separated_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks of both families are read from one variable."""
    monkeypatch.setenv("REELSTREAM_GATEWAY_TRUSTED_PROXIES", "10.0.0.0/8, fd00::/8")
    _, settings = load("gateway", GatewaySettings, os.environ)
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]


@pytest.mark.parametrize(
    ("value", "expected"),
    [("Forwarded", "forwarded"), (" X-Forwarded-For ", "x-forwarded-for"), (None, "x-forwarded-for")],
)
def test_one_header_is_chosen(monkeypatch: pytest.MonkeyPatch, value: str | None, expected: str) -> None:
    """The believed header is named in any case; X-Forwarded-For is the default. Mapped networks count as IPv4."""
    if value is not None:
        monkeypatch.setenv("REELSTREAM_GATEWAY_FORWARDED_HEADER", value)
    monkeypatch.setenv("REELSTREAM_GATEWAY_TRUSTED_PROXIES", "::ffff:10.0.0.0/104")
    _, settings = load("gateway", GatewaySettings, os.environ)
    assert settings.forwarded_header.value == expected
    assert [str(network) for network in settings.trusted_proxies] == ["10.0.0.0/8"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REELSTREAM_GATEWAY_TRUSTED_PROXIES", "everyone"),
        ("REELSTREAM_GATEWAY_GRACEFUL_TIMEOUT_SECONDS", "20"),
        ("REELSTREAM_GATEWAY_PORT", "0"),
        ("REELSTREAM_GATEWAY_NO_SUCH", "1"),
        ("REELSTREAM_GATEWAY_FORWARDED_HEADER", "x-real-ip"),
        ("REELSTREAM_GATEWAY_PATH_PREFIX", "rs/"),
    ],
)
def test_settings_that_cannot_work_are_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """An illegal value, an unknown name, or a grace too short for an admitted request stops the start."""
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match="REELSTREAM_GATEWAY"):
        load("gateway", GatewaySettings, os.environ)


def test_producer_keeps_the_promise_of_a_202() -> None:
    """The producer waits for all replicas, never repeats or reorders, and finds the partition other stages find."""
    config = producer_config(ClusterSettings(), GatewaySettings())
    assert config["acks"] == "all"
    assert config["enable.idempotence"] is True
    assert config["partitioner"] == "murmur2_random"
    assert config["message.max.bytes"] == RAW.max_bytes
    assert config["message.timeout.ms"] == 10_000
