"""The project file on disk, followed while the process runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import structlog

from schemas.project import ProjectFileError, Projects, parse_projects

# A change must apply within 90 s; looking at a file's status costs microseconds.
CHECK_SECONDS = 2.0

_log = structlog.get_logger(__name__)


class ProjectsFile:
    """`current()` is the latest valid content.

    A file that cannot be read or parsed when the process starts raises ProjectFileError. Later, the last valid
    content stays in force and the error is logged once per change: a typo must not stop recording.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self._path = path
        self._clock = clock
        self._stamp = self._status()
        self._projects = parse_projects(self._read())
        _tell_what_is_kept(self._projects, None)
        self._next_check = clock() + CHECK_SECONDS

    def current(self) -> Projects:
        """The projects now; looks at the file at most every CHECK_SECONDS."""
        now = self._clock()
        if now >= self._next_check:
            self._next_check = now + CHECK_SECONDS
            self._reload()
        return self._projects

    def _reload(self) -> None:
        stamp = self._status()
        if stamp == self._stamp or stamp is None:
            return
        self._stamp = stamp
        before = self._projects
        try:
            self._projects = parse_projects(self._read())
        except ProjectFileError as error:
            _log.error("projects_refused", detail=str(error))
        else:
            _log.info("projects_reloaded", projects=len(self._projects.projects))
            _tell_what_is_kept(self._projects, before)

    def _status(self) -> tuple[int, int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def _read(self) -> str:
        try:
            return self._path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ProjectFileError(f"cannot read {self._path}: {type(error).__name__}") from None


def _tell_what_is_kept(projects: Projects, before: Projects | None) -> None:
    """Log what new policies and switches record although a person typed or drew it, or asked not to be recorded."""
    for name, project in projects.projects.items():
        known = before.projects.get(name) if before else None
        kept = project.concessions()
        if known is not None and known.policy.version == project.policy.version and known.concessions() == kept:
            continue
        if kept:
            _log.warning("policy_keeps", project=name, policy=project.policy.version, keeps=kept)
