"""Free space where a process writes."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.local.checks import disk_state
from service.disk import free_bytes, low_disk


def test_a_directory_to_come_is_on_the_disk_of_its_parent(tmp_path: Path) -> None:
    """State directories are made by the first start."""
    free = free_bytes(tmp_path / "not" / "there")
    assert abs(free - shutil.disk_usage(tmp_path).free) < 1 << 30


def test_too_little_is_one_sentence(tmp_path: Path) -> None:
    """A probe answers with it."""
    assert low_disk(tmp_path, 1) is None
    assert "MiB free" in (low_disk(tmp_path, 1 << 62) or "")


def test_the_stack_says_how_much_is_free() -> None:
    """Below what a start needs, the status says so."""
    assert disk_state(3 << 30).startswith("OK")
    assert disk_state(1 << 30).startswith("LOW")
