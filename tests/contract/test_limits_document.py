"""The document of the gateway and the project file agree on every limit."""

from __future__ import annotations

from pathlib import Path

from schemas.project import Limits

DOCUMENT = (Path(__file__).parents[2] / "docs" / "gateway.md").read_text()


def test_every_limit_stands_in_the_document() -> None:
    """The table has each limit with its default and its description, and no other."""
    section = DOCUMENT.partition("\n## Limits\n")[2].partition("\n## ")[0]
    rows = [line for line in section.splitlines() if line.startswith("| `")]
    expected = [f"| `{name}` | {field.default} | {field.description} |" for name, field in Limits.model_fields.items()]
    assert rows == expected
