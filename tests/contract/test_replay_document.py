"""The document of the replay service and its settings agree."""

from __future__ import annotations

from pathlib import Path

from replay.guesses import UNGUESSABLE_LENGTH
from replay.settings import ReplaySettings

DOCUMENT = (Path(__file__).parents[2] / "docs" / "replay.md").read_text()


def test_bounds_are_those_of_the_settings() -> None:
    """Each row has a setting's default and description."""
    rows = [line for line in DOCUMENT.splitlines() if line.startswith("| `")]
    fields = {name.upper(): field for name, field in ReplaySettings.model_fields.items()}
    names = [row.split("`")[1] for row in rows]
    assert rows == [f"| `{name}` | {fields[name].default} | {fields[name].description} |" for name in names]
    assert len(rows) == 9


def test_length_of_tokens_is_the_one_that_counts() -> None:
    """The document says from which length a token is always looked at."""
    assert f"fewer than {UNGUESSABLE_LENGTH} characters" in DOCUMENT
