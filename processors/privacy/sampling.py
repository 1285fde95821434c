"""The project's sampling rules over what is known of a session so far. Pure: facts in, verdict out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase

import orjson

from processors.outcome import Keep, Outcome
from processors.privacy.counts import Tally
from schemas import headers as h
from schemas.project import Sampling


class Verdict(Enum):
    """What the rules say of a session; WAIT means that a later payload may still change it."""

    KEEP = 1
    WAIT = 2
    REFUSE = 3


@dataclass(slots=True)
class Facts:
    """What the rules ask about. `country` is of the first payload, "" if unknown; `first` and `last` are client ms.

    `visited` says that some page is known, `included` and `excluded` that one matched a pattern.
    """

    country: str | None = None
    first: int | None = None
    last: int = 0
    in_cohort: bool = False
    visited: bool = False
    included: bool = False
    excluded: bool = False
    error: bool = False

    def note_headers(self, rules: Sampling, headers: Mapping[str, str], keyed: Callable[[str], Iterable[str]]) -> None:
        """Learn from a payload as enrich wrote it; `keyed` gives the keyed hashes of a user."""
        if self.country is None:
            self.country = str(json.loads(headers[h.CONTEXT]).get("country", ""))
        if rules.users and not self.in_cohort and h.USER in headers:
            user = json.loads(headers[h.USER])
            self.in_cohort = not frozenset(rules.users).isdisjoint([user, *keyed(user)])

    def note_content(self, rules: Sampling, outcomes: Iterable[Outcome], text: bytes) -> None:
        """Learn from what was redacted, in which addresses are as they will be stored, and from the JSON lines before
        the policy, which may drop what the console says.
        """
        for outcome in outcomes:
            if not isinstance(outcome, Keep):
                continue
            # As the recording will have them: times that were wrong are put right by now.
            first, last = int(outcome.headers[h.FIRST]), int(outcome.headers[h.LAST])
            self.first = first if self.first is None else min(self.first, first)
            self.last = max(self.last, last)
            if h.PAGES in outcome.headers:
                for _, address, *_ in json.loads(outcome.headers[h.PAGES]):
                    self.visited = True
                    self.included = self.included or _matches(address, rules.include_urls)
                    self.excluded = self.excluded or _matches(address, rules.exclude_urls)
        if rules.only_with_error and not self.error:
            self.error = _has_error(text)


def judge(rules: Sampling, facts: Facts, *, over: bool) -> Verdict:
    """The verdict of all rules but the daily cap; `over` says that nothing more will be learned."""
    if facts.excluded or facts.country in rules.exclude_countries:
        return Verdict.REFUSE
    if rules.include_countries and facts.country not in rules.include_countries:
        return Verdict.REFUSE
    lasted = facts.last - facts.first if facts.first is not None else 0
    wanted = (
        facts.included or not rules.include_urls,
        facts.in_cohort or not rules.users,
        facts.error or not rules.only_with_error,
        lasted >= rules.minimum_seconds * 1000,
    )
    if over:
        return Verdict.KEEP if all(wanted) else Verdict.REFUSE
    first_page_known = facts.visited or not rules.exclude_urls
    return Verdict.KEEP if all(wanted) and first_page_known else Verdict.WAIT


def _matches(address: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatchcase(address, pattern) for pattern in patterns)


def _has_error(text: bytes) -> bool:
    tally = Tally(-1)
    for line in text.splitlines():
        if b'"error"' in line:
            try:
                tally.see(orjson.loads(line))
            except orjson.JSONDecodeError:
                continue
    return tally.counts.get("errors", 0) > 0
