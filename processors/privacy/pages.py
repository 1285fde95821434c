"""Enforces a payload against the page load it belongs to, as that page load lies in the session's state."""

from __future__ import annotations

from processors.outcome import Dead, Outcome
from processors.privacy.enforce import cut_anew
from processors.privacy.limits import Limits
from processors.privacy.mirror import Mirror
from processors.privacy.page import PageLoad, Phase
from processors.privacy.payload import Payload, give_up
from processors.privacy.policy import Policy
from processors.privacy.session import Session
from processors.privacy.store import PageStore
from processors.record import Record
from processors.state import State
from schemas import headers as h
from schemas import lines
from schemas.reasons import Reason


class Pages:
    """The page loads of all sessions."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._store = PageStore(limits)

    def enforce(self, record: Record, policy: Policy, session: Session, state: State) -> tuple[list[Outcome], bytes]:
        """What becomes of a payload under the policy, and its JSON lines, empty if they cannot be read."""
        window, page_id = record.headers[h.WINDOW], record.headers[h.PAGE]
        outcomes: list[Outcome] = []
        for forgotten in session.use(window, page_id, self._limits.pages, state):
            outcomes += give_up(self._store.forget(record.key, state, *forgotten))
        loaded = self._store.load(record.key, state, window, page_id, policy.version)
        if loaded.outdated is not None:
            loaded.page.held = cut_anew(loaded.outdated, policy)
        try:
            text = lines.unpack(record.value, self._limits.inflated)
        except (lines.LimitExceededError, lines.NotZstdError) as error:
            text = b""
            loaded.page.degrade()
            reason = Reason.INFLATE_LIMIT if isinstance(error, lines.LimitExceededError) else Reason.BAD_ENCODING
            outcomes.append(Dead(reason, record.headers, record.received, int(record.headers[h.EVENTS])))
        else:
            outcomes += self._enforce_lines(record, policy, loaded.page, text)
        self._store.save(record.key, state, window, page_id, loaded)
        return outcomes, text

    def degrade(self, record: Record, version: str, session: Session, state: State) -> None:
        """Every page load of the record's window waits for a new snapshot. `version` is that of the policy."""
        for window, page in session.pages:
            if window == record.headers.get(h.WINDOW, window):
                loaded = self._store.load(record.key, state, window, page, version)
                # Under another policy it degrades when next read, and what it holds is accounted for then.
                if loaded.outdated is None:
                    loaded.page.degrade()
                    self._store.save(record.key, state, window, page, loaded)

    def forget(self, key: str, session: Session, state: State) -> list[Outcome]:
        """Forget all of a session; the losses of what waited."""
        outcomes: list[Outcome] = []
        for window, page in session.pages:
            outcomes += give_up(self._store.forget(key, state, window, page))
        return outcomes

    def _enforce_lines(self, record: Record, policy: Policy, page: PageLoad, text: bytes) -> list[Outcome]:
        seq = int(record.headers[h.SEQ])
        if seq <= page.seq:
            return Payload(record, self._aside(page), policy, self._limits, late=True).enforce(text)
        is_next, page.seq = seq == page.seq + 1, seq
        if (record.headers.get(h.GAP, "0") != "0" or not is_next) and page.phase is Phase.READY:
            # What is missing may have blocked or masked something. Enrich tells of payloads that did not come, not of
            # those it could not read.
            page.degrade()
        return Payload(record, page, policy, self._limits, late=False).enforce(text)

    def _aside(self, page: PageLoad) -> PageLoad:
        """A page load for a payload that came too late for its place: it passes only as far as it has a snapshot of
        its own, and leaves the true one as it is.
        """
        mirror = Mirror(self._limits.levels)
        mirror.secrets = page.mirror.secrets
        page.mirror.touched = True
        return PageLoad(mirror, Phase.DEGRADED)
