"""What the stage remembers, as state values. All of a session's is forgotten 26 h after it started.

| name                        | holds                                            | written           | size      |
|-----------------------------|--------------------------------------------------|-------------------|-----------|
| `privacy:session`           | see `session.py`; what is held: see `hold.py`    | page load changes | < 6 KiB   |
| `privacy:page:<place>`      | phase, stamp, patches, policy, seq, gap, a Meta  | every payload     | ~0.2 KiB  |
| `privacy:base:<place>`      | the mirror, see `packing.py`                     | snapshot, fold    | ~2 B/node |
| `privacy:patch:<place>:<n>` | what one payload changed in the mirror           | mirror changes    | ~5 B/node |

A place is `<window>:<page>`. The first byte of each is a version; what has another one is discarded and the page
load is degraded. `stamp` is a hash over base and patches in turn: a mirror kept in memory is used only if it carries
the same one, so a rolled-back transaction or a partition that was away cannot leave a wrong mirror behind.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from processors.privacy.cache import MirrorCache
from processors.privacy.cells import pack_cell, unpack_cell
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.packing import PackingError, apply, pack_base, pack_patch
from processors.privacy.page import Held, Origin, PageLoad, Phase
from processors.state import State

# Patches are folded into a new base when they weigh half as much as the mirror: writing it anew then costs each payload
# the same, however large the page is. To recover, all of them are read, so there is a most.
_PATCHES = 512
_FOLD_SLACK = 1024
# What a patch weighs besides its nodes.
_PATCH_NODES = 32
# Of a page load's value, as `PageStore.save` writes it.
_FIELDS = 9


@dataclass(slots=True)
class Chain:
    """The stored form of a mirror: its stamp, how many patches follow the base, how many nodes they hold."""

    stamp: str = ""
    patches: int = 0
    entries: int = 0


@dataclass(slots=True)
class Loaded:
    """A page load read from state, under the policy of this version. `outdated` is a Meta held under another policy."""

    page: PageLoad
    chain: Chain
    policy: str
    outdated: Held | None = None


class PageStore:
    """Page loads in state, and the mirrors of those last used in memory."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._cache = MirrorCache(limits.cached_nodes)

    def load(self, key: str, state: State, window: str, page: str, policy: str) -> Loaded:
        """The page load of session `key`; a new one if it was never seen. `policy` is the version in force: a mirror
        made under another one is not trusted.
        """
        place = f"{window}:{page}"
        mirror, stamp = self._cache.take((key, place))
        value = state.get(f"privacy:page:{place}")
        fields = unpack_cell(value, _FIELDS)
        if fields is None:
            first_seen = Phase.UNSEEN if value is None else Phase.DEGRADED
            return Loaded(PageLoad(Mirror(self._limits.levels), first_seen), Chain(), policy)
        phase, *chain_fields, made_under, seq, active, gap, held = fields
        chain = Chain(*chain_fields)
        if mirror is None or stamp != chain.stamp:
            mirror = self._read(state, place, chain)
        if mirror is None:
            mirror, phase = Mirror(self._limits.levels), Phase.DEGRADED
        loaded = Loaded(PageLoad(mirror, Phase(phase), _unpack_held(held), seq, active, gap), chain, policy)
        if policy != made_under:
            loaded.page.degrade()
            loaded.outdated, loaded.page.held = loaded.page.held, None
        return loaded

    def save(self, key: str, state: State, window: str, page: str, loaded: Loaded) -> None:
        """Write what changed of a page load."""
        place = f"{window}:{page}"
        chain, load = loaded.chain, loaded.page
        self._write_mirror(state, place, load.mirror, chain)
        state.set(
            f"privacy:page:{place}",
            pack_cell(
                load.phase,
                chain.stamp,
                chain.patches,
                chain.entries,
                loaded.policy,
                load.seq,
                load.active,
                load.gap,
                _pack_held(load.held),
            ),
        )
        self._cache.put((key, place), load.mirror, chain.stamp)

    def forget(self, key: str, state: State, window: str, page: str) -> Held | None:
        """Delete all of a page load; the Meta it held."""
        place = f"{window}:{page}"
        self._cache.take((key, place))
        value = state.get(f"privacy:page:{place}")
        fields = unpack_cell(value, _FIELDS)
        patches = fields[2] if fields else _PATCHES if value else 0
        for number in range(patches):
            state.delete(f"privacy:patch:{place}:{number}")
        state.delete(f"privacy:base:{place}")
        state.delete(f"privacy:page:{place}")
        return _unpack_held(fields[-1]) if fields else None

    def _read(self, state: State, place: str, chain: Chain) -> Mirror | None:
        """The mirror in state; None if it cannot be read."""
        mirror = Mirror(self._limits.levels)
        names = [f"privacy:base:{place}", *(f"privacy:patch:{place}:{number}" for number in range(chain.patches))]
        try:
            for name in names:
                value = state.get(name)
                if value is None:
                    return None
                apply(mirror, value)
        except PackingError:
            return None
        mirror.restored()
        return mirror

    def _write_mirror(self, state: State, place: str, mirror: Mirror, chain: Chain) -> None:
        if not (mirror.replaced or mirror.changed or mirror.touched):
            return
        entries = chain.entries + len(mirror.changed)
        weight = entries + _PATCH_NODES * (chain.patches + 1)
        if mirror.replaced or chain.patches >= _PATCHES or 2 * weight > len(mirror.nodes) + _FOLD_SLACK:
            value = pack_base(mirror)
            for number in range(chain.patches):
                state.delete(f"privacy:patch:{place}:{number}")
            state.set(f"privacy:base:{place}", value)
            chain.patches = chain.entries = 0
        else:
            value = pack_patch(mirror)
            state.set(f"privacy:patch:{place}:{chain.patches}", value)
            chain.patches += 1
            chain.entries = entries
        chain.stamp = hashlib.blake2b(chain.stamp.encode() + value, digest_size=16).hexdigest()
        mirror.stored()


def _pack_held(held: Held | None) -> list[Any] | None:
    return None if held is None else [held.event, dict(held.origin.headers), held.origin.received, held.alone]


def _unpack_held(fields: list[Any] | None) -> Held | None:
    if fields is None:
        return None
    event, headers, received, alone, *_ = fields
    return Held(event, Origin(headers, received), alone)
