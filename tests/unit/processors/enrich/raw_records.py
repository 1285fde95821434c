"""Raw records as the gateway writes them, and the stage with everything real but the map."""

from __future__ import annotations

import json
from typing import Any

from processors.enrich.context import Agent, Place
from processors.enrich.limits import Limits
from processors.enrich.transform import Enrich
from processors.outcome import Dead, Drop, Keep, Outcome
from processors.record import Record
from schemas import headers as h
from schemas import lines
from schemas.project import Projects, parse_projects

PROJECT = "shop"
SESSION = "01890a5d-ac96-774b-bcce-b302099a8057"
WINDOW = "01890a5d-ac96-774b-bcce-b302099a8058"
PAGE = "01890a5d-ac96-774b-bcce-b302099a8059"
OTHER_PAGE = "01890a5d-ac96-774b-bcce-b302099a805a"
KEY = f"{PROJECT}:{SESSION}"
ADDRESS = "203.0.113.77"
USER_AGENT = "Mozilla/5.0 (secret-agent-string)"
# 2026-11-22 12:00:00 UTC
NOON = 1_795_348_800_000
HOUR = 3_600_000


def projects() -> Projects:
    """One project that keeps sessions for 30 days."""
    return parse_projects("projects: {shop: {write_keys: [abcd], retention_days: 30}}")


class AnyAgent:
    """Reads every user agent as the same browser."""

    def parse(self, text: str) -> Agent:
        """A desktop browser."""
        return Agent("Chrome", "Linux", "desktop", bot=False)


class AnyPlace:
    """Finds every address in the same city."""

    def locate(self, address: str) -> Place:
        """A place whose name is not ASCII."""
        return Place("DE", "Bayern", "München")


def stage(limits: Limits | None = None) -> Enrich:
    """The stage under test."""
    return Enrich(limits or Limits(), projects, AnyAgent(), AnyPlace())


def event(n: int = 0, **fields: Any) -> dict[str, Any]:
    """A custom event that tells its number."""
    return {"type": 5, "data": {"tag": "n", "payload": n}, "timestamp": NOON + n, **fields}


def raw(
    body: Any,
    seq: int | str = 0,
    *,
    page: str = PAGE,
    received: int = NOON,
    offset: int = 7,
    key: str = KEY,
    drop: tuple[str, ...] = (),
    **headers: str,
) -> Record:
    """A raw record; `body` is bytes or JSON data; header names are given without `rs-`, or left out by `drop`."""
    value = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamped = {
        h.PROJECT: PROJECT,
        h.WINDOW: WINDOW,
        h.PAGE: page,
        h.SEQ: str(seq),
        h.ENCODING: "",
        h.IP: ADDRESS,
        h.USER_AGENT: USER_AGENT,
        **{f"rs-{name}": text for name, text in headers.items()},
    }
    kept = {name: text for name, text in stamped.items() if name not in drop}
    return Record(key, kept, value, received, f"id/replay.raw.v1/3/{offset}")


def events_of(outcome: Outcome) -> list[Any]:
    """The events a kept record holds."""
    assert isinstance(outcome, Keep)
    return [json.loads(line) for line in lines.unpack(outcome.value, 1 << 30).splitlines()]


def summary(outcomes: list[Outcome]) -> list[tuple[str, str]]:
    """Outcomes in short: (kind, seq or reason)."""
    short = []
    for outcome in outcomes:
        match outcome:
            case Keep():
                short.append(("keep", outcome.headers[h.SEQ]))
            case Drop():
                short.append(("drop", outcome.reason.value))
            case Dead():
                short.append(("dead", outcome.reason.value))
    return short
