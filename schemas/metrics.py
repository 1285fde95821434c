"""The metric catalogue: every metric of every process, declared before it is emitted.

Labels are bounded: never a session, a URL, a client or a project. `service.metrics` builds the Prometheus objects
from this list and refuses any other name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["counter", "gauge", "histogram"]

# Seconds. Edges sit at the freshness and latency objectives: 0.1, 0.5, 1, 2.5 and 10.
FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
FRESH = (0.1, 0.25, 0.5, 1.0, 1.5, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0)
# Bytes: powers of four around what recorders send, up to the body limit.
SIZES = (256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262144.0, 1048576.0, 4194304.0, 20971520.0)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric family; `buckets` for histograms only."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


CATALOGUE: tuple[Metric, ...] = (
    Metric(
        "reelstream_build_info",
        "gauge",
        "1, with the role and version of this process, and whether its core is compiled (`true` or `false`).",
        ("role", "version", "compiled"),
    ),
    # gateway and replay: the web server
    Metric("reelstream_server_connections", "gauge", "Open connections of the public port."),
    Metric("reelstream_server_closed_total", "counter", "Connections the server ended, by reason.", ("reason",)),
    Metric(
        "reelstream_server_refusals_total",
        "counter",
        "Requests refused before the application saw them, by error code.",
        ("code",),
    ),
    # gateway
    Metric(
        "reelstream_gateway_requests_total",
        "counter",
        "Requests answered, by route, status and error code (empty on success).",
        ("route", "status", "code"),
    ),
    Metric("reelstream_gateway_request_seconds", "histogram", "Time to answer.", ("route",), FAST),
    Metric("reelstream_gateway_body_bytes", "histogram", "Size of accepted bodies as sent.", (), SIZES),
    Metric("reelstream_gateway_inflight_requests", "gauge", "Requests being read or waiting for the broker."),
    Metric("reelstream_gateway_inflight_bytes", "gauge", "Body bytes held in memory."),
    Metric(
        "reelstream_gateway_rate_limited_total",
        "counter",
        "Payloads refused with 429, by the limit they were over: session, address, key, project, address_sessions "
        "or key_sessions.",
        ("reason",),
    ),
    Metric("reelstream_gateway_delivery_seconds", "histogram", "Produce to delivery report.", (), FAST),
    Metric("reelstream_gateway_producer_queue_records", "gauge", "Records waiting in the producer's queue."),
    Metric("reelstream_gateway_brokers_up", "gauge", "Brokers this process is connected to."),
    Metric(
        "reelstream_gateway_backlog_share",
        "gauge",
        "Estimated share of a partition's bytes that is unread, of the fullest; absent while no topic has a bound.",
    ),
    Metric("reelstream_gateway_ready", "gauge", "1 while the gateway admits requests."),
    # stages
    Metric(
        "reelstream_stage_records_total",
        "counter",
        "Outcomes of input records: keep (one per record written), drop or dead, with the reason.",
        ("stage", "outcome", "reason"),
    ),
    Metric(
        "reelstream_stage_events_total",
        "counter",
        "rrweb events in those outcomes.",
        ("stage", "outcome", "reason"),
    ),
    Metric("reelstream_stage_bytes_total", "counter", "Value bytes read and written.", ("stage", "direction")),
    Metric("reelstream_stage_seconds", "histogram", "Time one record took.", ("stage",), FAST),
    Metric(
        "reelstream_stage_age_seconds",
        "histogram",
        "Age of a record (gateway receipt) when read.",
        ("stage",),
        FRESH,
    ),
    Metric("reelstream_stage_commit_seconds", "histogram", "Time one checkpoint took.", ("stage",), FAST),
    Metric("reelstream_stage_lag_records", "gauge", "Records not yet committed, all partitions.", ("stage",)),
    Metric("reelstream_stage_assigned_partitions", "gauge", "Input partitions assigned.", ("stage",)),
    Metric("reelstream_stage_rebalances_total", "counter", "Assignments received.", ("stage",)),
    Metric("reelstream_stage_heartbeat_timestamp_seconds", "gauge", "When the poll loop last turned.", ("stage",)),
    Metric("reelstream_stage_timers", "gauge", "Wake-ups held in memory.", ("stage",)),
    Metric(
        "reelstream_stage_crashes_total",
        "counter",
        "Records that raised an unexpected exception.",
        ("stage",),
    ),
    Metric(
        "reelstream_stage_noted_records",
        "gauge",
        "Records and wake-ups on `crashes.v1`, by what each did last: crash, hang (the watchdog ended it), slow.",
        ("stage", "reason"),
    ),
    Metric(
        "reelstream_stage_unread_expired_total",
        "counter",
        "Offsets whose records the broker deleted before they were read: the most that can be lost.",
        ("stage",),
    ),
    Metric("reelstream_disk_free_bytes", "gauge", "Bytes free on the disk of the stage's state.", ("stage",)),
    # sink
    Metric("reelstream_sink_rows_total", "counter", "Rows inserted.", ("table",)),
    Metric(
        "reelstream_sink_skipped_rows_total",
        "counter",
        "Rows already stored, not inserted again.",
        ("table",),
    ),
    Metric("reelstream_sink_insert_seconds", "histogram", "Time of one insert.", ("table",), FAST),
    Metric("reelstream_sink_insert_retries_total", "counter", "Inserts tried again.", ("table",)),
    Metric("reelstream_sink_queryable_seconds", "histogram", "Gateway receipt to stored row.", ("table",), FRESH),
    # replay
    Metric("reelstream_replay_requests_total", "counter", "Requests answered.", ("route", "status")),
    Metric(
        "reelstream_replay_request_seconds",
        "histogram",
        "Time to answer (first byte for streams).",
        ("route",),
        FAST,
    ),
    Metric("reelstream_replay_events_total", "counter", "Events sent to players."),
)

BY_NAME: dict[str, Metric] = {metric.name: metric for metric in CATALOGUE}
