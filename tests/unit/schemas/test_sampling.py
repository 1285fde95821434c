"""Sampling agrees with the published FNV-1a and with the vectors the recorder is tested against."""

from __future__ import annotations

import json
from pathlib import Path

from schemas.sampling import BUCKETS, fnv1a32, in_sample

VECTORS = json.loads((Path(__file__).parents[3] / "schemas/examples/sampling.json").read_text())


def test_published_values() -> None:
    """The hash is FNV-1a 32: values from the draft's own test suite."""
    assert fnv1a32("") == 0x811C9DC5
    assert fnv1a32("a") == 0xE40C292C
    assert fnv1a32("foobar") == 0xBF9CF968


def test_vectors_shared_with_the_recorder() -> None:
    """Server and browser read the same file of vectors and reach the same buckets, whatever the case of the id."""
    for vector in VECTORS:
        assert fnv1a32(vector["session_id"].lower()) == vector["fnv1a32"]
        bucket = vector["fnv1a32"] % BUCKETS
        assert bucket == vector["bucket"]
        assert in_sample(vector["session_id"], (bucket + 1) / 100)
        assert not in_sample(vector["session_id"], bucket / 100)


def test_edges() -> None:
    """Nobody at 0 percent, everybody at 100."""
    ids = [f"0190000{n:x}-0000-7000-8000-000000000000" for n in range(16)]
    assert not any(in_sample(each, 0) for each in ids)
    assert all(in_sample(each, 100) for each in ids)
