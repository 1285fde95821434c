"""Decides whether a session is recorded, and enforces the policy on every payload of those that are.

Fails closed: what is not understood is dropped. A session is the unit of every decision: consent can end it at any
payload, sampling decides once, at the first payload or, where the rules need to know more, at the end of a hold.

Conservation, over a page load: events read = events kept + events dropped or dead + the one Meta that may be held
+ those in payloads held for sampling. A Meta is held until its full snapshot comes, in whatever payload that is, and
then counts among that payload's events; its own payload, if it held nothing else, left neither a record nor a loss.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache

from processors.outcome import Dead, Drop, Keep, Outcome
from processors.privacy.consent import refusal
from processors.privacy.hold import Hold
from processors.privacy.limits import Limits
from processors.privacy.pages import Pages
from processors.privacy.policy import compile_policy
from processors.privacy.sampling import Verdict, judge
from processors.privacy.sampling_quota import Partition, Quota
from processors.privacy.session import Session
from processors.record import Record
from processors.state import State
from schemas import headers as h
from schemas.control import Tombstones, UserKeys
from schemas.header_forms import are_all, events_of
from schemas.identity import split_session_key
from schemas.policy_parts import Consent
from schemas.project import Project, Projects
from schemas.reasons import Reason
from schemas.sampling import in_sample
from schemas.topics import ENRICHED

# Compiled policies in memory: more than a deployment has at a time, with their predecessors.
_POLICIES = 64


class Privacy:
    """The stage. `projects` gives the projects as they are now; a payload is enforced by its project's policy."""

    def __init__(self, projects: Callable[[], Projects], limits: Limits) -> None:
        self._projects = projects
        self._compiled = lru_cache(_POLICIES)(compile_policy)
        self._pages = Pages(limits)
        self._tombstones = Tombstones(UserKeys())
        self._quota: Quota | None = None

    def connect(self, tombstones: Tombstones, partition: Callable[[], Partition]) -> None:
        """See `processors.runtime.worker.Connected`. Without it there are no tombstones, and a daily cap fails."""
        self._tombstones = tombstones
        self._quota = Quota(partition)

    def on_record(self, record: Record, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`."""
        if not are_all(ENRICHED.name, record.headers):
            return [Dead(Reason.BAD_HEADERS, record.headers, record.received, events_of(record.headers))]
        name, session_id = split_session_key(record.key)
        project = self._projects().projects.get(name)
        session = Session.load(state)
        if session is None:
            if project is None:
                return [_drop_all(record, Reason.UNKNOWN_PROJECT)]
            session = Session.begin(int(record.headers[h.STARTED]), state)
        elif (started := int(record.headers[h.STARTED])) > session.started:
            session.restart(started, state)
        if session.refused is not None:
            return [_drop_all(record, session.refused)]
        session.identify(record.headers.get(h.USER), state)
        tombstone = self._tombstones.applies(name, session_id, session.user_name, record.received)
        reason = refusal(record.headers, project.policy.consent if project else Consent(), tombstone)
        if reason is not None:
            return self._refuse(record, session, state, reason)
        if project is None:
            return self._refuse(record, session, state, Reason.UNKNOWN_PROJECT)
        if session.kept:
            return self._pages.enforce(record, self._compiled(project.policy), session, state)[0]
        return self._consider(record, project, session, state, now)

    def on_wake(self, key: str, state: State, now: int) -> list[Outcome]:
        """See `processors.stage.Stage`: the hold is over, or the session is forgotten."""
        session = Session.load(state)
        if session is None:
            Session.delete(state)
            return []
        outcomes: list[Outcome] = []
        hold = Hold.load(state)
        if hold is not None:
            outcomes += self._time_out(key, session, hold, state, now)
        if now >= session.forget_at:
            outcomes += self._pages.forget(key, session, state)
            Session.delete(state)
        return outcomes

    def on_crashed(self, record: Record, state: State) -> None:
        """See `processors.stage.Stage`: every page load of the window waits for a new snapshot."""
        session = Session.load(state)
        project = self._projects().projects.get(split_session_key(record.key)[0])
        version = self._compiled(project.policy).version if project else ""
        if session is not None:
            self._pages.degrade(record, version, session, state)

    def _consider(self, record: Record, project: Project, session: Session, state: State, now: int) -> list[Outcome]:
        """A payload of a session that is neither kept nor refused yet."""
        name, session_id = split_session_key(record.key)
        hold = Hold.load(state)
        if hold is not None and hold.unreadable:
            return self._refuse(record, session, state, Reason.DEGRADED)
        if hold is None and not in_sample(session_id, project.percent):
            return self._refuse(record, session, state, Reason.SAMPLED_OUT)
        hold = hold or Hold.begin(now)
        rules, facts = project.sampling, hold.facts
        facts.note_headers(rules, record.headers, lambda user: self._tombstones.subjects(name, user))
        if judge(rules, facts, over=False) is Verdict.REFUSE:
            return self._refuse(record, session, state, Reason.NOT_SELECTED)
        outcomes, text = self._pages.enforce(record, self._compiled(project.policy), session, state)
        facts.note_content(rules, outcomes, text)
        verdict = judge(rules, facts, over=now >= hold.until)
        if verdict is Verdict.WAIT and hold.add(state, outcomes):
            return [outcome for outcome in outcomes if not isinstance(outcome, Keep)]
        if verdict is Verdict.KEEP and self._has_room(record.key, session, project):
            return [*self._keep(session, state), *outcomes]
        reason = Reason.HELD_OVERFLOW if verdict is Verdict.WAIT else Reason.NOT_SELECTED
        return [*self._end(record.key, session, state, reason), *(_given_up(each, reason) for each in outcomes)]

    def _time_out(self, key: str, session: Session, hold: Hold, state: State, now: int) -> list[Outcome]:
        """The hold is over: the session is decided by what is known."""
        name, session_id = split_session_key(key)
        project = self._projects().projects.get(name)
        # Nothing of it has left yet, so what was accepted before the tombstone does not leave either.
        reason = refusal({}, Consent(), self._tombstones.applies(name, session_id, session.user_name, now))
        if project is None:
            reason = reason or Reason.UNKNOWN_PROJECT
        elif hold.unreadable:
            reason = reason or Reason.DEGRADED
        elif (
            reason is None
            and judge(project.sampling, hold.facts, over=True) is Verdict.KEEP
            and self._has_room(key, session, project)
        ):
            return self._keep(session, state)
        return self._end(key, session, state, reason or Reason.NOT_SELECTED)

    def _has_room(self, key: str, session: Session, project: Project) -> bool:
        cap = project.sampling.sessions_per_day
        if cap is None:
            return True
        if self._quota is None:
            raise RuntimeError("a daily cap needs the partition's state")
        return self._quota.take(split_session_key(key)[0], session.started, cap)

    def _keep(self, session: Session, state: State) -> list[Outcome]:
        """The session is kept; what was held of it."""
        session.keep(state)
        return Hold.end(state, session.started)

    def _refuse(self, record: Record, session: Session, state: State, reason: Reason) -> list[Outcome]:
        return [*self._end(record.key, session, state, reason), _drop_all(record, reason)]

    def _end(self, key: str, session: Session, state: State, reason: Reason) -> list[Outcome]:
        """Nothing of the session passes any more; the losses of what it held."""
        lost = [*Hold.end(state, session.started), *self._pages.forget(key, session, state)]
        session.refuse(reason, state)
        return [_given_up(outcome, reason) for outcome in lost]


def _drop_all(record: Record, reason: Reason) -> Drop:
    return Drop(reason, record.headers, record.received, payloads=1, events=_events(record))


def _given_up(outcome: Outcome, reason: Reason) -> Outcome:
    """An outcome of a session that is then refused: what was to be kept, or waited for its snapshot, is lost."""
    if isinstance(outcome, Keep):
        return Drop(reason, outcome.headers, outcome.received, payloads=1, events=outcome.events)
    if isinstance(outcome, Drop) and outcome.reason is Reason.ORPHAN_META:
        return replace(outcome, reason=reason)
    return outcome


def _events(record: Record) -> int:
    return int(record.headers[h.EVENTS])
