"""The judge must be able to find fault with what a whole policy leaves: values left as they were."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from schemas.policy import PRESETS
from tests.oracle.jsdom_player import jsdom
from tests.oracle.judgement import Tally
from tests.oracle.policies import POLICIES
from tests.oracle.recordings import Json
from tests.oracle.replay import Case, enforced
from tests.unit.processors.privacy.pages import element, meta, snapshot, words

_PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="
_DRAWN = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg'%3E{}%3C/svg%3E"
_SHAPE = _DRAWN.format("%3Cpath d='M0 0'/%3E")
_LETTERS = _DRAWN.format("%3Ctext%3Eword%3C/text%3E")

Values = dict[str, str | None]
Look = Callable[[str, list[Json]], list[str]]

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
    "written": "typed",
    "spoken by": "typed",
    "chosen": "a",
    "hint": "a hint",
    "style": "background: url(https://site.example/i.png?q=1)",
    "sheet": 'p::after { content: "word"; background: url("https://site.example/i.png?q=1") }',
    "token": "token",
    "onclick": "act()",
    "option": "a choice",
    "noscript": "no script",
    "picture": _PIXEL,
    "taken": _PIXEL,
    "drawn": f"color: red; background: url({_PIXEL})",
    "no style": "a word",
    "selector": 'a[title="word"] { color: red }',
    "keyword": 'input[type="text"] { color: red }',
    "no keyword": 'p[foo="wörd"] { color: red }',
    "letters": f'p {{ background: url("{_LETTERS}") }}',
    "design": f'p {{ background: url("{_SHAPE}"), url("{_PIXEL}") }}',
    "remark": "p { color: red } /* a word */",
    "map": "p { color: red } /*# sourceMappingURL=https://site.example/a.map?q=1 */",
    "font": '@font-face { font-family: f; src: src("https://site.example/f.woff2?q=1") }',
    "json": '{"at":"https://site.example/x?q=1","n":1}',
    "path": "../x?q=1",
    "unknown": "a word",
    "role": "button",
    "copy": "secret",
    "spoken": "secret",
    "covered": "a word",
    "covered role": "button",
    "covered style": 'color: red; background: image-set("https://site.example/x?q=1" 1x)',
    "session": "https://site.example/x;jsessionid=1/y",
    "document": "data:application/pdf;base64,AA==",
    "map name": "https://site.example/#/word",
}
# What the specification makes of them.
BALANCED = ORIGINAL | {
    "href": "https://site.example/files/12345/x",
    "srcset": "https://site.example/i.png 2x",
    "comment": "",
    "password": "********",
    "ignored": "********",
    "hidden": "",
    "typed": "********",
    "written": "********",
    "spoken by": "*****",
    "style": "background: url(https://site.example/i.png)",
    "sheet": 'p::after { content: "word"; background: url("https://site.example/i.png") }',
    "token": "",
    "onclick": None,
    "noscript": "",
    "map": "p { color: red } /*# sourceMappingURL= */",
    "font": '@font-face { font-family: f; src: src("https://site.example/f.woff2") }',
    "json": '{"at":"https://site.example/x","n":1}',
    "path": "../x",
    "copy": "******",
    "spoken": "******",
    "covered": "* ****",
    "covered style": 'color: red; background: image-set("" 1x)',
    "session": "https://site.example/x/y",
    "document": "",
    "map name": "https://site.example/",
}
STRICT = BALANCED | {
    "text": "* ****",
    "title": "* ****",
    "data": "* *",
    "href": "https://site.example/files/***/x",
    "chosen": "",
    "hint": "* ****",
    "sheet": 'p::after { content: "****"; background: url("https://site.example/i.png") }',
    "option": "* ******",
    "picture": "",
    "taken": None,
    "drawn": "color: red; background: none",
    "no style": "",
    "selector": 'a[title="#"] { color: red }',
    "no keyword": 'p[foo="#"] { color: red }',
    "letters": "p { background: url() }",
    "remark": "p { color: red } ",
    "map": "p { color: red } ",
    "json": "*" * len('{"at":"https://site.example/x?q=1","n":1}'),
    "path": "********",
    "unknown": "* ****",
}
RIGHT = {"balanced": BALANCED, "strict": STRICT}
CHANGED = [(preset, name) for preset, right in RIGHT.items() for name in right if right[name] != ORIGINAL[name]]
# More than any rule asks for.
DESTROYED = {
    "design": "p { background: url(), url() }",
    "keyword": "",
    "selector": "",
    "drawn": "",
    "font": "",
    "role": None,
    "covered role": None,
    "sheet": "",
    "href": "",
}
KEPT = [("balanced", name) for name in BALANCED if BALANCED[name] == ORIGINAL[name] != STRICT[name]]


def _sheet(number: int, css: str | None) -> Json:
    return element(number, "style", words(number + 1, css or ""))


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
            element(53, "textarea", value=values["typed"], placeholder=values["hint"]),
            element(54, "div", words(55, values["written"] or ""), contenteditable="true"),
            element(56, "x-field", value=values["spoken by"]),
            element(57, "input", type="radio", value=values["chosen"]),
            element(14, "div", style=values["style"]),
            element(15, "style", words(16, values["sheet"] or "")),
            element(17, "meta", name="csrf-token", content=values["token"]),
            element(18, "button", **handler),
            element(19, "select", element(20, "option", words(21, values["option"] or ""))),
            element(22, "noscript", words(23, values["noscript"] or "")),
            element(24, "img", src=values["picture"]),
            element(25, "img", src="https://site.example/i.png", rr_dataURL=values["taken"]),
            element(26, "div", style=values["drawn"]),
            element(27, "div", style=values["no style"]),
            _sheet(28, values["selector"]),
            _sheet(30, values["keyword"]),
            _sheet(32, values["no keyword"]),
            _sheet(34, values["letters"]),
            _sheet(36, values["design"]),
            _sheet(38, values["remark"]),
            _sheet(40, values["map"]),
            _sheet(42, values["font"]),
            element(44, "div", data_page=values["json"], data_src=values["path"]),
            element(45, "div", foo=values["unknown"], role=values["role"]),
            element(46, "input", type="password", data_copy=values["copy"], aria_valuetext=values["spoken"]),
            element(47, "div", class_="rr-mask", foo=values["covered"], role=values["covered role"]),
            element(51, "div", class_="rr-mask", style=values["covered style"]),
            element(48, "a", href=values["session"]),
            element(49, "embed", src=values["document"]),
            element(50, "img", usemap=values["map name"]),
        ),
    ]


@pytest.fixture(scope="module")
def judge() -> Iterator[Look]:
    """The differences found when a page is played beside the original under a preset."""
    with jsdom() as ask:

        def look(preset: str, events: list[Json]) -> list[str]:
            classes = {"block": "rr-block", "mask": "rr-mask", "ignore": "rr-ignore"}
            rules = classes | {"policy": PRESETS[preset].model_dump(mode="json")}
            request = {
                "original": _page(dict(ORIGINAL)),
                "enforced": [{"events": events, "rules": rules}],
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
    assert judge(preset, _page(dict(RIGHT[preset]))) == []


@pytest.mark.parametrize("preset", RIGHT)
def test_what_the_enforcer_leaves_is_accepted(preset: str, judge: Look) -> None:
    """The enforcer's own page is found right."""
    assert judge(preset, enforced(_page(dict(ORIGINAL)), POLICIES[preset])) == []


@pytest.mark.parametrize(("preset", "name"), CHANGED)
def test_what_should_have_changed_is_found(preset: str, name: str, judge: Look) -> None:
    """Each value that is left as it was is a difference."""
    assert judge(preset, _page(RIGHT[preset] | {name: ORIGINAL[name]}))


@pytest.mark.parametrize(("preset", "name"), KEPT)
def test_what_should_have_stayed_is_found(preset: str, name: str, judge: Look) -> None:
    """Each value that is masked without need is a difference."""
    assert judge(preset, _page(RIGHT[preset] | {name: STRICT[name]}))


@pytest.mark.parametrize("preset", RIGHT)
@pytest.mark.parametrize("name", DESTROYED)
def test_what_is_destroyed_is_found(preset: str, name: str, judge: Look) -> None:
    """Each value that is gone, though its form should have stayed, is a difference."""
    assert judge(preset, _page(RIGHT[preset] | {name: DESTROYED[name]}))
