"""`python -m tests.compiled.outputs`: one line of digest for each case, of all that the enforcer makes of it.

Two builds that print the same lines enforce alike: what passes byte for byte, reasons, counts and state.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from processors.privacy.compiled import is_compiled
from processors.privacy.enforce import Verdict, enforce
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.packing import pack_base
from processors.privacy.page import PageLoad
from processors.privacy.policy import compile_policy
from processors.privacy.scene import Scene
from schemas.event_line import event_line
from schemas.policy import BALANCED, OPEN, STRICT
from schemas.project import parse_policy
from tests.oracle import recordings
from tests.unit.processors.privacy.damage import damage
from tests.unit.processors.privacy.story import story

_SELECTING = parse_policy(
    """
    preset: balanced
    block: {selectors: ["div p > [class]", "img:not([alt])", "li"]}
    mask: {selectors: ["[data-name]", "body > * > *"]}
    """
)
_POLICIES = {"strict": STRICT, "balanced": BALANCED, "open": OPEN, "selecting": _SELECTING}
# Of each recording: the first whole, the others broken.
_SEEDS = range(6)
# A large recording broken in a thousand places is little but degraded.
_DAMAGED_BYTES = 100_000


def main() -> None:
    """First whether the enforcer is compiled, then the digests."""
    print(is_compiled())
    for name, lines in _cases():
        for policy_name, rules in _POLICIES.items():
            print(f"{name} policy {policy_name}: {_digest(lines, Scene(Mirror(512), compile_policy(rules), Limits()))}")


def _cases() -> Iterator[tuple[str, list[bytes]]]:
    sources: dict[str, list[Any]] = {"story": story()}
    sources |= {name: recordings.load(name) for name in recordings.found()}
    for name, events in sources.items():
        small = sum(map(len, map(orjson.dumps, events))) <= _DAMAGED_BYTES
        for seed in _SEEDS if small else _SEEDS[:1]:
            chance = random.Random(seed)
            yield f"{name} seed {seed}", [orjson.dumps(damage(event, chance) if seed else event) for event in events]


def _digest(lines: Iterable[bytes], scene: Scene) -> str:
    page = PageLoad(scene.mirror)
    digest = hashlib.sha256()
    for line in lines:
        digest.update(_told(enforce(orjson.loads(line), page, scene)))
        digest.update(f"{page.phase} {scene.masked} {scene.blocked}".encode())
        digest.update(pack_base(page.mirror))
    return digest.hexdigest()


def _told(verdict: Verdict) -> bytes:
    passed = [each and event_line(each.event) for each in (verdict.orphan, verdict.meta)]
    return repr((verdict.dropped, *passed, verdict.event and event_line(verdict.event))).encode()


if __name__ == "__main__":
    main()
