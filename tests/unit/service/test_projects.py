"""The project file is followed while the process runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

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


def test_what_a_policy_keeps_is_said_at_load(tmp_path: Path) -> None:
    """`open` and single switches say what they record although a person typed it; a policy is told once."""
    path = tmp_path / "projects.yaml"
    path.write_text(
        "projects: {one: {write_keys: [abcd], policy: open}, two: {write_keys: [efgh]}, "
        "three: {write_keys: [ijkl], policy: {canvas: keep}}}"
    )
    clock = Clock()
    with capture_logs() as entries:
        file = ProjectsFile(path, clock)
    told = {entry["project"]: entry["keeps"] for entry in entries if entry["event"] == "policy_keeps"}
    assert list(told) == ["one", "three"]
    assert len(told["one"]) == 4
    assert "Global Privacy Control is not obeyed." in told["one"]
    assert told["three"] == ["What is drawn on canvases is kept: pixels cannot be masked, though fields are."]
    path.write_text(path.read_text().replace("{canvas: keep}", "{consent: {gpc: ignore}}"))
    clock.now += CHECK_SECONDS
    with capture_logs() as entries:
        file.current()
    assert [entry["project"] for entry in entries if entry["event"] == "policy_keeps"] == ["three"]


def test_pictures_beside_masked_fields_are_said_at_load(tmp_path: Path) -> None:
    """A switch that records pixels under a policy that masks what people type; `strict` drops pictures anyway."""
    path = tmp_path / "projects.yaml"
    path.write_text(
        "projects: {one: {write_keys: [abcd], capture: {pictures: true}}, "
        "two: {write_keys: [efgh], policy: strict, capture: {pictures: true, canvas: true}}}"
    )
    clock = Clock()
    with capture_logs() as entries:
        file = ProjectsFile(path, clock)
    told = {entry["project"]: entry["keeps"] for entry in entries if entry["event"] == "policy_keeps"}
    assert told == {"one": ["Pictures are taken where a page asks for it: pixels cannot be masked, though fields are."]}
    path.write_text(
        path.read_text().replace("abcd]", "abcd], retention_days: 3").replace("policy: strict", "policy: open")
    )
    clock.now += CHECK_SECONDS
    with capture_logs() as entries:
        file.current()
    assert [entry["project"] for entry in entries if entry["event"] == "policy_keeps"] == ["two"]
