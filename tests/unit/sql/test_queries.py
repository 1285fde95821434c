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


@pytest.mark.parametrize(("folder", "name"), [(folder, name) for folder, name in FILES if folder != "migrations"])
def test_whoever_reads_asks_for_the_last_day(folder: str, name: str) -> None:
    """Merges delete late, so every reader leaves out what has expired; the day is UTC, nowhere the server's."""
    text = (resources.files("sql") / folder / name).read_text()
    code = re.sub(r"--[^\n]*", "", text)
    assert not re.search(r"\btoday\(|\bnow\(\)|\btoDate\(now64", code)
    reads = re.findall(r"FROM (blocks|sessions|losses)\b", code)
    # The fence of the sink asks what is stored, whether it is to be seen or not.
    if name != "stored_offsets.sql":
        assert len(re.findall(r"expires_on (?:>=|=) (?:toDate\(now\('UTC'\)\)|\{expires_on:Date\})", code)) >= len(
            reads
        ) - (name == "orphan_blocks.sql")


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
