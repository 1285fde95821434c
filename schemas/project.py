"""The project file: who may send, what is sampled, how long it is kept, which privacy policy applies.

Shape (YAML): `projects: {<name>: Project}`. Unknown keys, duplicate write keys and illegal values are errors that
name the line. Parsing only; `service.projects` reads the file and follows its changes.
"""

from __future__ import annotations

import hashlib
from functools import cached_property
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from schemas.identity import is_project

MIB = 1024 * 1024
WriteKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{4,128}$")]
TokenHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Origin = Annotated[str, StringConstraints(pattern=r"^(\*|https?://[A-Za-z0-9.\-]+(:\d{1,5})?)$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Strict):
    """Bounds at the gateway, per gateway process."""

    body_bytes: int = Field(default=20 * MIB, ge=1024, le=20 * MIB, description="Largest body as sent, in bytes.")
    session_bytes_per_second: int = Field(
        default=2 * MIB, ge=1024, description="Bytes a second one session may send, averaged."
    )
    session_burst_bytes: int = Field(default=64 * MIB, ge=1024, description="Bytes one session may send at once.")


class Project(_Strict):
    """One site or app that records."""

    write_keys: tuple[WriteKey, ...] = Field(min_length=1, description="Public keys in the recorder's URL.")
    read_token_sha256: tuple[TokenHash, ...] = Field((), description="SHA-256 (hex) of tokens that may read.")
    origins: tuple[Origin, ...] = Field((), description="Origins browsers may send from; '*' is any.")
    require_origin: bool = Field(False, description="Refuse requests without an Origin header.")
    loopback_only: bool = Field(False, description="Accept this project's keys and tokens from this machine only.")
    recording: bool = Field(True, description="False refuses new payloads with 403 recording_disabled.")
    sampling_percent: float = Field(100.0, ge=0, le=100, description="Share of sessions kept, in percent.")
    retention_days: int = Field(30, ge=1, le=3650, description="Days a session is kept after it started.")
    visitor_hash: bool = Field(False, description="Store a keyed hash of the client address.")
    limits: Limits = Limits()


class Projects(_Strict):
    """The whole file."""

    projects: dict[str, Project] = Field(min_length=1)

    def by_write_key(self, key: str) -> str | None:
        """Name of the project a write key belongs to. Write keys are public: they name, they do not protect."""
        return self._names_by_key.get(key)

    def by_read_token(self, token: str) -> str | None:
        """Name of the project a read token opens.

        Only hashes are compared, so the time of the comparison tells nothing of the token.
        """
        digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()
        for name, project in self.projects.items():
            if digest in project.read_token_sha256:
                return name
        return None

    @cached_property
    def _names_by_key(self) -> dict[str, str]:
        return {key: name for name, project in self.projects.items() for key in project.write_keys}


class ProjectFileError(ValueError):
    """The project file cannot be used; the message says where and why, in one line."""


def parse_projects(text: str) -> Projects:
    """Projects of a YAML document; ProjectFileError names the line of what is wrong."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise ProjectFileError(f"{place}not YAML: {getattr(error, 'problem', None) or 'syntax'}") from None
    try:
        projects = Projects.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        line = _line_of(root, first["loc"])
        where = ".".join(str(part) for part in first["loc"])
        raise ProjectFileError(f"line {line}: {where}: {first['msg']}") from None
    seen: dict[str, str] = {}
    for name, project in projects.projects.items():
        if not is_project(name):
            line = _line_of(root, ("projects", name))
            raise ProjectFileError(f"line {line}: project names are lower-case letters, digits, '-' and '_'")
        for key in project.write_keys:
            if key in seen:
                line = _line_of(root, ("projects", name, "write_keys"))
                raise ProjectFileError(f"line {line}: a write key of {name} also belongs to {seen[key]}")
            seen[key] = name
    return projects


def _line_of(node: Any, path: tuple[int | str, ...]) -> int:
    line = 1
    for part in path:
        if node is None:
            break
        line = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    line, node = key.start_mark.line + 1, value
                    break
            else:
                break
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line + 1
        else:
            break
    return line
