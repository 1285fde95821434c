"""The project file: who may send, what is sampled, how long it is kept, which privacy policy applies.

Shape (YAML): `projects: {<name>: Project}`. Unknown keys, duplicate write keys and illegal values are errors that
name the line. Parsing only; `service.projects` reads the file and follows its changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import cached_property
from typing import Annotated, Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError, model_validator

from schemas.identity import is_project
from schemas.policy import BALANCED, Policy, PolicyChoice

MIB = 1024 * 1024
GIB = 1024 * MIB
# Longest that a session waits for its sampling rules.
HOLD_SECONDS = 120
WriteKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{4,128}$")]
TokenHash = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
# Matched with `fnmatch` over the whole address.
UrlPattern = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
Origin = Annotated[str, StringConstraints(pattern=r"^(\*|https?://[A-Za-z0-9.\-]+(:\d{1,5})?)$")]
_Parsed = TypeVar("_Parsed")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Limits(_Strict):
    """Bounds at the gateway, per gateway process; over one of them the answer is 429 `rate_limited`.

    A body counts with its bytes as sent; for addresses, keys and the project with 1 KiB more for the record it makes.
    """

    body_bytes: int = Field(default=20 * MIB, ge=1024, le=20 * MIB, description="Largest body as sent, in bytes.")
    session_bytes_per_second: int = Field(
        default=2 * MIB, ge=1024, description="Bytes a second one session may send, averaged."
    )
    session_burst_bytes: int = Field(default=64 * MIB, ge=1024, description="Bytes one session may send at once.")
    address_bytes_per_second: int = Field(
        default=8 * MIB, ge=1024, description="Bytes a second one address (IPv6: one /64) may send, averaged."
    )
    address_burst_bytes: int = Field(default=256 * MIB, ge=1024, description="Bytes one address may send at once.")
    address_bytes_per_day: int = Field(
        default=32 * GIB, ge=1024, description="Bytes one address may send in one UTC day."
    )
    key_bytes_per_second: int = Field(
        default=16 * MIB, ge=1024, description="Bytes a second one write key may send, averaged."
    )
    key_burst_bytes: int = Field(default=256 * MIB, ge=1024, description="Bytes one write key may send at once.")
    key_bytes_per_day: int = Field(
        default=128 * GIB, ge=1024, description="Bytes one write key may send in one UTC day."
    )
    project_bytes_per_second: int = Field(
        default=32 * MIB, ge=1024, description="Bytes a second all keys of the project may send, averaged."
    )
    project_burst_bytes: int = Field(
        default=512 * MIB, ge=1024, description="Bytes all keys of the project may send at once."
    )
    project_bytes_per_day: int = Field(
        default=256 * GIB, ge=1024, description="Bytes all keys of the project may send in one UTC day."
    )
    address_new_sessions_per_minute: float = Field(
        default=300, gt=0, description="Sessions a minute one address may begin, averaged."
    )
    address_new_sessions_burst: int = Field(default=3000, ge=1, description="Sessions one address may begin at once.")
    key_new_sessions_per_minute: float = Field(
        default=3000, gt=0, description="Sessions a minute one write key may begin, averaged."
    )
    key_new_sessions_burst: int = Field(default=30_000, ge=1, description="Sessions one write key may begin at once.")


class Sampling(_Strict):
    """Which sessions are kept: those that pass every rule given, decided once for the whole session.

    Rules that need more than the first payload hold what was redacted until all rules are decided, at most
    HOLD_SECONDS; what is undecided then has not passed. Addresses are compared as they are stored, after the
    policy; `*` stands for any text.
    """

    percent: float | None = Field(None, ge=0, le=100, description="The same as `sampling_percent`: give only one.")
    include_urls: tuple[UrlPattern, ...] = Field((), max_length=64, description="One of these pages is visited.")
    exclude_urls: tuple[UrlPattern, ...] = Field(
        (), max_length=64, description="The first page, and any other visited before the decision, is none of these."
    )
    include_countries: tuple[Country, ...] = Field((), description="The visitor is in one of these countries.")
    exclude_countries: tuple[Country, ...] = Field((), description="The visitor is in none of these countries.")
    users: tuple[str, ...] = Field(
        (), max_length=10_000, description="The page identifies one of these users, by name or by keyed hash."
    )
    minimum_seconds: float = Field(
        0, ge=0, le=HOLD_SECONDS, description="The session lasts at least this long, from first to last event."
    )
    only_with_error: bool = Field(False, description="The browser's console shows an error.")
    sessions_per_day: int | None = Field(
        None, ge=0, description="Most sessions begun on one UTC day; each partition has its share, so about this many."
    )


class Capture(_Strict):
    """What the recorder may capture beside the page, if the page asks for it too; the policy has the last word."""

    console: bool = Field(False, description="Console messages, beyond errors.")
    network: bool = Field(False, description="Requests of the page: fetch, XMLHttpRequest and what it loads.")
    canvas: bool = Field(False, description="What is drawn on canvases, as pictures; nobody can mask pixels.")
    pictures: bool = Field(False, description="Pictures of the page, as pictures; nobody can mask pixels.")


class Project(_Strict):
    """One site or app that records."""

    write_keys: tuple[WriteKey, ...] = Field(min_length=1, description="Public keys in the recorder's URL.")
    read_token_sha256: tuple[TokenHash, ...] = Field((), description="SHA-256 (hex) of tokens that may read.")
    origins: tuple[Origin, ...] = Field((), description="Origins browsers may send from; '*' is any.")
    require_origin: bool = Field(False, description="Refuse requests without an Origin header.")
    loopback_only: bool = Field(False, description="Accept this project's keys and tokens from this machine only.")
    recording: bool = Field(True, description="False refuses new payloads with 403 recording_disabled.")
    sampling_percent: float = Field(100.0, ge=0, le=100, description="Share of sessions kept, in percent.")
    sampling: Sampling = Field(Sampling(), description="Rules about which sessions are kept, beyond a share.")
    retention_days: int = Field(30, ge=1, le=3650, description="Days a session is kept after it started.")
    limits: Limits = Limits()
    capture: Capture = Field(Capture(), description="What the recorder may capture beside the page.")
    policy: PolicyChoice = Field(BALANCED, description="Privacy policy: a preset's name, or what differs from one.")

    @model_validator(mode="after")
    def _one_percentage(self) -> Project:
        if self.sampling.percent is not None and "sampling_percent" in self.model_fields_set:
            raise ValueError("give sampling_percent or sampling.percent, not both")
        return self

    @property
    def percent(self) -> float:
        """Share of sessions kept, in percent, wherever it is written."""
        return self.sampling_percent if self.sampling.percent is None else self.sampling.percent

    def concessions(self) -> list[str]:
        """What is recorded although a person typed or drew it, or asked not to be; and what cannot be masked."""
        inputs, found = self.policy.inputs, self.policy.concessions()
        if self.capture.pictures and not self.policy.text.mask_all:
            taken = "Pictures are taken where a page asks for it"
            typed = inputs.mask_all or inputs.mask_typed
            found.append(f"{taken}: pixels cannot be masked, though fields are." if typed else f"{taken}.")
        return found


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
    projects, root = _parsed(text, Projects.model_validate)
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


def parse_policy(text: str) -> Policy:
    """The privacy policy of a YAML document: what stands under `policy` in the project file. Errors as there."""
    adapter: TypeAdapter[Policy] = TypeAdapter(PolicyChoice)
    return _parsed(text, adapter.validate_python)[0]


def _parsed(text: str, validate: Callable[[Any], _Parsed]) -> tuple[_Parsed, Any]:
    """What a YAML document says, and its nodes, which know their lines."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"line {mark.line + 1}: " if mark else ""
        raise ProjectFileError(f"{place}not YAML: {getattr(error, 'problem', None) or 'syntax'}") from None
    try:
        return validate(data), root
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        line = _line_of(root, first["loc"])
        where = ".".join(map(str, first["loc"])) or "document"
        raise ProjectFileError(f"line {line}: {where}: {first['msg'].removeprefix('Value error, ')}") from None


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
