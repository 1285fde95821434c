"""Enforces the policy on every payload, sampled sessions aside. Fails closed: what is not understood is dropped.

Conservation, over a page load: events read = events kept + events dropped or dead + the one Meta that may be held.
A Meta is held until its full snapshot comes, in whatever payload that is, and then counts among that payload's
events; its own payload, if it held nothing else, left neither a record nor a loss.
"""

from __future__ import annotations

from collections.abc import Callable

from processors.outcome import Dead, Drop, Outcome
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad, Phase
from processors.privacy.payload import Payload, give_up
from processors.privacy.policy import Policy
from processors.privacy.session import FORGET_AFTER_MS, Session
from processors.privacy.store import PageStore
from processors.record import Record
from processors.state import State
from schemas import headers as h
from schemas import lines
from schemas.identity import split_session_key
from schemas.project import Projects
from schemas.reasons import Reason
from schemas.sampling import in_sample


class Privacy:
    """The stage. `projects` gives the projects as they are now."""

    def __init__(self, policy: Policy, projects: Callable[[], Projects], limits: Limits) -> None:
        self._policy = policy
        self._projects = projects
        self._limits = limits
        self._store = PageStore(limits, policy.version)

    def on_record(self, record: Record, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`."""
        session = Session.load(state)
        if session is None:
            project_name, session_id = split_session_key(record.key)
            project = self._projects().projects.get(project_name)
            if project is None:
                return [_drop_all(record, Reason.UNKNOWN_PROJECT)]
            session = Session(in_sample(session_id, project.sampling_percent))
            session.save(state)
            state.wake_at(int(record.headers[h.STARTED]) + FORGET_AFTER_MS)
        if not session.sampled:
            return [_drop_all(record, Reason.SAMPLED_OUT)]
        window, page_id = record.headers[h.WINDOW], record.headers[h.PAGE]
        outcomes: list[Outcome] = []
        for forgotten in session.use(window, page_id, self._limits.pages, state):
            outcomes += give_up(self._store.forget(record.key, state, *forgotten))
        loaded = self._store.load(record.key, state, window, page_id)
        outcomes += give_up(loaded.outdated)
        outcomes += self._enforce(record, loaded.page)
        self._store.save(record.key, state, window, page_id, loaded)
        return outcomes

    def on_wake(self, key: str, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`: the session is forgotten."""
        session = Session.load(state)
        outcomes: list[Outcome] = []
        for window, page in session.pages if session else ():
            outcomes += give_up(self._store.forget(key, state, window, page))
        Session.delete(state)
        return outcomes

    def on_crashed(self, record: Record, state: State) -> None:
        """See `processors.stage.Stage`: every page load of the window waits for a new snapshot."""
        session = Session.load(state)
        for window, page in session.pages if session else ():
            if window == record.headers.get(h.WINDOW, window):
                loaded = self._store.load(record.key, state, window, page)
                # Under another policy it degrades when next read, and what it holds is accounted for then.
                if loaded.outdated is None:
                    loaded.page.degrade()
                    self._store.save(record.key, state, window, page, loaded)

    def _enforce(self, record: Record, page: PageLoad) -> list[Outcome]:
        try:
            text = lines.unpack(record.value, self._limits.inflated)
        except (lines.LimitExceededError, lines.NotZstdError) as error:
            page.degrade()
            reason = Reason.INFLATE_LIMIT if isinstance(error, lines.LimitExceededError) else Reason.BAD_ENCODING
            return [Dead(reason, record.headers, record.received, _events(record))]
        seq = int(record.headers[h.SEQ])
        if seq <= page.seq:
            return Payload(record, self._aside(page), self._policy, self._limits, late=True).enforce(text)
        page.seq = seq
        if record.headers.get(h.GAP, "0") != "0" and page.phase is Phase.READY:
            # What is missing may have blocked or masked something.
            page.degrade()
        return Payload(record, page, self._policy, self._limits, late=False).enforce(text)

    def _aside(self, page: PageLoad) -> PageLoad:
        """A page load for a payload that came too late for its place: it passes only as far as it has a snapshot of
        its own, and leaves the true one as it is.
        """
        mirror = Mirror(self._limits.levels)
        mirror.secrets = page.mirror.secrets
        page.mirror.touched = True
        return PageLoad(mirror, Phase.DEGRADED)


def _drop_all(record: Record, reason: Reason) -> Drop:
    return Drop(reason, record.headers, record.received, payloads=1, events=_events(record))


def _events(record: Record) -> int:
    return int(record.headers[h.EVENTS])
