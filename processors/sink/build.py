"""The sink's parts put together, for the process that feeds it."""

from __future__ import annotations

from processors.sink.settings import SinkSettings
from processors.sink.writer import Bounds, OnDead, Writer
from service.environment import ClusterSettings
from service.metrics import Metrics
from sql.store import Store


def build_writer(settings: SinkSettings, cluster: ClusterSettings, metrics: Metrics, on_dead: OnDead) -> Writer:
    """A writer to the deployment's ClickHouse. Connects when it first needs to."""
    store = Store(
        cluster,
        connect_timeout=settings.connect_timeout.total_seconds(),
        answer_timeout=settings.answer_timeout.total_seconds(),
    )
    store.prepare()
    bounds = Bounds(settings.insert_rows, settings.insert_bytes, settings.retry_for.total_seconds())
    return Writer(store, metrics, bounds, on_dead)
