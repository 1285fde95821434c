from __future__ import annotations

import asyncio

from gateway.errors import Code
from gateway.readiness import BrokerHealth
from schemas.metrics import BY_NAME
from tests.unit.gateway.conftest import Setup


def test_ready_follows_the_log(setup: Setup) -> None:
    """/readyz is 200 while the log takes records and 503 with a reason while it does not; /livez does not care."""
    assert (setup.probe("/readyz").status_code, setup.probe("/readyz").json) == (200, {"ok": True})
    setup.log.known_trouble = Code.BROKER_UNAVAILABLE
    result = setup.probe("/readyz")
    assert (result.status_code, result.json["error"]) == (503, "not_ready")
    assert "broker" in result.json["detail"]
    assert setup.probe("/livez").status_code == 200
    assert "reelstream_gateway_ready 0.0" in setup.probe("/metrics").text


def test_draining_is_not_ready(setup: Setup) -> None:
    """From the moment it drains, the gateway is not ready, whatever the broker says."""
    asyncio.run(setup.app.drain())
    assert setup.probe("/readyz").status_code == 503


def test_payloads_are_not_taken_on_the_probe_port(setup: Setup) -> None:
    """The probe port has the probes only."""
    assert setup.post(port=setup.settings.metrics_port).status_code == 404


def test_every_gateway_metric_of_the_catalogue_is_exposed(setup: Setup) -> None:
    """After one payload the gateway shows each of its declared metrics, but for those only the broker client sets."""
    setup.post()
    setup.probe("/metrics")
    shown = setup.probe("/metrics").text
    own = {name for name in BY_NAME if name.startswith("reelstream_gateway_")}
    from_the_producer = {
        "reelstream_gateway_delivery_seconds",
        "reelstream_gateway_producer_queue_records",
        "reelstream_gateway_brokers_up",
        "reelstream_gateway_backlog_share",
    }
    assert [name for name in own - from_the_producer if f"# TYPE {name.removesuffix('_total')}" not in shown] == []


def test_broker_counts_as_there_for_a_while_after_it_went() -> None:
    """No broker yet is trouble; a broker is forgiven an absence as long as the grace, and no longer."""
    now = [0.0]
    health = BrokerHealth(10.0, lambda: now[0])
    assert not health.ok()
    health.report(1)
    now[0] = 10.0
    health.report(0)
    assert health.ok()
    now[0] = 10.1
    assert not health.ok()
    health.report(2)
    assert health.ok()
