"""The privacy policy of a project: what is blocked, masked and left out, as data.

In the project file it is a preset's name, or a mapping with `preset` (else `balanced`) and what differs from it: a
value replaces the preset's, a list as a whole. The rules no project may do without are not in here: they always hold.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from schemas.policy_atoms import number_atoms
from schemas.policy_parts import (
    Attributes,
    Consent,
    Console,
    Custom,
    Elements,
    Inputs,
    Network,
    Part,
    Payload,
    Plugins,
    Text,
    Urls,
)
from schemas.policy_selectors import parse_selector
from schemas.policy_words import concessions, explain

PresetName = Literal["strict", "balanced", "open"]
# 48 bits of SHA-256: told apart are the few policies a project ever has.
_HASH_DIGITS = 12


class Policy(Part):
    """All rules of one project."""

    preset: PresetName = Field("balanced", description="What everything not written is taken from.")
    block: Elements = Field(
        Elements(classes=("rr-block",)), description="Elements of which only an empty box of their size is kept."
    )
    mask: Elements = Field(
        Elements(classes=("rr-mask",)), description="Elements in which text, fields and attributes become stars."
    )
    ignore: Elements = Field(
        Elements(classes=("rr-ignore",)), description="Fields whose value is masked and whose input is dropped."
    )
    inputs: Inputs = Inputs()
    text: Text = Text()
    urls: Urls = Urls()
    attributes: Attributes = Attributes()
    canvas: Literal["drop", "keep"] = Field(
        "drop", description="What is drawn on canvases; it cannot be masked in part."
    )
    console: Console = Console()
    network: Network = Network()
    custom: Custom = Custom()
    plugins: Plugins = Plugins()
    annotations: Payload = Field("keep", description="Captions and markers that the site's own code sets.")
    consent: Consent = Consent()

    @property
    def version(self) -> str:
        """The preset's name and a hash of all rules: ASCII, the same for the same rules in any order."""
        return f"{self.preset}-{hashlib.sha256(self.canonical()).hexdigest()[:_HASH_DIGITS]}"

    def canonical(self) -> bytes:
        """All rules as JSON, keys and lists sorted, ASCII."""
        return json.dumps(_sorted(self.model_dump(mode="json")), sort_keys=True, separators=(",", ":")).encode("ascii")

    def selector_lists(self) -> tuple[tuple[str, ...], ...]:
        """Selectors to block, mask, ignore, and of fields to mask, in this order."""
        return self.block.texts, self.mask.texts, self.ignore.texts, self.inputs.selectors

    def describe(self) -> list[str]:
        """What the policy does, in plain sentences."""
        return explain(self)

    def concessions(self) -> list[str]:
        """What the policy lets through although a person typed or drew it, or asked not to be recorded."""
        return concessions(self)

    @model_validator(mode="after")
    def _fits(self) -> Policy:
        number_atoms(path for texts in self.selector_lists() for text in texts for path in parse_selector(text))
        return self


BALANCED = Policy()
STRICT = Policy(
    preset="strict",
    inputs=Inputs(mask_all=True),
    text=Text(mask_all=True),
    urls=Urls(
        # Numbers, UUIDs and other hexadecimal ids, opaque tokens.
        path_segments=(*Urls().path_segments, r"\d{3,}", r"[0-9A-Fa-f-]{16,}", r"[\w=.~-]{32,}")
    ),
    attributes=Attributes(labels="mask", aria="mask", data="mask"),
    custom=Custom(others="drop"),
    annotations="drop",
    consent=Consent(dnt="drop"),
)
OPEN = Policy(
    preset="open",
    inputs=Inputs(mask_typed=False, mask_file_names=False),
    urls=Urls(
        parameters=("utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term"),
        path_segments=(),
    ),
    canvas="keep",
    console=Console(messages="keep"),
    network=Network(requests="mask"),
    custom=Custom(others="keep"),
    plugins=Plugins(others="keep"),
    consent=Consent(gpc="ignore"),
)
PRESETS: dict[str, Policy] = {policy.preset: policy for policy in (STRICT, BALANCED, OPEN)}


def _from_preset(value: Any) -> Any:
    given = {"preset": value} if isinstance(value, str) else value
    if not isinstance(given, dict):
        return given
    name = given.get("preset", "balanced")
    preset = PRESETS.get(name) if isinstance(name, str) else None
    return given if preset is None else _merged(preset.model_dump(), given)


def _merged(base: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
    merged = dict(base)
    for name, value in given.items():
        below = base.get(name)
        merged[name] = _merged(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _sorted(each) for name, each in value.items()}
    return sorted(set(value)) if isinstance(value, list) else value


# A policy as the project file gives it.
PolicyChoice = Annotated[Policy, BeforeValidator(_from_preset)]
