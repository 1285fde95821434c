"""What the policy removed, by the rule that did it: a fact of the recording."""

from __future__ import annotations

from collections import Counter

import orjson

from processors.privacy.policy import CONSOLE_PLUGIN, NETWORK_PLUGIN
from processors.privacy.scene import Scene
from schemas.reasons import Reason
from schemas.rrweb import EventType, IncrementalSource

# Other reasons are no rule of the policy: the losses tell of them.
_BY_REASON = {Reason.BLOCKED: "block", Reason.IGNORED_INPUT: "ignore", Reason.REPEATED_INPUT: "inputs"}
_PLUGINS = {CONSOLE_PLUGIN: "console", NETWORK_PLUGIN: "network"}
_NOT_ALLOWED: dict[int, str] = {EventType.CUSTOM: "custom", EventType.ANNOTATION: "annotations"}
_SOURCES = {IncrementalSource.CANVAS_MUTATION: "canvas", IncrementalSource.LOG: "console"}


def removing_rule(event: object, reason: Reason) -> str:
    """The rule for which a whole event was dropped; "" if it was none of the policy's."""
    if reason is not Reason.NOT_ALLOWED:
        return _BY_REASON.get(reason, "")
    if type(event) is not dict or type(event.get("data")) is not dict:
        return ""
    type_, data = event.get("type"), event["data"]
    if type_ == EventType.PLUGIN:
        plugin = data.get("plugin")
        return _PLUGINS.get(plugin, "plugins") if type(plugin) is str else "plugins"
    if type_ == EventType.INCREMENTAL_SNAPSHOT and type(data.get("source")) is int:
        return _SOURCES.get(data["source"], "")
    return _NOT_ALLOWED.get(type_, "") if type(type_) is int else ""


def removed_header(dropped: Counter[str], scene: Scene) -> str:
    """rs-removed: whole events and what was masked or emptied in others; "" if nothing was."""
    policy = scene.policy
    removed = dropped + Counter(scene.said)
    removed["text.mask_all" if policy.mask_text else "text.mask"] += scene.texts
    removed["inputs.mask_all" if policy.mask_inputs else "inputs"] += scene.fields + removed.pop("inputs", 0)
    removed["attributes"] += scene.attributes
    removed["block"] += scene.blocked
    told = {rule: count for rule, count in sorted(removed.items()) if count}
    return orjson.dumps(told).decode() if told else ""
