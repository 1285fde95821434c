"""Children of shadow hosts fall under the rules of the place they are shown in."""

from __future__ import annotations

from typing import Any

import pytest

from processors.privacy.mirror import Mirror
from processors.privacy.packing import VERSION, apply, pack_base, pack_patch
from schemas.reasons import Reason
from tests.unit.processors.privacy.pages import (
    BODY,
    Run,
    add,
    change,
    element,
    incremental,
    meta,
    mutation,
    remove,
    shown,
    snapshot,
    words,
)
from tests.unit.processors.privacy.viewer import Viewer

Json = dict[str, Any]
SECRET = "s3cr3t"
HOST, WALL, SLOT = 10, 20, 21


def light(start: int, slot: str = "") -> list[Json]:
    """Children of a host: an element for the slot, and a field."""
    given = {"slot": slot} if slot else {}
    return [
        element(start, "p", words(start + 1, SECRET), title=SECRET, **given),
        element(start + 2, "input", value=SECRET, **given),
    ]


def shadow(class_: str, *inside: Json) -> Json:
    """What is in the shadow tree: an element of this class."""
    return element(WALL, "section", *inside, class_=class_) | {"isShadow": True}


def slot(node_id: int = SLOT, name: str = "") -> Json:
    """A slot."""
    return element(node_id, "slot", **({"name": name} if name else {}))


def host(*children: Json) -> Json:
    """A shadow host with these children, and another slot that is in the open."""
    opened = element(30, "main", slot(31, "open")) | {"isShadow": True}
    kept = element(40, "p", words(41, "open words"), slot="open")
    return element(HOST, "x-card", *children[:-1], kept, children[-1], opened) | {"isShadowHost": True}


def played(run: Run) -> Run:
    """Nothing that the player would stumble over."""
    assert Viewer().watch(run.out) == []
    return run


@pytest.mark.parametrize("name", ["", "side"])
@pytest.mark.parametrize("class_", ["rr-block", "rr-mask"])
def test_children_shown_in_a_slot(class_: str, name: str) -> None:
    """What a blocked or masked element shows through its slot is covered by it, in the snapshot and later."""
    page = snapshot(host(*light(50, name), shadow(class_, element(22, "div", slot(name=name)))))
    given = {"slot": name} if name else {}
    run = Run().feed(meta(), page, incremental(5, id=52, text=SECRET, isChecked=False))
    run.feed(
        mutation(texts=[{"id": 51, "value": SECRET}], attributes=[change(50, title=SECRET)]),
        mutation(adds=[add(HOST, element(60, "p", **given)), add(60, words(61, SECRET))]),
        mutation(adds=[add(HOST, words(62, SECRET))] if not name else []),
        mutation(texts=[{"id": 41, "value": "more"}]),
    )
    assert SECRET not in str(run.out)
    assert shown(run, 41)["textContent"] == "open words"
    assert run.last["texts"] == [{"id": 41, "value": "more"}]
    assert "'id': 51" not in str(run.out) or class_ == "rr-mask"
    played(run)


def test_a_slot_that_is_itself_marked() -> None:
    """The slot may carry the class, and be the first thing in the shadow tree."""
    marked = element(SLOT, "slot", class_="rr-block") | {"isShadow": True}
    assert SECRET not in str(played(Run().feed(meta(), snapshot(host(*light(50), marked)))).out)


def test_slots_within_slots() -> None:
    """A slot may be shown in another slot, of a host inside the shadow tree: all of them count."""
    inner = element(26, "div", slot(27), class_="rr-mask") | {"isShadow": True}
    inside = element(25, "x-inner", slot(), inner) | {"isShadowHost": True}
    run = Run().feed(meta(), snapshot(host(*light(50), shadow("", inside))))
    assert SECRET not in str(run.out)
    assert shown(run, 51)["textContent"] == "******"


def test_rules_for_fields_reach_through_slots() -> None:
    """What is shown in a form to ignore is in that form."""
    run = Run().feed(meta(), snapshot(host(*light(50), shadow("rr-ignore", slot()))))
    assert shown(run, 52)["attributes"]["value"] == "********"
    assert shown(run, 51)["textContent"] == SECRET


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("class_", ["rr-block", "rr-mask"])
def test_all_of_it_comes_in_one_event(class_: str, order: int) -> None:
    """A host that is added with both trees: their order does not matter."""
    shell = [add(BODY, element(HOST, "x-card") | {"isShadowHost": True})]
    tree = [add(HOST, shadow(class_)), add(WALL, slot(name="side"))]
    children = [add(HOST, element(50, "p", slot="side", title=SECRET)), add(50, words(51, SECRET))]
    parts = [tree, children][::order]
    run = Run().feed(meta(), snapshot(), mutation(adds=[*shell, *parts[0], *parts[1]]))
    run.feed(mutation(texts=[{"id": 51, "value": SECRET}]))
    assert SECRET not in str(run.out)
    played(run)


def test_a_block_that_comes_late() -> None:
    """Blocking what a slot stands in takes away what is shown there, and keeps it away."""
    run = Run().feed(meta(), snapshot(host(*light(50), shadow("", slot()))))
    run.feed(mutation(attributes=[change(WALL, class_="rr-block")]))
    assert {each["id"] for each in run.last["removes"]} == {SLOT, 50, 52}
    told = len(run.out)
    run.feed(mutation(texts=[{"id": 51, "value": SECRET}]), mutation(adds=[add(HOST, words(60, SECRET))]))
    assert SECRET not in str(run.out[told:])
    assert run.dropped[-1] is Reason.BLOCKED
    played(run)


def test_a_child_that_changes_its_slot() -> None:
    """Asking for a slot that is blocked takes an element away."""
    run = Run().feed(meta(), snapshot(host(shadow("rr-block", slot(name="side")))))
    run.feed(mutation(attributes=[change(40, slot="side")], texts=[{"id": 41, "value": SECRET}]))
    assert SECRET not in str(run.out)
    assert run.last["removes"] == [{"parentId": HOST, "id": 40}]
    played(run)


def test_a_child_that_moves_there() -> None:
    """Nor may it come there from elsewhere; the remove that fits it is said."""
    page = snapshot(host(shadow("rr-block", slot())), element(70, "p", words(71, "open")))
    run = Run().feed(meta(), page)
    run.feed(mutation(removes=[remove(BODY, 70)], adds=[add(HOST, element(70, "p")), add(70, words(71, SECRET))]))
    assert SECRET not in str(run.out)
    played(run)
    run = Run().feed(meta(), page, mutation(adds=[add(HOST, element(70, "p")), add(70, words(71, SECRET))]))
    assert run.last["removes"][-1] == {"parentId": BODY, "id": 70}
    assert SECRET not in str(played(run).out)


def test_what_the_recorder_blocked_itself() -> None:
    """It sends no slots of it: children without another slot count as shown in there, others do not."""
    wall = element(WALL, "section", class_="rr-block", rr_width="9px", rr_height="9px") | {"isShadow": True}
    run = Run().feed(meta(), snapshot(host(*light(50, "side"), *light(55), wall)))
    assert SECRET not in str(run.out)
    assert shown(run, 41)["textContent"] == "open words"


def test_a_slot_that_comes_into_a_block() -> None:
    """A slot added to what is blocked is not let through, and what it shows neither, however deep it is added."""
    run = Run().feed(meta(), snapshot(host(shadow("rr-block"))))
    run.feed(mutation(adds=[add(WALL, slot()), add(HOST, words(60, SECRET))]))
    run.feed(mutation(adds=[add(WALL, element(23, "div"))]), mutation(adds=[add(23, slot(24, "side"))]))
    run.feed(mutation(adds=[add(HOST, element(61, "p", slot="side")), add(61, words(62, SECRET))]))
    assert SECRET not in str(run.out)


def test_slots_are_in_the_stored_mirror() -> None:
    """A mirror read from state knows the slots; one of the version before knows none and goes on as it was."""
    run = Run().feed(meta(), snapshot(host(shadow("rr-block", slot(name="side")))))
    mirror = Mirror(512)
    apply(mirror, pack_base(run.page.mirror))
    run.page.mirror.stored()
    run.feed(mutation(adds=[add(HOST, element(70, "p", slot="side"))]), mutation(attributes=[change(31, name="x")]))
    apply(mirror, pack_patch(run.page.mirror))
    mirror.restored()
    slots, kept = mirror.slots, run.page.mirror.slots
    assert (slots.names, slots.hosts, mirror.is_flat) == (kept.names, kept.hosts, True)
    assert {node_id: mirror.status(node_id) for node_id in mirror.nodes} == {
        node_id: run.page.mirror.status(node_id) for node_id in run.page.mirror.nodes
    }
    assert pack_base(mirror)[:1] == VERSION


def test_many_slots_of_one_name() -> None:
    """Which of them is used hangs on their order, so what they show counts as hidden if there are very many."""
    many = [slot(1000 + at) for at in range(300)]
    run = Run().feed(meta(), snapshot(host(*light(50), shadow("rr-mask", *many))))
    assert SECRET not in str(run.out)
    assert not run.dropped


def test_going_through_slots_has_an_end() -> None:
    """Small events that make the stage go through a large host again and again are refused before they cost much."""
    children = [element(1000 + at, "p", slot="open") for at in range(2000)]
    run = Run().feed(meta(), snapshot(host(*children, shadow("rr-mask"))))
    for at in range(200):
        run.feed(mutation(adds=[add(WALL, slot(5000 + at, f"s{at}"))]))
    assert 1 <= run.dropped.count(Reason.NODE_LIMIT) + run.dropped.count(Reason.DEGRADED) < 100
    assert Reason.NODE_LIMIT in run.dropped
