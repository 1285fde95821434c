"""What a text costs grows with its length and not with the square of it, wherever it stands and whatever it is of."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from processors.privacy.enforce import enforce
from processors.privacy.policy import Policy
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
# What opens, ends or separates something in the languages that are read: CSS, addresses, HTML, JSON, stacks.
_PIECES = """
    url( url(" u\\72l( @import @import/* /* */ /**/ " ' \\ \\" [ [a= [a=" [a| ( ) { ; : , = # ? & @ / :// a:// ://a@
    :1:1 ;a= ;sid= %41 . - --a: < <a: <!-- image-set(" -set( src(" content:" content/**/:" symbols:a @counter-style{
    sourceMappingURL= url(data:image/svg+xml,< #a ;width 1234567 a a, é 😀 \ue000 ~= ^ \\A"""
PIECES = _PIECES.split()
PIECES += [" ", "\n", "\u00a0", "a ", "a, ", "1x ", "\\\n", " (", '"\n', "\x00"]
# What a filler stands behind and in front of.
_HEADS = """
    url( url(" @import @import/* /* " [ [a= [a=" a{content content: --a:" a{b:image-set( a{b:image-set(" http:// :// @
    a? a; url(data:image/svg+xml,< url("data:image/svg+xml;base64, symbols: . ;width"""
HEADS = ["", *_HEADS.split()]
TAILS = ["", '"', ")", "}", ":", "@", " x"]
# Pieces that a pattern can run over, tried behind each head in one field for each way a text is read.
_RUNS = """ a /**/ /* " 'a' "a \\ - / @ , ; 1 a: url( < [a= ("""
RUNS = [*_RUNS.split(), " ", "\n", "a, "]
DEEP = (
    "a[style]", "masked[style]", "a[href]", "a[srcset]", "a[data-x]", "a[type]", "svg[d]", "a[class]", "box",
    "text in style", "rule of 2", "content of 2", "15 style.background", "19 style.--x",
    "font url", "console entry", "console trace", "request name", "mark",
)  # fmt: skip
# What all are tried with, and what some are. Growth is measured up to `MEASURED`, of which a sixteenth is more than is
# remembered of any value.
SHORT, LONG, MEASURED = 4 * 1024, 16 * 1024, 64 * 1024
GROWTH = 16
# What a KiB of all fillers together costs at most where each of their characters is looked at a few times.
USUAL_SECONDS = 0.002
MOST = 2 * GROWTH


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
    """CPU seconds, best of five."""
    costs: list[float] = []
    # What is fast needs no second look.
    while len(costs) < 5 and min(costs, default=1.0) > 1e-4 * GROWTH:
        run, event = _fresh(policy), FIELDS[field](text)
        begun = time.process_time()
        enforce(event, run.page, run.scene)
        costs.append(time.process_time() - begun)
    return min(costs)


def _growth(field: str, filler: Filler, policy: Policy) -> float:
    large = _cost(field, policy, _text(filler, MEASURED))
    return large / max(_cost(field, policy, _text(filler, MEASURED // GROWTH)), 1e-4)


def _suspects(field: str, fillers: list[Filler], policy: Policy, length: int) -> Iterator[str]:
    """Those of which a text sixteen times as long takes much more than sixteen times as long.

    All are tried at once first: what takes no time to speak of is not measured one by one.
    """
    events = [FIELDS[field](_text(filler, length)) for filler in fillers]
    run = _fresh(policy)
    begun = time.process_time()
    for event in events:
        run = _enforce(run, event)
    if time.process_time() - begun < USUAL_SECONDS * length / 1024:
        return
    for filler in fillers:
        # On a busy machine a measurement may be wrong, but not three times in a row.
        if all(_growth(field, filler, policy) > MOST for _ in range(3)):
            yield f"{field} {filler}"


def _pieces() -> list[Filler]:
    return [("", piece, "") for piece in PIECES]


def _behind(head: str) -> list[Filler]:
    return [(head, piece, TAILS[index % len(TAILS)]) for index, piece in enumerate(RUNS if head else PIECES)]


@pytest.mark.parametrize("policy", POLICIES)
def test_every_field_with_every_filler(policy: str) -> None:
    """A text in any field, of any piece repeated, costs no more than twice its share of what a short one costs."""
    assert [each for field in FIELDS for each in _suspects(field, _pieces(), POLICIES[policy], SHORT)] == []


@pytest.mark.parametrize("policy", ["strict", "looking"])
def test_every_reader_with_what_stands_before_and_behind(policy: str) -> None:
    """The same behind the start of anything, with its end or without."""
    tried = [(field, _behind(head)) for field in DEEP for head in HEADS]
    assert [each for field, fillers in tried for each in _suspects(field, fillers, POLICIES[policy], LONG)] == []
