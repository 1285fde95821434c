"""SQL files are found by name and explain themselves."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from sql.queries import checks, question

FOLDERS = ("migrations", "queries", "checks")
FILES = [(folder, path.name) for folder in FOLDERS for path in (resources.files("sql") / folder).iterdir()]


@pytest.mark.parametrize(("folder", "name"), FILES)
def test_file_says_what_it_is_for(folder: str, name: str) -> None:
    """Every SQL file begins with a comment and holds one statement."""
    text = (resources.files("sql") / folder / name).read_text()
    assert name.endswith(".sql")
    assert text.startswith("-- ")
    code = re.sub(r"--[^\n]*|'(?:[^'\\]|\\.)*'", "", text).strip()
    assert ";" not in code.rstrip(";")


def test_migrations_are_numbered_in_order_and_named_by_what_they_do() -> None:
    """Numbers run from 1 without holes, and a verb follows."""
    names = sorted(name for folder, name in FILES if folder == "migrations")
    numbers = [int(re.fullmatch(r"(\d{4})_(create|add|drop|change)_[a-z_]+\.sql", name)[1]) for name in names]  # type: ignore[index]
    assert numbers == list(range(1, len(numbers) + 1))


def test_unknown_question_is_an_error() -> None:
    """A question without a file is found when it is asked, not answered with something else."""
    with pytest.raises(FileNotFoundError):
        question("nothing_of_the_kind")


def test_checks_are_named() -> None:
    """Every check is there by name."""
    assert {"duplicate_coordinates", "totals_differ", "orphan_blocks", "incomplete_values"} == set(checks())
