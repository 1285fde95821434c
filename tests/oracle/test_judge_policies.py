"""The judge must be able to find fault with what a whole policy leaves: values left as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from schemas.policy import PRESETS
from tests.oracle.jsdom_player import jsdom
from tests.oracle.judgement import Tally
from tests.oracle.recordings import Json
from tests.oracle.replay import Case
from tests.unit.processors.privacy.pages import element, meta, snapshot, words

Values = dict[str, str | None]
Look = Callable[[str, Values], list[str]]

ORIGINAL = {
    "text": "a word",
    "title": "a name",
    "data": "a b",
    "href": "https://user:pass@site.example/files/12345/x?q=1#part",
    "srcset": "https://site.example/i.png?q=1 2x",
    "comment": "a comment",
    "password": "secret",
    "ignored": "typed",
    "hidden": "token",
    "typed": "typed",
    "style": "background: url(https://site.example/i.png?q=1)",
    "sheet": 'p::after { content: "word"; background: url("https://site.example/i.png?q=1") }',
    "token": "token",
    "onclick": "act()",
    "option": "a choice",
    "noscript": "no script",
}
# What the specification makes of them.
BALANCED = ORIGINAL | {
    "href": "https://site.example/files/12345/x",
    "srcset": "https://site.example/i.png 2x",
    "comment": "",
    "password": "********",
    "ignored": "********",
    "hidden": "",
    "style": "background: url(https://site.example/i.png)",
    "sheet": 'p::after { content: "word"; background: url("https://site.example/i.png") }',
    "token": "",
    "onclick": None,
    "noscript": "",
}
STRICT = BALANCED | {
    "text": "* ****",
    "title": "* ****",
    "data": "* *",
    "href": "https://site.example/files/***/x",
    "typed": "********",
    "sheet": 'p::after { content: "****"; background: url("https://site.example/i.png") }',
    "option": "* ******",
}
RIGHT = {"balanced": BALANCED, "strict": STRICT}
CHANGED = [(preset, name) for preset, right in RIGHT.items() for name in right if right[name] != ORIGINAL[name]]
KEPT = [("balanced", name) for name in BALANCED if BALANCED[name] == ORIGINAL[name]]


def _page(values: Values) -> list[Json]:
    handler = {} if values["onclick"] is None else {"onclick": values["onclick"]}
    return [
        meta(),
        snapshot(
            element(5, "p", words(6, values["text"] or ""), title=values["title"], data_name=values["data"]),
            element(7, "a", href=values["href"]),
            element(8, "img", srcset=values["srcset"]),
            {"type": 5, "textContent": values["comment"], "id": 9},
            element(10, "input", type="password", value=values["password"]),
            element(11, "input", type="text", value=values["ignored"], class_="rr-ignore"),
            element(12, "input", type="hidden", value=values["hidden"]),
            element(13, "input", type="text", value=values["typed"]),
            element(14, "div", style=values["style"]),
            element(15, "style", words(16, values["sheet"] or "")),
            element(17, "meta", name="csrf-token", content=values["token"]),
            element(18, "button", **handler),
            element(19, "select", element(20, "option", words(21, values["option"] or ""))),
            element(22, "noscript", words(23, values["noscript"] or "")),
        ),
    ]


@pytest.fixture(scope="module")
def judge() -> Iterator[Look]:
    """The differences found when a page is played beside the original under a preset."""
    with jsdom() as ask:

        def look(preset: str, values: Values) -> list[str]:
            classes = {"block": "rr-block", "mask": "rr-mask", "ignore": "rr-ignore"}
            rules = classes | {"policy": PRESETS[preset].model_dump(mode="json")}
            request = {
                "original": _page(dict(ORIGINAL)),
                "enforced": [{"events": _page(values), "rules": rules}],
                "manner": {"virtual": False, "unprotected": True},
            }
            tally = Tally()
            tally.add(Case("page", (preset,), request), ask(request))
            assert not tally.new
            return tally.differences

        yield look


@pytest.mark.parametrize("preset", RIGHT)
def test_what_the_policy_asks_for_is_accepted(preset: str, judge: Look) -> None:
    """The right page is found right."""
    assert judge(preset, dict(RIGHT[preset])) == []


@pytest.mark.parametrize(("preset", "name"), CHANGED)
def test_what_should_have_changed_is_found(preset: str, name: str, judge: Look) -> None:
    """Each value that is left as it was is a difference."""
    assert judge(preset, RIGHT[preset] | {name: ORIGINAL[name]})


@pytest.mark.parametrize(("preset", "name"), KEPT)
def test_what_should_have_stayed_is_found(preset: str, name: str, judge: Look) -> None:
    """Each value that is masked without need is a difference."""
    assert judge(preset, RIGHT[preset] | {name: STRICT[name]})
