"""Prometheus objects of the metric catalogue, one set per process; an undeclared name is an error."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from schemas.metrics import BY_NAME, Metric


class Metrics:
    """Access by name: `metrics.counter("reelstream_sink_rows_total", "blocks").inc(3)`.

    Label values are positional, in the catalogue's order. A family appears on /metrics once it was asked for.
    """

    def __init__(self, registry: CollectorRegistry | None = None, *, process: bool = True) -> None:
        # One `_created` series beside every counter would double what Prometheus stores, and no panel reads them.
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = registry or CollectorRegistry()
        self._families: dict[str, Counter | Gauge | Histogram] = {}
        if process:
            ProcessCollector(registry=self.registry)
            PlatformCollector(registry=self.registry)
            GCCollector(registry=self.registry)

    def counter(self, name: str, *labels: str) -> Counter:
        """A counter of the catalogue."""
        family = self._family(name, "counter")
        assert isinstance(family, Counter)
        return family.labels(*labels) if labels else family

    def gauge(self, name: str, *labels: str) -> Gauge:
        """A gauge of the catalogue."""
        family = self._family(name, "gauge")
        assert isinstance(family, Gauge)
        return family.labels(*labels) if labels else family

    def histogram(self, name: str, *labels: str) -> Histogram:
        """A histogram of the catalogue."""
        family = self._family(name, "histogram")
        assert isinstance(family, Histogram)
        return family.labels(*labels) if labels else family

    def _family(self, name: str, kind: str) -> Counter | Gauge | Histogram:
        family = self._families.get(name)
        if family is None or BY_NAME[name].kind != kind:
            metric = BY_NAME.get(name)
            if metric is None or metric.kind != kind:
                raise KeyError(f"{name} is not a {kind} of the metric catalogue")
            family = self._families[name] = self._build(metric)
        return family

    def _build(self, metric: Metric) -> Counter | Gauge | Histogram:
        if metric.kind == "counter":
            return Counter(metric.name, metric.help, metric.labels, registry=self.registry)
        if metric.kind == "gauge":
            # Several gateway workers share one registry only by a setting; the sum is what readers expect then.
            return Gauge(metric.name, metric.help, metric.labels, registry=self.registry, multiprocess_mode="livesum")
        return Histogram(metric.name, metric.help, metric.labels, registry=self.registry, buckets=metric.buckets)
