"""Identity of a payload."""

from __future__ import annotations

from uuid import uuid5

import pytest

from schemas.identity import PAYLOAD_NAMESPACE, PayloadIdentity, is_uuid, payload_id, split_session_key

SESSION = "0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071"


def test_the_id_is_the_same_for_every_retry_and_differs_between_payloads() -> None:
    """The id depends on identity alone; this value is in answers already given and must not change."""
    first = PayloadIdentity("demo", SESSION, SESSION, SESSION, 0)
    assert first.id == PayloadIdentity("demo", SESSION, SESSION, SESSION, 0).id
    assert first.id == "f3214a8b-4b03-58e6-86e7-29d2f4c1ddb4"
    assert first.id != PayloadIdentity("demo", SESSION, SESSION, SESSION, 1).id


def test_the_id_is_a_uuid_of_version_5() -> None:
    """Anyone can work the id out with a UUID library."""
    for seq in range(200):
        assert payload_id("demo", SESSION, SESSION, SESSION, seq) == str(
            uuid5(PAYLOAD_NAMESPACE, f"demo/{SESSION}/{SESSION}/{SESSION}/{seq}")
        )


def test_keys_split_back_and_strangers_are_refused() -> None:
    """A session key gives back its parts; anything else is an error."""
    assert split_session_key(f"demo:{SESSION}") == ("demo", SESSION)
    for key in ("", "demo", f":{SESSION}", f"De:{SESSION}", f"demo:{SESSION.upper()}", "demo:x|y"):
        with pytest.raises(ValueError, match="not a session key"):
            split_session_key(key)


def test_uuids() -> None:
    """Lower-case RFC UUIDs only: ids are text in keys and file names."""
    assert is_uuid(SESSION)
    for text in (SESSION.upper(), SESSION[:-1], SESSION + "0", "00000000-0000-0000-0000-000000000000", SESSION + "\n"):
        assert not is_uuid(text)
