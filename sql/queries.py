"""Questions to ClickHouse, one per file in `sql/queries`; each file's first lines say what it answers."""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def question(name: str) -> str:
    """Text of `sql/queries/<name>.sql`; FileNotFoundError if there is none."""
    return (resources.files("sql") / "queries" / f"{name}.sql").read_text(encoding="utf-8")


@cache
def checks() -> dict[str, str]:
    """Every file of `sql/checks` by name. Each must return no rows; a row says what is wrong."""
    folder = resources.files("sql") / "checks"
    return {
        entry.name.removesuffix(".sql"): entry.read_text(encoding="utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    }
