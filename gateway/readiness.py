"""Whether payloads are taken now: the one place that /readyz and the routes ask."""

from __future__ import annotations

from collections.abc import Callable

from gateway.errors import Code

# None when all is well.
Trouble = Callable[[], Code | None]


class Readiness:
    """Not ready while the log is in trouble; never again once draining."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._draining = False

    def drain(self) -> None:
        """Refuse from now on."""
        self._draining = True

    def refusal(self) -> Code | None:
        """Why a payload would be refused now, or None."""
        return Code.DRAINING if self._draining else self._trouble()


class BrokerHealth:
    """A broker counts as there until none was connected for `grace` seconds; at first there is none."""

    def __init__(self, grace: float, clock: Callable[[], float]) -> None:
        self._grace = grace
        self._clock = clock
        self._seen_at: float | None = None

    def report(self, brokers_up: int) -> None:
        """What the client library last said."""
        if brokers_up:
            self._seen_at = self._clock()

    def ok(self) -> bool:
        """True if a broker was seen recently enough to be worth waiting for."""
        return self._seen_at is not None and self._clock() - self._seen_at <= self._grace
