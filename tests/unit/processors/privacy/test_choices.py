"""A list tells what is chosen in it: it is masked as soon as one of its options is masked or blocked."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.processors.privacy.pages import (
    BODY,
    Run,
    add,
    change,
    element,
    incremental,
    meta,
    mutation,
    policy_of,
    shown,
    snapshot,
    words,
)

Json = dict[str, Any]


def _option(node_id: int, text: str, **attributes: Any) -> Json:
    return element(node_id, "option", words(node_id + 1, text), value=text, **attributes)


def _open_list(*more: Json) -> Json:
    return element(10, "select", _option(11, "plain"), *more, value="plain")


def _chosen(text: str) -> Json:
    return incremental(5, id=10, text=text, isChecked=False)


@pytest.mark.parametrize("name", ["rr-mask", "rr-block", "rr-ignore"])
@pytest.mark.parametrize("in_group", [False, True])
def test_a_hidden_option_masks_its_list(name: str, in_group: bool) -> None:
    """Neither the list's value, nor the mark of another option, nor an input event tells whether it is chosen."""
    hidden = _option(13, "secret", class_=name, selected=True)
    group = element(20, "optgroup", hidden, label="secret group") if in_group else hidden
    before, after = _option(11, "plain one"), _option(17, "plain two")
    run = Run().feed(meta(), snapshot(element(10, "select", before, group, after, value="secret")), _chosen("secret"))
    assert "secret" not in str(run.out).replace("rr-", "")
    assert "plain" not in str(run.out)
    assert "selected" not in str(run.out)
    assert shown(run, 10)["attributes"]["value"] == "********"
    assert run.last["text"] == "********"


def test_a_hidden_group_masks_its_list() -> None:
    """A rule that matches the group, or anything else around options inside the list, counts as one on an option."""
    group = element(20, "optgroup", _option(13, "secret", selected=True), class_="rr-mask")
    assert "secret" not in str(Run().feed(meta(), snapshot(_open_list(group)), _chosen("secret")).out)
    inside = element(21, "div", element(22, "div", words(23, "secret"), class_="rr-mask"))
    run = Run().feed(meta(), snapshot(_open_list(element(20, "option", inside))), _chosen("secret"))
    assert run.last["text"] == "********"


def test_a_list_without_a_hidden_option_stays_open() -> None:
    """Only the list with the hidden option is masked, and what is masked beside a list does not touch it."""
    other = element(30, "select", _option(31, "secret", class_="rr-mask"), value="secret")
    beside = element(40, "p", words(41, "secret"), class_="rr-mask")
    run = Run().feed(meta(), snapshot(element(9, "form", _open_list(), other, beside)), _chosen("plain"))
    assert shown(run, 10)["attributes"]["value"] == "plain"
    assert shown(run, 11)["attributes"]["value"] == "plain"
    assert run.last["text"] == "plain"
    assert "secret" not in str(run.out)


def test_an_option_that_is_hidden_later_masks_its_list() -> None:
    """A class that an option gets masks what its list says in the same event and after it, also without the option."""
    run = Run().feed(meta(), snapshot(_open_list(_option(13, "other"))))
    both = [change(10, value="secret"), change(13, class_="rr-mask")]
    run.feed(mutation(attributes=both, texts=[{"id": 12, "value": "secret"}]))
    assert "secret" not in str(run.last)
    run.feed(mutation(removes=[{"parentId": 10, "id": 13}]), _chosen("secret"))
    assert run.last["text"] == "********"


def test_an_option_that_comes_hidden_masks_its_list() -> None:
    """An option may be hidden on arrival: in a list that is there, or in one that comes in the same event."""
    secret, text = element(13, "option", value="secret", class_="rr-mask"), words(14, "secret")
    run = Run().feed(meta(), snapshot(_open_list()), mutation(adds=[add(10, secret), add(13, text)]))
    assert run.feed(_chosen("secret")).last["text"] == "********"
    assert "secret" not in str(run.out)
    new = element(50, "select", value="secret")
    earlier = element(51, "option", value="plain two", selected=False)
    adds = [add(BODY, new), add(50, earlier), add(51, words(52, "plain two")), add(50, secret), add(13, text)]
    run.feed(mutation(adds=adds, removes=[{"parentId": 10, "id": 13}]))
    assert "secret" not in str(run.last)
    assert "plain two" not in str(run.last)


def test_an_option_inside_a_document_of_its_own_masks_its_list() -> None:
    """A list in an iframe's document, which comes with all its nodes at once, is masked too."""
    page = {
        "type": 0,
        "childNodes": [element(61, "html", _open_list(_option(13, "secret", class_="rr-mask")))],
        "id": 60,
    }
    run = Run().feed(meta(), snapshot(element(50, "iframe")))
    run.feed(mutation(adds=[add(50, page)], isAttachIframe=True))
    assert "secret" not in str(run.out)
    assert "plain" not in str(run.out)


def test_a_selector_of_fields_may_name_an_option() -> None:
    """Fields may be named by what is in them."""
    policy = policy_of("inputs: {selectors: [option.secret]}")
    run = Run(policy).feed(meta(), snapshot(_open_list(_option(13, "secret", class_="x secret"))), _chosen("plain"))
    assert run.last["text"] == "********"
    assert shown(run, 14)["textContent"] == "******"


def test_masked_text_includes_what_a_list_says() -> None:
    """The value of a list is text of the page, even where a policy keeps what is typed into fields."""
    page = snapshot(_open_list(), element(20, "input", value="typed"))
    run = Run(policy_of("{text: {mask_all: true}, inputs: {mask_typed: false}}")).feed(meta(), page, _chosen("plain"))
    assert "plain" not in str(run.out)
    assert shown(run, 20)["attributes"]["value"] == "typed"
