"""The metric catalogue is the only source of names."""

from __future__ import annotations

import re

import pytest
from prometheus_client import generate_latest

from schemas.metrics import CATALOGUE
from service.metrics import Metrics


def test_every_declared_metric_can_be_built_and_an_undeclared_one_cannot() -> None:
    """Each entry of the catalogue becomes a family of its kind; any other name, or the wrong kind, is an error."""
    metrics = Metrics(process=False)
    for metric in CATALOGUE:
        labels = tuple("x" for _ in metric.labels)
        getattr(metrics, metric.kind)(metric.name, *labels)
    text = generate_latest(metrics.registry).decode()
    assert all(metric.name in text for metric in CATALOGUE)
    with pytest.raises(KeyError):
        metrics.counter("reelstream_surprise_total")
    with pytest.raises(KeyError):
        metrics.gauge("reelstream_sink_rows_total", "blocks")


def test_names_follow_the_conventions() -> None:
    """Our prefix; counters end in _total and nothing else does; base units; labels that cannot grow."""
    for metric in CATALOGUE:
        assert re.fullmatch(r"reelstream_[a-z_]+", metric.name)
        assert metric.name.endswith("_total") == (metric.kind == "counter"), metric.name
        assert not re.search(r"_(ms|milliseconds|kb|mb)\b", metric.name)
        assert set(metric.labels) <= {
            "role",
            "version",
            "compiled",
            "route",
            "status",
            "code",
            "limit",
            "stage",
            "outcome",
            "reason",
            "direction",
            "table",
        }
        assert bool(metric.buckets) == (metric.kind == "histogram")
