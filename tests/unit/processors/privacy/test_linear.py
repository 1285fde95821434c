"""What a text costs grows with its length and not with the square of it, wherever it stands and whatever it is of."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import pytest

from processors.privacy.css import strip_css
from processors.privacy.css_shown import mask_css
from processors.privacy.css_words import mask_selectors
from processors.privacy.enforce import enforce
from processors.privacy.policy import Policy
from processors.privacy.urls import Addresses
from schemas.policy import BALANCED
from tests.unit.processors.privacy.fields import NEW, fields, page
from tests.unit.processors.privacy.pages import DEFAULT, Json, Run, mutation, policy_of, remove

STRICT = policy_of("strict")
# Each rule that looks into a text rather than dropping it.
LOOKING = policy_of(
    """
    preset: open
    block: {selectors: ["[title*=block]", "[data-x~=block]", "div p.block"]}
    mask: {selectors: ["[id^=mask]", ".a .b"]}
    ignore: {selectors: ["[name$=ignore]"]}
    urls: {parameters: [a], path_segments: ['[^@]{1,64}@[^@]{1,128}\\\\.[A-Za-z]{2,9}', '\\\\d{3,}', '.*secret']}
    attributes: {data: mask_words, aria: mask, labels: mask}
    console: {messages: keep}
    network: {requests: mask}
    annotations: mask
    """
)
POLICIES = {"balanced": DEFAULT, "strict": STRICT, "looking": LOOKING}
FIELDS = fields()
ADDRESSES = Addresses(BALANCED.urls, words=False)
# What opens, ends or separates something in the languages that are read: CSS, addresses, HTML, JSON, stacks.
_PIECES = """
    url( url(" u\\72l( @import @import/* /* */ /**/ " ' \\ \\" [ [a= [a=" [a| ( ) { ; : , = # ? & @ / :// a:// ://a@
    :1:1 ;a= ;sid= %41 . - --a: < <a: <!-- image-set(" -set( src(" content:" content/**/:" symbols:a @counter-style{
    sourceMappingURL= url(data:image/svg+xml,< #a ;width 1234567 a a, é 😀 \ue000 ~= ^ \\A"""
PIECES = _PIECES.split()
PIECES += [" ", "\n", "\u00a0", "a ", "a, ", "1x ", "\\\n", " (", '"\n', "\x00"]
# What a filler stands behind and in front of.
_OF_CSS = """
    url( url(" @import @import/* /* " [ [a= [a=" a{content content: --a:" a{b:image-set( a{b:image-set("
    url(data:image/svg+xml,< url("data:image/svg+xml;base64, symbols:"""
_OF_OTHERS = """ http:// :// @ a? a; . ;width # url( """
TAILS = ["", '"', ")", "}", ":", "@", " x"]
# Pieces that a pattern can run over, tried behind each head in one field for each way a text is read.
_RUNS = """ a /**/ /* " 'a' "a \\ - / @ , ; 1 a: url( < [a= ("""
RUNS = [*_RUNS.split(), " ", "\n", "a, "]
_READERS = (
    "a[href],a[srcset],a[data-x],a[type],svg[d],a[class],box,font url,"
    "console entry,console trace,request name,mark,canvas argument"
)
DEEP: dict[str, tuple[str, Sequence[str]]] = {
    "strict": (_OF_CSS, ("a[style]", "masked[style]", "text in style", "rule of 2", "15 style.background")),
    "looking": (
        _OF_OTHERS,
        _READERS.split(","),
    ),
}
# What all are tried with, and what some are. Growth is measured from `SMALL` on, more than is remembered of any value.
SHORT, LONG, SMALL = 4 * 1024, 8 * 1024, 2 * 1024
GROWTH = 16
MOST = 2 * GROWTH
# A square shows each time, a busy machine does not.
TRIES = 12
# What a KiB takes at most where each character is looked at a few times.
USUAL_SECONDS = 0.0005


Filler = tuple[str, str, str]


def _text(filler: Filler, length: int) -> str:
    head, piece, tail = filler
    return head + piece * (length // len(piece)) + tail


def _fresh(policy: Policy) -> Run:
    run = Run(policy)
    for event in page():
        enforce(event, run.page, run.scene)
    return run


def _enforce(run: Run, event: Json) -> Run:
    """Enforce an event; the page as it was before, or a new one if it is not that any more."""
    enforce(event, run.page, run.scene)
    if run.page.closed is not None or event["type"] == 2:
        return _fresh(run.scene.policy)
    if NEW in run.page.mirror.nodes:
        enforce(mutation(removes=[remove(run.page.mirror.parent(NEW), NEW)]), run.page, run.scene)
    return run


def _cost(field: str, policy: Policy, text: str) -> float:
    run, event = _fresh(policy), FIELDS[field](text)
    begun = time.process_time()
    enforce(event, run.page, run.scene)
    return time.process_time() - begun


def _grows(field: str, filler: Filler, policy: Policy) -> bool:
    """True if a text sixteen times as long takes more than 32 times as long: CPU seconds, best of up to TRIES."""
    large = small = 1e9
    for _ in range(TRIES):
        large = min(large, _cost(field, policy, _text(filler, SMALL * GROWTH)))
        small = min(small, _cost(field, policy, _text(filler, SMALL)))
        if large <= MOST * max(small, 1e-4):
            return False
    return True


def _suspects(field: str, fillers: list[Filler], policy: Policy, length: int) -> Iterator[str]:
    """Those that grow too fast; what takes no time to speak of, by the clock, is not measured."""
    run = _fresh(policy)
    for filler in fillers:
        for _ in range(3):
            event = FIELDS[field](_text(filler, length))
            begun = time.perf_counter()
            run = _enforce(run, event)
            if time.perf_counter() - begun < USUAL_SECONDS * length / 1024:
                break
        else:
            if _grows(field, filler, policy):
                yield f"{field} {filler}"


def _pieces() -> list[Filler]:
    return [("", piece, "") for piece in PIECES]


def _behind(head: str) -> list[Filler]:
    # Every other one behind each head, which are many.
    pieces = RUNS[len(head) % 2 :: 2] if head else PIECES
    return [(head, piece, TAILS[index % len(TAILS)]) for index, piece in enumerate(pieces)]


@pytest.mark.long
@pytest.mark.parametrize("policy", POLICIES)
def test_every_field_with_every_filler(policy: str) -> None:
    """A text in any field, of any piece repeated, costs no more than twice its share of what a short one costs."""
    # Each is tried under one of the two that look into most, and some under the third.
    start, step = {"balanced": (0, 3), "strict": (0, 2), "looking": (1, 2)}[policy]
    fillers = _pieces()[start::step]
    assert [each for field in FIELDS for each in _suspects(field, fillers, POLICIES[policy], SHORT)] == []


@pytest.mark.long
@pytest.mark.parametrize("policy", DEEP)
def test_every_reader_with_what_stands_before_and_behind(policy: str) -> None:
    """The same behind the start of anything, with its end or without."""
    heads, fields_ = DEEP[policy]
    tried = [(field, _behind(head)) for field in fields_ for head in ["", *heads.split()]]
    assert [each for field, fillers in tried for each in _suspects(field, fillers, POLICIES[policy], LONG)] == []


@pytest.mark.parametrize("piece", ["/*", "@import/*", "@import/**/", "*/", '"', "url(", '[a="', "://", "a{content:"])
def test_long_style_sheets(piece: str) -> None:
    """Even what the fastest search does again for each piece shows in a text of a megabyte."""
    for read in (lambda css: strip_css(css, ADDRESSES), mask_css, lambda css: mask_selectors(css, frozenset())):
        costs = []
        for length in (64 * 1024, 1024 * 1024):
            text = piece * (length // len(piece))
            begun = time.process_time()
            read(text)
            costs.append(time.process_time() - begun)
        assert costs[1] < MOST * max(costs[0], 0.002)
