"""Free space where a process writes."""

from __future__ import annotations

import shutil
from pathlib import Path


def free_bytes(directory: Path) -> int:
    """Bytes free on the disk of `directory`, which need not be there yet. OSError if nothing of its path is."""
    return shutil.disk_usage(next(path for path in (directory, *directory.absolute().parents) if path.exists())).free


def low_disk(directory: Path, least: int) -> str | None:
    """A sentence if fewer than `least` bytes are free, else None."""
    free = free_bytes(directory)
    if free >= least:
        return None
    return f"the disk where state lies has {free >> 20} MiB free, fewer than the {least >> 20} it needs"
