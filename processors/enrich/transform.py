"""Opens each body, checks its events, adds where and what the visitor was, and passes payloads on in order.

Nothing of the client address or the user agent leaves but `rs-ctx`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from processors.enrich.arrival import Arrival, carried_headers, read_arrival
from processors.enrich.context import Geo, UserAgents, context_header
from processors.enrich.digests import DIGEST, UNREAD
from processors.enrich.inflate import inflate
from processors.enrich.limits import Limits
from processors.enrich.output import enriched_record, say_not_recorded, write_events
from processors.enrich.sequence import PageLoad, page_name
from processors.enrich.session import Session
from processors.outcome import Dead, Drop, Keep, Outcome
from processors.payload import Payload, read_payload
from processors.record import Record
from processors.state import State
from schemas import headers as h
from schemas.identity import MAX_SEQ
from schemas.project import Projects
from schemas.reasons import Reason
from schemas.topics import ENRICHED


class Enrich:
    """The stage. `projects` gives the projects as they are now. `processors.enrich.cells` lists the state."""

    def __init__(self, limits: Limits, projects: Callable[[], Projects], user_agents: UserAgents, geo: Geo) -> None:
        self._limits = limits
        self._projects = projects
        self._user_agents = user_agents
        self._geo = geo

    def on_record(self, record: Record, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`."""
        arrival = read_arrival(record)
        if arrival is None:
            return [Dead(Reason.BAD_HEADERS, carried_headers(record), record.received)]
        project = self._projects().projects.get(arrival.identity.project)
        if project is None:
            return [Drop(Reason.UNKNOWN_PROJECT, arrival.headers, record.received)]
        session = Session.load(state) or Session.begin(state, record.received, project.retention_days)
        headers = {**arrival.headers, h.STARTED: str(session.started), h.EXPIRES: session.expires}
        if session.is_too_late(record.received):
            return [Drop(Reason.TOO_LATE, headers, record.received)]
        if arrival.identity.seq > MAX_SEQ:
            return [Dead(Reason.SEQ_OUT_OF_RANGE, headers, record.received)]
        return self._in_order(record, arrival, headers, session, now)

    def on_wake(self, key: str, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`: what waited too long goes, and an old session ends."""
        session = Session.load(state)
        if session is None:
            return []
        if session.is_over(now):
            return [*session.end(now, self._limits.remembered_ms)]
        return [*session.release(now, self._limits)]

    def on_crashed(self, record: Record, state: State) -> None:
        """See `processors.stage.Stage`: the payload counts as received, so that later ones do not wait for it."""
        arrival, session = read_arrival(record), Session.load(state)
        if arrival is None or session is None or arrival.identity.seq > MAX_SEQ:
            return
        name = page_name(arrival.identity.window, arrival.identity.page)
        page = PageLoad(state, name)
        if not page.is_new and page.digests.get(arrival.identity.seq) is None:
            page.skip(arrival.identity.seq, UNREAD, record.received + self._limits.hold.milliseconds)
            session.close_page(name, page)

    def _in_order(
        self, record: Record, arrival: Arrival, headers: dict[str, str], session: Session, now: int
    ) -> list[Outcome]:
        limit = self._limits.inflated_bytes
        body = inflate(record.value, arrival.encoding, limit)
        digest = hashlib.sha256(record.value if isinstance(body, Reason) else body)
        payload = body if isinstance(body, Reason) else read_payload(body, limit)
        if isinstance(payload, Payload):
            say_not_recorded(payload, int(headers.get(h.SENT, record.received)))
        events = 0 if isinstance(payload, Reason) else len(payload.events)
        seq, name = arrival.identity.seq, page_name(arrival.identity.window, arrival.identity.page)
        page, evicted = session.open_page(name, self._limits)
        outcomes: list[Outcome] = [*evicted]
        known = page.digests.get(seq)
        if known is None:
            headers[h.HASH] = digest.hexdigest()
            losses, output = self._write(payload, arrival, headers, record.received)
            released = page.accept(seq, digest.digest(), output, now, session.hold_limits(name, self._limits))
            outcomes += [*losses, *released]
        elif known in (UNREAD, digest.digest()[:DIGEST]):
            outcomes.append(Drop(Reason.DUPLICATE, headers, record.received, events=events))
        else:
            outcomes.append(Dead(Reason.SEQ_CONFLICT, headers, record.received, events))
        session.close_page(name, page)
        return outcomes

    def _write(
        self, payload: Payload | Reason, arrival: Arrival, headers: dict[str, str], received: int
    ) -> tuple[list[Outcome], Keep | None]:
        """The payload's losses, and its output if anything is left."""
        if isinstance(payload, Reason):
            return [Dead(payload, headers, received)], None
        content = write_events(payload.events)
        losses: list[Outcome] = []
        if payload.not_recorded is not None:
            why, times = payload.not_recorded
            losses.append(Drop(why.loss, headers, received, payloads=0, events=times))
        if content.lost:
            losses.append(Drop(Reason.BAD_EVENT, headers, received, payloads=0, events=content.lost))
        if content.events == 0:
            return [*losses, Drop(Reason.EMPTY, headers, received)], None
        visitor = context_header(self._user_agents.parse(arrival.user_agent), self._geo.locate(arrival.address))
        told = {h.USER: json.dumps(payload.user)} if payload.user else {}
        if payload.captures is not None:
            told[h.CAPTURES] = ",".join(payload.captures)
        output = enriched_record(content, {**headers, **told, h.CONTEXT: visitor}, received)
        if len(output.value) > ENRICHED.value_limit:
            return [*losses, Dead(Reason.TOO_LARGE, headers, received, content.events)], None
        return losses, output
