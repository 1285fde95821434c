"""The project file is followed while the process runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemas.project import ProjectFileError
from service.projects import CHECK_SECONDS, ProjectsFile


class Clock:
    """A clock that stands until moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_change_applies_and_a_mistake_does_not(tmp_path: Path) -> None:
    """A valid change is seen at the next look; a broken or missing file leaves the last valid content in force."""
    path = tmp_path / "projects.yaml"
    path.write_text("projects: {one: {write_keys: [abcd]}}")
    clock = Clock()
    file = ProjectsFile(path, clock)
    path.write_text("projects: {two: {write_keys: [abcd]}, three: {write_keys: [efgh]}}")
    assert set(file.current().projects) == {"one"}
    clock.now += CHECK_SECONDS
    assert set(file.current().projects) == {"two", "three"}
    path.write_text("projects: {broken")
    clock.now += CHECK_SECONDS
    assert set(file.current().projects) == {"two", "three"}
    path.unlink()
    clock.now += CHECK_SECONDS
    assert set(file.current().projects) == {"two", "three"}


def test_a_start_without_a_valid_file_fails(tmp_path: Path) -> None:
    """No process starts on guesses."""
    with pytest.raises(ProjectFileError):
        ProjectsFile(tmp_path / "absent.yaml")
