"""Bounds of what one session may make this stage hold or do."""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """`nodes` and `levels` are of one page's tree, `pages` is page loads remembered per session.

    `inflated` bounds one payload's JSON lines in bytes: what enrich lets through, with room for its rewriting.
    `cached_nodes` bounds what a process keeps unpacked between payloads, at about 250 bytes a node.
    """

    nodes: int = 250_000
    levels: int = 512
    pages: int = 64
    inflated: int = 96 * MIB
    cached_nodes: int = 300_000
