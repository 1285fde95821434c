"""Settings: strict about names, silent about secrets."""

from __future__ import annotations

import os

import pytest
from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from service.environment import SettingsError, describe, load, role_config


class SplitTestSettings(BaseSettings):
    """Settings of a role, for these tests."""

    model_config = role_config("split")

    size: int = Field(1, ge=1)
    token: SecretStr = SecretStr("")


def test_shared_and_own_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shared names have no role in them, a role's own do, other roles' are left alone."""
    monkeypatch.setenv("REELSTREAM_BROKERS", "kafka:9092")
    monkeypatch.setenv("REELSTREAM_SPLIT_SIZE", "7")
    monkeypatch.setenv("REELSTREAM_GATEWAY_PORT", "1")
    cluster, own = load("split", SplitTestSettings, os.environ)
    assert (cluster.brokers, own.size) == ("kafka:9092", 7)


@pytest.mark.parametrize("name", ["REELSTREAM_BROKER", "REELSTREAM_SPLIT_SIZES", "REELSTREAM_SPLITSIZE"])
def test_an_unknown_name_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A typo in a variable's name stops the start and is named."""
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError, match=name):
        load("split", SplitTestSettings, os.environ)


def test_an_illegal_value_is_named_but_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the variable; its value may be a secret in the wrong place."""
    monkeypatch.setenv("REELSTREAM_SPLIT_SIZE", "hunter2")
    with pytest.raises(SettingsError) as refusal:
        load("split", SplitTestSettings, os.environ)
    assert "REELSTREAM_SPLIT_SIZE" in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_secrets_are_hidden_in_the_start_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed at start shows every setting and no secret."""
    monkeypatch.setenv("REELSTREAM_SPLIT_TOKEN", "hunter2")
    monkeypatch.setenv("REELSTREAM_KAFKA_SASL_PASSWORD", "hunter3")
    shown = describe(*load("split", SplitTestSettings, os.environ))
    assert {"brokers", "size", "token"} <= shown.keys()
    assert "hunter" not in str(shown)
