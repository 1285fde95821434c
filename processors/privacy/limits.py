"""Bounds of what one session may make this stage hold or do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MIB: Final = 1024 * 1024
# How often a byte is looked at, about, where all rules are on.
PASSES: Final = 8
# What a step up the tree takes is what so many bytes of a style sheet take.
STEP: Final = 64


@dataclass(frozen=True, slots=True)
class Limits:
    """`nodes` and `levels` are of one page's tree, `pages` is page loads remembered per session.

    `work` bounds what is looked at for one event, in bytes: PASSES times its length, and STEP for each node that is
    asked about what stands above another, as selectors and the depth of the page want it. At most some seconds.
    `inflated` bounds one payload's JSON lines in bytes: what enrich lets through, with room for its rewriting.
    `cached_nodes` bounds what a process keeps unpacked between payloads, at about 250 bytes a node.
    """

    nodes: int = 250_000
    levels: int = 512
    pages: int = 64
    inflated: int = 96 * MIB
    cached_nodes: int = 300_000
    work: int = 256 * MIB
