"""A session's summary adds up what its blocks hold."""

from __future__ import annotations

import json

from processors.batch.totals import MAX_PAGES, MAX_URL, MAX_WINDOWS
from processors.batch.transform import BlockLimits
from schemas.summary import SessionSummary
from schemas.topics import SESSIONS
from tests.unit.processors.batch.part_records import NOON, Run, parts, payload


def flushed(run: Run) -> SessionSummary:
    """The summary once everything is written."""
    run.wait(500)
    return run.summaries[-1]


def test_totals_are_sums_over_payloads() -> None:
    """Numbers are added, times span, and what describes the session is the latest."""
    run = Run()
    run.send(
        payload(0, kf="1", sent=str(NOON - 250), user='"a"', pages='[[1000,"https://x/"]]'),
        payload(1, received=NOON + 90, sent=str(NOON), user='"b"', counts='{"clicks":4,"active_ms":7}', gap="2"),
        payload(0, window="v", ctx='{"country":"FR"}', policy="v2", gap="-1"),
    )
    assert flushed(run) == {
        "version": 1,
        "started": NOON,
        "last_received": NOON + 90,
        "first": 1000,
        "last": 1002,
        "payloads": 3,
        "blocks": 2,
        "keyframes": 1,
        "gaps": 1,
        "bytes_raw": 3 * len(b"[w,p,0,1]\n[w,p,0,2]\n"),
        "bytes_stored": sum(len(block.value) for block in run.blocks),
        "skew_ms": 250,
        "counts": dict.fromkeys(run.summaries[-1]["counts"], 0) | {"events": 6, "clicks": 6, "active_ms": 7},
        "context": {"country": "FR"},
        "user": "b",
        "windows": [
            {"window": "w", "first": 1000, "last": 1002, "playable": True},
            {"window": "v", "first": 1000, "last": 1001, "playable": False},
        ],
        "pages": [[1000, "https://x/", "w", "load"]],
        "policy": "v2",
        "captures": [],
        "clock_corrected": False,
        "rage_clicks": 0,
        "dead_clicks": 0,
        "removed": {},
    }


def test_skew_is_that_of_the_first_payload_that_says_it() -> None:
    """Payloads without a send time do not set it, later ones do not change it."""
    run = Run()
    run.send(payload(0), payload(1, sent=str(NOON + 40)), payload(2, sent=str(NOON - 999)))
    assert flushed(run)["skew_ms"] == -40


def test_a_cut_value_counts_once() -> None:
    """Parts add their bytes; payload, keyframe, events and counts are told once."""
    run = Run()
    run.send(*parts(bytes(250), 100, kf="1"))
    summary = run.summaries[-1]
    assert (summary["payloads"], summary["keyframes"], summary["blocks"], summary["bytes_stored"]) == (1, 1, 3, 250)
    assert (summary["counts"]["events"], summary["counts"]["clicks"]) == (2, 1)


def test_pages_are_folded_and_bounded() -> None:
    """The same page again is one entry; their number and length are bounded so that a summary fits its topic."""
    run = Run(BlockLimits(payloads=1))
    run.send(payload(0, pages='[[1,"/a"],[2,"/a"],[3,"/b"]]'), payload(1, pages='[[4,"/b"],[5,"/a"]]'))
    assert [tuple(page[:2]) for page in run.summaries[-1]["pages"]] == [(1, "/a"), (3, "/b"), (5, "/a")]
    for number in range(3):
        urls = [[n, f"{number}{n}" + "\x01" * 9000] for n in range(50)]
        run.send(payload(2 + number, pages=json.dumps(urls)))
    pages = run.summaries[-1]["pages"]
    assert len(pages) == MAX_PAGES
    assert max(len(url) for _, url, *_ in pages) == MAX_URL
    assert len(json.dumps(run.summaries[-1], ensure_ascii=False)) < SESSIONS.value_limit


def test_windows_are_bounded() -> None:
    """Past the bound further windows are counted in all else, but not listed."""
    run = Run(BlockLimits(payloads=1))
    run.send(*(payload(0, window=f"w{n}") for n in range(MAX_WINDOWS + 5)))
    assert len(run.summaries[-1]["windows"]) == MAX_WINDOWS
    assert run.summaries[-1]["payloads"] == MAX_WINDOWS + 5


def test_an_open_block_is_not_in_the_summary() -> None:
    """Totals cover what was written and nothing that still waits."""
    run = Run(BlockLimits(payloads=2))
    run.send(payload(0, page="q"), payload(0), payload(1))
    assert (run.summaries[-1]["payloads"], run.summaries[-1]["counts"]["events"]) == (2, 4)
