"""What is said of fields: which rule hides what people enter, and what passes although they entered it."""

from __future__ import annotations

import gzip
from pathlib import Path

import orjson
import pytest

from processors.privacy.explain.command import main
from processors.privacy.explain.explain import explain
from processors.privacy.limits import Limits
from processors.privacy.policy import Policy
from schemas.lines import pack
from tests.unit.processors.privacy.pages import (
    DEFAULT,
    Json,
    change,
    element,
    incremental,
    meta,
    mutation,
    policy_of,
    snapshot,
    words,
)

OPEN = policy_of("open")
TYPED = "inputs.mask_typed: what people type is masked"
REPEATS = "what repeats the value of a masked field is masked"


def said(*events: Json, policy: Policy = DEFAULT) -> list[tuple[str, str, str, str]]:
    """Action, last name of the path, part, reason."""
    return [
        (what.action.value, what.subject.rsplit(" > ", 1)[-1], what.part, str(what.why))
        for what in explain(map(orjson.dumps, events), policy).findings.times
    ]


def typed(node_id: int, text: str, checked: bool = False) -> Json:
    """Input into a field."""
    return incremental(5, id=node_id, text=text, isChecked=checked)


def test_what_passes_although_it_was_typed() -> None:
    """Every way in which `open` keeps it: in snapshots, as it is typed, when it changes, in texts; no stars."""
    page = [
        element(5, "input", value="a name"),
        element(6, "textarea", words(7, "a note")),
        element(8, "div", element(9, "p", words(10, "a letter")), contenteditable="true"),
        element(11, "input", type="file", value="C:\\fakepath\\me.png"),
        element(12, "input", type="password", value="secret"),
        element(13, "select", element(14, "option", words(15, "Oslo"))),
        element(16, "input", type="submit", value="Send"),
        element(17, "input"),
    ]
    events = [meta(), snapshot(*page), typed(13, "Oslo"), typed(17, "late"), mutation(texts=[{"id": 10, "value": "b"}])]
    kept = [each[1:] for each in said(*events, policy=OPEN) if each[0] == "kept"]
    typed_, file, choice = (
        f"inputs: {what} kept" for what in ("what people type is", "names of files are", "choices are")
    )
    assert sorted(kept) == [
        ("div", "typed text", typed_),
        ("input", "name of a file", file),
        ("input", "typed text", typed_),
        ("select", "choice", choice),
        ("textarea", "typed text", typed_),
    ]
    assert [each for each in said(*events) if each[0] == "kept"] == [("kept", "select", "choice", choice)]
    assert [each for each in said(*events, policy=policy_of("strict")) if each[0] == "kept"] == []


@pytest.mark.parametrize(
    ("policy", "node", "part", "why"),
    [
        ("balanced", element(5, "input", value="typed"), "attribute value", TYPED),
        ("balanced", element(5, "textarea", words(6, "typed")), "text", TYPED),
        ("balanced", element(5, "div", words(6, "typed"), contenteditable=""), "text", TYPED),
        ("balanced", element(5, "div", words(6, "typed"), role="textbox"), "text", TYPED),
        (
            "inputs: {mask_typed: false}",
            element(5, "input", type="file", value="a.png"),
            "attribute value",
            "inputs.mask_file_names: names of files are masked",
        ),
        ("inputs: {types: [text]}", element(5, "input", value="typed"), "attribute value", "inputs.types: text"),
        ("balanced", element(5, "input", data_copy="typed"), "attribute data-copy", f"{REPEATS} ({TYPED})"),
        ("balanced", element(5, "input", value="", title="x") | {}, "", ""),
        (
            "balanced",
            element(5, "input", name="cvc", value="123"),
            "attribute value",
            "always: its name, id or room tells that it takes a card or a code",
        ),
        (
            "balanced",
            element(5, "input", maxlength="1", value="1"),
            "attribute value",
            "always: its name, id or room tells that it takes a card or a code",
        ),
        (
            "balanced",
            element(5, "x-field", value="typed"),
            "attribute value",
            "inputs.mask_typed: a custom element may be a field, its value is masked",
        ),
        ("balanced", element(5, "p", title="https://a.example/?q=1"), "attribute title", "urls: addresses are cut"),
        (
            "balanced",
            element(5, "input", style="color: red; --value: 4711"),
            "attribute style",
            f"a masked field does not tell its value in custom properties; addresses in styles are cut ({TYPED})",
        ),
        (
            "inputs: {mask_typed: false, selectors: ['form.card']}",
            element(4711, "form", element(5, "input", value="typed"), class_="card"),
            "attribute value",
            "inputs.selectors: form.card on form.card",
        ),
        (
            "inputs: {mask_typed: false}",
            element(4711, "form", element(5, "input", value="typed"), class_="rr-ignore"),
            "attribute value",
            "ignore: .rr-ignore on form.rr-ignore",
        ),
        (
            "balanced",
            {**element(5, "input"), "attributes": {"TYPE": "password", "VALUE": "secret"}},
            "attribute value",
            "always: passwords, codes and card numbers are masked",
        ),
        (
            "balanced",
            element(5, "style", words(6, 'p::before { content: "secret" }'), class_="rr-mask"),
            "text",
            "mask: .rr-mask on style.rr-mask",
        ),
    ],
)
def test_the_rule_is_named(policy: str, node: Json, part: str, why: str) -> None:
    """Whatever a rule reaches, by type, name, wrapper, spelling or copy, the rule is the one that is named."""
    found = [(each[2], each[3]) for each in said(meta(), snapshot(node), policy=policy_of(policy)) if each[0] != "kept"]
    assert found == ([(part, why)] if part else [])


def test_what_is_shown_in_a_slot_names_the_rule_around_the_slot() -> None:
    """A child of a host falls under the rules of the place in the shadow tree where it is shown."""
    for rule, action, why in (
        ("rr-mask", "masked", "mask: .rr-mask on section.rr-mask"),
        ("rr-block", "blocked", "block: .rr-block"),
    ):
        wall = element(8, "section", element(9, "slot", name="card"), class_=rule) | {"isShadow": True}
        held = element(6, "p", words(7, "secret"), slot="card")
        host = element(5, "x-card", held, wall) | {"isShadowHost": True}
        assert (action, why) in [(each[0], each[3]) for each in said(meta(), snapshot(host))]
        assert not [each for each in said(meta(), snapshot(host)) if "never" in each[3] or "let through" in each[3]]


def test_the_limit_of_work_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """An event that asks for more than the limit is told with that reason, as in the stage by its size too."""
    monkeypatch.setattr("processors.privacy.explain.explain.Limits", lambda: Limits(work=40_000))
    large = mutation(attributes=[change(5, title="a" * 20_000)])
    reasons = [each[3] for each in said(meta(), snapshot(element(5, "p")), large)]
    assert reasons == ["the event takes more work than the limit"]


PAGES = [[meta(), snapshot(element(5, "input", type="password"))], [meta(), snapshot(element(5, "b", title="x"))]]
PAYLOADS = [{"page": f"p{at}", "seq": 0, "events": events} for at, events in enumerate(PAGES)]
RECORDING = {"window": "w", "payloads": [PAYLOADS[0], {**PAYLOADS[1], "seq": 1, "events": []}, PAYLOADS[1]]}


@pytest.mark.parametrize(
    ("content", "events"),
    [
        (orjson.dumps(RECORDING), 4),
        (orjson.dumps({"events": PAGES[0]}) + b"\n" + orjson.dumps({"events": PAGES[1]}), 4),
        (orjson.dumps([{"user": "u", "events": each} for each in PAGES]), 4),
        (orjson.dumps({"key": "k", "headers": {}, "received": 1, "value": {"lines": PAGES[0]}}), 2),
        (gzip.compress(orjson.dumps(PAGES[0])), 2),
        (pack(b"".join(orjson.dumps(each) + b"\n" for each in PAGES[0])), 2),
    ],
    ids=["captured session", "posts on lines", "posts in an array", "example of a record", "gzip", "zstd"],
)
def test_every_form_we_hand_out_is_read(
    content: bytes, events: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo session, captured bodies, examples and stored lines are recordings."""
    path = tmp_path / "recording"
    path.write_bytes(content)
    assert main([str(path)], policy_of) == 0
    assert f"{events} events, {events} kept" in capsys.readouterr().out


@pytest.mark.parametrize("content", [{"payloads": [{"page": "a", "seq": 0}]}, {"payloads": 7}, {"value": {"lines": 7}}])
def test_other_forms_are_refused(content: Json, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What only looks like one is said to be none."""
    path = tmp_path / "recording"
    path.write_bytes(orjson.dumps(content))
    assert main([str(path)], policy_of) == 1
    assert "no recording" in capsys.readouterr().err


def test_page_loads_that_are_told_apart_have_a_memory_each(tmp_path: Path) -> None:
    """As in the pipeline, a field that was a password on one page says nothing of the same id on the next."""
    second = [meta(at=300), snapshot(element(5, "input", type="checkbox", value="gift"), at=301)]
    kept = {}
    for name, payloads in (("one", ["a", "a"]), ("two", ["a", "b"])):
        pages = [{"page": page, "seq": seq, "events": (PAGES[0], second)[seq]} for seq, page in enumerate(payloads)]
        path, target = tmp_path / name, tmp_path / f"{name}.kept"
        path.write_bytes(orjson.dumps({"window": "w", "payloads": pages}))
        assert main([str(path), "--kept", str(target)], policy_of) == 0
        kept[name] = b'"gift"' in target.read_bytes()
    assert kept == {"one": False, "two": True}


def test_what_open_keeps_is_said_first(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever explains a policy reads what it lets through before any finding."""
    path, policy = tmp_path / "recording", tmp_path / "policy.yaml"
    path.write_bytes(orjson.dumps([meta(), snapshot(element(5, "input", value="a name"))]))
    policy.write_text("open")
    assert main([str(path), "--policy", str(policy)], policy_of) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1 : 1 + len(OPEN.rules.concessions())] == OPEN.rules.concessions()
    assert "passes although a person entered it: typed text" in lines
