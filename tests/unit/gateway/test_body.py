from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from falcon.testing import create_scope

from gateway.body import Event
from service.asgi_protocol import PACED
from tests.unit.gateway.conftest import PAGE, Setup, path


class Wire:
    """One connection: the test's events go in, the answer is kept. After the events the client is silent."""

    def __init__(self, *events: Event) -> None:
        self._events = list(events)
        self.sent: list[Event] = []
        self.received = 0

    async def receive(self) -> Event:
        """ASGI."""
        if not self._events:
            await asyncio.Event().wait()
        self.received += 1
        return self._events.pop(0)

    async def send(self, event: Event) -> None:
        """ASGI."""
        self.sent.append(event)

    @property
    def status(self) -> int:
        """Of the answer."""
        status: int = self.sent[0]["status"]
        return status


def piece(body: bytes, *, more: bool = True) -> Event:
    """Part of a body."""
    return {"type": "http.request", "body": body, "more_body": more}


GONE: Event = {"type": "http.disconnect"}


def scope(key: str = "shop-key", headers: dict[str, str] | None = None) -> dict[str, Any]:
    """A POST without a Content-Length."""
    made: dict[str, Any] = create_scope(
        method="POST", path=path(key), query_string=f"page={PAGE}&seq=0", headers=headers or {}
    )
    return made


async def exchange(setup: Setup, *events: Event, key: str = "shop-key") -> Wire:
    """One request to the end."""
    wire = Wire(*events)
    await setup.app(scope(key), wire.receive, wire.send)
    return wire


async def until_answer(setup: Setup, *events: Event) -> Wire:
    """One request of a client that then stays silent."""
    wire = Wire(*events)
    task = asyncio.create_task(setup.app(scope(), wire.receive, wire.send))
    while not wire.sent:
        await asyncio.sleep(0.01)
    task.cancel()
    return wire


def test_body_in_pieces_is_joined(setup: Setup) -> None:
    """A body of undeclared length arrives whole and in order."""
    wire = asyncio.run(exchange(setup, piece(b"[1,"), piece(b""), piece(b"2]", more=False)))
    assert (wire.status, setup.log.records[0].value) == (202, b"[1,2]")


def test_undeclared_length_is_bounded_too(setup: Setup) -> None:
    """A chunked body stops being kept at the project's limit and answers 413."""
    wire = asyncio.run(exchange(setup, piece(b"x" * 4096), piece(b"x"), piece(b"x" * 9999, more=False)))
    assert (wire.status, setup.log.records) == (413, [])


@pytest.mark.parametrize("query", [b"page=\xff&seq=0", b"\xe2\x82=1", "página=1&seq=0".encode()])
def test_query_of_odd_bytes_is_refused(setup: Setup, query: bytes) -> None:
    """Bytes that no browser puts into a query are a bad request like any other."""
    wire = Wire(piece(b"[]", more=False))
    asyncio.run(setup.app(scope() | {"query_string": query}, wire.receive, wire.send))
    assert (wire.status, setup.log.records) == (400, [])


def test_what_is_announced_is_not_charged(setup: Setup) -> None:
    """A client that announces much, sends little and leaves has used little; what it sent counts."""
    for _ in range(20):
        wire = Wire(piece(b"x" * 10), GONE)
        asyncio.run(setup.app(scope(headers={"Content-Length": "4096"}), wire.receive, wire.send))
    assert setup.post(body=b"x" * 4096).status_code == 202
    assert setup.post(body=b"x" * 4096).status_code == 429


def test_undeclared_length_counts_towards_the_rate(setup: Setup) -> None:
    """Chunked bodies use up the session's burst like any other."""
    for _ in range(2):
        assert asyncio.run(exchange(setup, piece(b"x" * 4096, more=False))).status == 202
    assert setup.post(body=b"x" * 4096).status_code == 429


def test_undeclared_empty_body(setup: Setup) -> None:
    """A chunked body without a byte is empty."""
    assert asyncio.run(exchange(setup, piece(b"", more=False))).status == 400


@pytest.mark.parametrize("events", [(), (piece(b"[1,"),)])
def test_stalled_body_times_out(setup_with: Callable[..., Setup], events: tuple[Event, ...]) -> None:
    """A client that falls silent, before the first byte or within the body, is answered 408."""
    setup = setup_with(body_idle_seconds=0.05)
    wire = asyncio.run(until_answer(setup, *events))
    assert (wire.status, setup.log.records) == (408, [])
    assert setup.count(408, "body_timeout") == 1


def test_slow_body_times_out_as_a_whole(setup_with: Callable[..., Setup]) -> None:
    """A client that sends a byte now and then is cut off at the deadline of the whole body."""
    setup = setup_with(body_seconds=0.2, body_idle_seconds=0.1)

    async def drip() -> Wire:
        wire = Wire()

        async def receive() -> Event:
            await asyncio.sleep(0.03)
            return GONE if wire.sent else piece(b"x")

        await setup.app(scope(), receive, wire.send)
        return wire

    assert asyncio.run(drip()).status == 408


def test_client_that_leaves_mid_body_leaves_no_record(setup: Setup) -> None:
    """Half a body is never taken for a whole one; it is counted as a client gone."""
    asyncio.run(exchange(setup, piece(b"[1,"), GONE))
    assert setup.log.records == []
    assert setup.count(499, "client_gone") == 1
    assert setup.metrics.registry.get_sample_value("reelstream_gateway_inflight_bytes") == 0


def test_refused_client_is_read_to_the_end_after_its_answer(setup: Setup) -> None:
    """The rest of a refused body is taken from the wire, so that the client gets to read the refusal."""
    wire = asyncio.run(exchange(setup, piece(b"x"), piece(b"x", more=False), key="nobody"))
    assert (wire.status, wire.received) == (401, 2)


def test_body_is_not_asked_for_before_admission(setup: Setup) -> None:
    """A refused request has its answer before a byte of its body is read."""

    async def refused() -> int:
        wire = Wire()
        task = asyncio.create_task(setup.app(scope("nobody"), wire.receive, wire.send))
        while not wire.sent:
            await asyncio.sleep(0)
        task.cancel()
        return wire.status

    assert asyncio.run(refused()) == 401


def test_one_request_too_many_is_refused(setup_with: Callable[..., Setup]) -> None:
    """With one request allowed at once, a second is refused while the first waits, and passes afterwards."""
    setup = setup_with(inflight_requests=1)

    async def three() -> list[int]:
        setup.log.gate = asyncio.Event()
        first = asyncio.create_task(exchange(setup, piece(b"[]", more=False)))
        await asyncio.sleep(0.01)
        second = await exchange(setup, piece(b"[]", more=False))
        setup.log.gate.set()
        answered = await first
        third = await exchange(setup, piece(b"[]", more=False))
        return [second.status, answered.status, third.status]

    assert asyncio.run(three()) == [503, 202, 202]


def test_drain_answers_what_is_in_flight_and_refuses_the_rest(setup: Setup) -> None:
    """Draining refuses at once, waits for the payload that waits for the broker, and closes the log last."""

    async def scenario() -> tuple[int, int, int, int]:
        setup.log.gate = asyncio.Event()
        waiting = asyncio.create_task(exchange(setup, piece(b"[]", more=False)))
        await asyncio.sleep(0.01)
        draining = asyncio.create_task(setup.app.drain())
        await asyncio.sleep(0.01)
        refused = await exchange(setup, piece(b"[]", more=False))
        closed_early = setup.log.closed
        setup.log.gate.set()
        answered = await waiting
        await draining
        return refused.status, closed_early, answered.status, setup.log.closed

    assert asyncio.run(scenario()) == (503, 0, 202, 1)


def test_drain_gives_a_running_body_a_bounded_time(setup_with: Callable[..., Setup]) -> None:
    """A body that still drips when the gateway is told to stop is refused as draining, and the gateway stops."""
    setup = setup_with(drain_body_seconds=0.05)

    async def scenario() -> Wire:
        wire = Wire(piece(b"[1,"))
        dripping = asyncio.create_task(setup.app(scope(), wire.receive, wire.send))
        await asyncio.sleep(0.01)
        await setup.app.drain()
        dripping.cancel()
        return wire

    wire = asyncio.run(scenario())
    assert (wire.status, setup.log.closed, setup.log.records) == (503, 1, [])
    assert setup.count(503, "draining") == 1


def test_a_server_that_keeps_the_pace_is_believed(setup_with: Callable[..., Setup]) -> None:
    """Where the server watches the pace the gateway waits for its word, which says whether a body was too slow."""
    setup = setup_with(body_idle_seconds=0.01)

    async def scenario() -> tuple[int, int]:
        wire = Wire()

        async def receive() -> Event:
            await asyncio.sleep(0.1)
            wire.received += 1
            return {"type": "http.disconnect", "slow": True}

        await setup.app(scope() | {PACED: True}, receive, wire.send)
        return wire.status, wire.received

    assert asyncio.run(scenario()) == (408, 1)


def test_small_pieces_are_kept_as_bytes_not_as_objects(setup: Setup) -> None:
    """A body of single bytes arrives whole."""
    pieces = [piece(b"x") for _ in range(1000)]
    wire = asyncio.run(exchange(setup, *pieces, piece(b"y", more=False)))
    assert (wire.status, setup.log.records[0].value) == (202, b"x" * 1000 + b"y")
