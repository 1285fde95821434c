"""The sampling rules over facts, the daily cap over partitions, and what the project file accepts."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
import pytest

from processors.outcome import Keep
from processors.privacy.sampling import Facts, Verdict, judge
from processors.privacy.sampling_quota import Quota, share
from processors.state import MemoryState
from schemas import headers as h
from schemas.project import HOLD_SECONDS, ProjectFileError, Sampling, parse_projects

DAY = 86_400_000
ERROR = b'{"type":6,"timestamp":1,"data":{"plugin":"rrweb/console@1","payload":{"level":"error","payload":[]}}}\n'


def facts(
    country: str = "DE",
    first: int = 0,
    last: int = 0,
    page: str = "",
    user: str = "",
    text: bytes = b"",
    **rules: object,
) -> tuple[Sampling, Facts]:
    """Rules, and the facts of a session of one payload."""
    sampling = Sampling.model_validate(rules)
    known = Facts()
    headers = {h.CONTEXT: f'{{"country":"{country}"}}'}
    known.note_headers(sampling, headers | ({h.USER: f'"{user}"'} if user else {}), lambda name: [f"keyed-{name}"])
    pages = {h.PAGES: orjson.dumps([[1, page]]).decode()} if page else {}
    known.note_content(sampling, [Keep(b"", pages | {h.FIRST: str(first), h.LAST: str(last)}, 0)], text)
    return sampling, known


def verdicts(rules: Sampling, known: Facts) -> tuple[Verdict, Verdict]:
    """What the rules say now, and when nothing more comes."""
    return judge(rules, known, over=False), judge(rules, known, over=True)


KEEP, WAIT, REFUSE = Verdict.KEEP, Verdict.WAIT, Verdict.REFUSE


@pytest.mark.parametrize(
    ("given", "now", "over"),
    [
        ({}, KEEP, KEEP),
        ({"include_countries": ["DE"]}, KEEP, KEEP),
        ({"include_countries": ["FR"]}, REFUSE, REFUSE),
        ({"include_countries": ["FR"], "country": ""}, REFUSE, REFUSE),
        ({"exclude_countries": ["DE"]}, REFUSE, REFUSE),
        ({"exclude_countries": ["DE"], "country": ""}, KEEP, KEEP),
        ({"include_urls": ["https://a.example/buy*"]}, WAIT, REFUSE),
        ({"include_urls": ["https://a.example/buy*"], "page": "https://a.example/buy/1"}, KEEP, KEEP),
        ({"include_urls": ["https://a.example/buy*"], "page": "https://a.example/Buy"}, WAIT, REFUSE),
        ({"exclude_urls": ["*/admin*"]}, WAIT, KEEP),
        ({"exclude_urls": ["*/admin*"], "page": "https://a.example/"}, KEEP, KEEP),
        ({"exclude_urls": ["*/admin*"], "page": "https://a.example/admin"}, REFUSE, REFUSE),
        ({"users": ["anna"]}, WAIT, REFUSE),
        ({"users": ["anna"], "user": "bert"}, WAIT, REFUSE),
        ({"users": ["anna"], "user": "anna"}, KEEP, KEEP),
        ({"users": ["keyed-anna"], "user": "anna"}, KEEP, KEEP),
        ({"minimum_seconds": 10, "first": 5, "last": 10_004}, WAIT, REFUSE),
        ({"minimum_seconds": 10, "first": 5, "last": 10_005}, KEEP, KEEP),
        ({"only_with_error": True}, WAIT, REFUSE),
        ({"only_with_error": True, "text": b'{"type":3}\n' + ERROR}, KEEP, KEEP),
        ({"only_with_error": True, "text": ERROR.replace(b'level":"error', b'level":"warn')}, WAIT, REFUSE),
        ({"only_with_error": True, "text": b'{"error"\n'}, WAIT, REFUSE),
        ({"only_with_error": True, "minimum_seconds": 10, "text": ERROR}, WAIT, REFUSE),
        ({"users": ["anna"], "user": "anna", "include_countries": ["FR"]}, REFUSE, REFUSE),
    ],
)
def test_each_rule_and_all_of_them(given: dict[str, object], now: Verdict, over: Verdict) -> None:
    """A session is kept if it passes every rule; what a later payload could still change waits."""
    assert verdicts(*facts(**given)) == (now, over)  # type: ignore[arg-type]


def test_facts_add_up_over_payloads() -> None:
    """The first payload's country counts, time runs from the earliest to the latest event, in whatever order."""
    rules, known = facts(country="DE", first=20_000, last=21_000, minimum_seconds=12, exclude_countries=["FR"])
    known.note_headers(rules, {h.CONTEXT: '{"country":"FR"}'}, lambda _: [])
    known.note_content(rules, [Keep(b"", {h.FIRST: "10000", h.LAST: "11000"}, 0)], b"")
    assert judge(rules, known, over=False) is WAIT
    known.note_content(rules, [Keep(b"", {h.FIRST: "21000", h.LAST: "22000"}, 0)], b"")
    assert judge(rules, known, over=False) is KEEP


@dataclass
class Place:
    """A partition of its own state."""

    number: int
    count: int
    state: MemoryState


@pytest.mark.parametrize(("cap", "count"), [(0, 4), (1, 4), (4, 4), (10, 4), (3, 12), (1000, 7)])
def test_shares_add_up_to_the_cap(cap: int, count: int) -> None:
    """However it is divided, all partitions together keep no more and no fewer sessions than the cap."""
    kept = 0
    for number in range(count):
        place = Place(number, count, MemoryState())
        quota = Quota(lambda place=place: place)  # type: ignore[misc]
        taken = [quota.take("demo", 0, cap) for _ in range(cap + 2)]
        assert taken.count(True) == share(cap, number, count)
        assert taken == sorted(taken, reverse=True)
        kept += taken.count(True)
    assert kept == cap


def test_the_cap_is_of_a_day_and_a_project_and_survives_restarts() -> None:
    """Counts lie in the partition's state; those of days long past are forgotten."""
    place = Place(0, 1, MemoryState())
    assert Quota(lambda: place).take("demo", 0, 1)
    assert not Quota(lambda: place).take("demo", DAY - 1, 1)
    assert Quota(lambda: place).take("shop", 0, 1)
    assert Quota(lambda: place).take("demo", DAY, 1)
    assert not Quota(lambda: place).take("demo", 0, 1)
    for day in range(2, 40):
        assert Quota(lambda: place).take("demo", day * DAY, 1)
    assert sorted(place.state.values) == ["day:demo", "day:shop"]
    assert len(place.state.values["day:demo"]) < 100


@pytest.mark.parametrize(
    ("rules", "line", "word"),
    [
        (f"minimum_seconds: {HOLD_SECONDS + 1}", 5, "120"),
        ("minimum_seconds: .nan", 5, "minimum_seconds"),
        ("percent: 101", 5, "percent"),
        ("include_countries: [Germany]", 5, "include_countries"),
        ("sessions_per_day: -1", 5, "sessions_per_day"),
        ("users: [7]", 5, "users"),
        ("minimum: 7", 5, "minimum"),
    ],
)
def test_rules_that_cannot_be_kept_are_refused_at_load(rules: str, line: int, word: str) -> None:
    """A minimum beyond the longest hold could never be met; every refusal names its line."""
    with pytest.raises(ProjectFileError, match=word) as refusal:
        parse_projects(f"projects:\n  demo:\n    write_keys: [demo]\n    sampling:\n      {rules}\n")
    assert f"line {line}:" in str(refusal.value)


def test_percent_stands_in_one_place() -> None:
    """The share may be written in either place, not in both."""
    text = "projects:\n  demo:\n    write_keys: [demo]\n    {}\n"
    assert parse_projects(text.format("sampling_percent: 5")).projects["demo"].percent == 5
    assert parse_projects(text.format("sampling: {percent: 5}")).projects["demo"].percent == 5
    with pytest.raises(ProjectFileError, match="not both"):
        parse_projects(text.format("sampling: {percent: 5}\n    sampling_percent: 5"))
