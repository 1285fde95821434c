"""The presets over every recording, with words planted wherever the protocol has room for them."""

from __future__ import annotations

import copy
from typing import Any

import orjson
import pytest

from processors.privacy.policy import compile_policy
from schemas.policy import BALANCED, OPEN, PRESETS, STRICT, Policy
from tests.contract.test_privacy_recordings import recordings
from tests.unit.processors.privacy.pages import Run
from tests.unit.processors.privacy.viewer import Viewer

Json = dict[str, Any]
__all__ = ["recordings"]

# What a planted word tells of where it was: words of the page, what was typed or chosen, addresses, and what no preset
# keeps.
TEXT, TYPED, CHOSEN, QUERY, NEVER = "canarytext", "canarytyped", "canarychosen", "canaryquery", "canarynever"
_CHOICES = frozenset({"checkbox", "radio", "submit", "button", "reset", "image"})
_LABELS = ("title", "alt", "placeholder", "aria-label", "data-name", "x-name")
_ADDRESSES = ("href", "src", "action")
_URL = f"https://site.example/x?q={QUERY}#{QUERY}"


class _Planter:
    """Plants words into the events of one recording; what stands in a `<style>` stays CSS."""

    def __init__(self) -> None:
        self._tags: dict[int, str] = {}
        self._parents: dict[int, int] = {}
        self._chosen: set[int] = set()

    def plant(self, event: Json) -> Json:
        event = copy.deepcopy(event)
        data: Json = event.get("data") or {}
        if event["type"] == 2:
            self._plant_tree(data["node"], 0)
        elif event["type"] == 4:
            data["href"] = _URL
        elif event["type"] == 3 and data["source"] == 0:
            for entry in data.get("adds", ()):
                self._plant_tree(entry["node"], entry["parentId"])
            for entry in data.get("texts", ()):
                if entry["value"]:
                    entry["value"] = self._words(entry["id"])
            for entry in data.get("attributes", ()):
                entry["attributes"] |= dict.fromkeys(_LABELS, TEXT) | {"onclick": NEVER}
                if "value" in entry["attributes"]:
                    entry["attributes"]["value"] = self._value(entry["id"])
        elif event["type"] == 3 and data["source"] == 5:
            data["text"] = self._value(data["id"])
        return event

    def _plant_tree(self, root: Json, parent: int) -> None:
        waiting = [(root, parent)]
        while waiting:
            node, parent = waiting.pop()
            self._parents[node["id"]], self._tags[node["id"]] = parent, node.get("tagName", "")
            waiting += [(child, node["id"]) for child in node.get("childNodes") or ()]
            if node["type"] == 2:
                if not _is_typed_into(node):
                    self._chosen.add(node["id"])
                _plant_attributes(node)
            elif node["type"] == 5:
                node["textContent"] = NEVER
            elif node["type"] == 3:
                node["textContent"] = self._words(node["id"])

    def _value(self, node_id: int) -> str:
        return CHOSEN if node_id in self._chosen else TYPED

    def _words(self, node_id: int) -> str:
        tag = self._tags.get(self._parents.get(node_id, 0), "")
        css = f'p::before{{content:"{TEXT}";background:url("{_URL}")}}'
        return {"style": css, "script": NEVER, "noscript": NEVER, "textarea": TYPED}.get(tag, TEXT)


def _is_typed_into(node: Json) -> bool:
    kind = str((node.get("attributes") or {}).get("type")).lower()
    return node["tagName"] == "textarea" or (node["tagName"] == "input" and kind not in _CHOICES)


def _plant_attributes(node: Json) -> None:
    given = node.setdefault("attributes", {})
    given |= dict.fromkeys(_LABELS, TEXT) | {"onclick": NEVER, "srcdoc": NEVER, "nonce": NEVER}
    given |= {name: _URL for name in _ADDRESSES if name in given}
    given["style"] = f"background:url({_URL})"
    if node["tagName"] in ("input", "textarea", "select"):
        value = TYPED if _is_typed_into(node) else CHOSEN
        given["value"] = NEVER if given.get("type") in ("password", "hidden") else value
    if "_cssText" in given:
        given["_cssText"] += f'p::before{{content:"{TEXT}";background:url("{_URL}")}}'


@pytest.mark.long
def _enforced(events: list[Json], policy: Policy) -> list[Json]:
    at = events[-1]["timestamp"]
    more = [
        {"type": 5, "data": {"tag": "t", "payload": {"a": TEXT}}, "timestamp": at},
        {"type": 6, "data": {"plugin": "p", "payload": {"a": TEXT}}, "timestamp": at},
        {"type": 6, "data": {"plugin": "rrweb/canvas-webrtc@1", "payload": {"a": NEVER}}, "timestamp": at},
        {"type": 8, "data": {"type": "caption", "text": TEXT}, "timestamp": at},
    ]
    return Run(compile_policy(policy)).feed(*map(_Planter().plant, events), *more).out


def test_what_each_preset_leaves_of_a_page(recordings: dict[str, list[Json]]) -> None:
    """Strict leaves no word, only `open` what is typed, and none leaves queries or what is never kept; the others do
    leave words, so they were planted where they could pass.
    """
    left: dict[str, set[str]] = {name: set() for name in PRESETS}
    for name, events in recordings.items():
        for preset, policy in PRESETS.items():
            text = orjson.dumps(_enforced(events, policy)).decode()
            left[preset] |= {word for word in (TEXT, TYPED, CHOSEN, QUERY, NEVER) if word in text}
            if preset == "strict":
                assert not left[preset], name
            assert preset == "open" or TYPED not in text, name
    assert left == {"strict": set(), "balanced": {TEXT, CHOSEN}, "open": {TEXT, TYPED, CHOSEN}}


@pytest.mark.long
@pytest.mark.parametrize("policy", [STRICT, BALANCED, OPEN], ids=["strict", "balanced", "open"])
def test_what_a_preset_leaves_plays_and_stays(policy: Policy, recordings: dict[str, list[Json]]) -> None:
    """Under every preset a recording gives the player nothing to stumble over, and enforcing twice changes nothing."""
    for name, events in recordings.items():
        once = _enforced(events, policy)
        assert Viewer().watch(copy.deepcopy(once)) == [], name
        assert Run(compile_policy(policy)).feed(*once).out == once, name
