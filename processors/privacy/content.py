"""What the site's own code and plugins put into a recording: events whose content no rule about nodes can look into."""

from __future__ import annotations

import re
from typing import Any

from processors.privacy.address_words import strip_all
from processors.privacy.network import enforce_requests
from processors.privacy.policy import CONSOLE_PLUGIN, NETWORK_PLUGIN, WEBRTC_PLUGIN, Policy
from processors.privacy.refusal import Json, keep_only, malformed, text
from processors.privacy.scene import Scene
from processors.privacy.values import mask_text
from schemas.reasons import Reason

# npm @rrweb/rrweb-plugin-console-record 2.1.1: `level` is the name of the console's function, `trace` has the frames of
# the stack, entries of `payload` are JSON texts, or null for what JSON has no word for.
_MASKED_ENTRY = '"***"'
_ENTRY = frozenset({str, type(None)})
_CONSOLE = frozenset({"level", "trace", "payload"})
_LOG = _CONSOLE | {"source"}
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]{0,31}://[^\s\"'<>()]+")
# The line and column of a place in a script.
_PLACE = re.compile(r"(:\d{1,9}){1,2}$")
_NAMES = """
    assert clear count countReset debug dir dirxml error group groupCollapsed groupEnd info log table time timeEnd
    timeLog trace warn"""
_LEVELS = frozenset(_NAMES.split())
# A frame of the stack; a line of the error's own message can look much like one.
_FRAME = re.compile(r"(?:[\w$.<>#\[\] ]{1,128} \()?[^\s()]*:\d{0,9}:\d{0,9}\)?")
_ANNOTATIONS = frozenset({"caption", "timelineMarker"})


def enforce_custom(scene: Scene, data: Json) -> Reason | None:
    """Custom: whole if its tag is listed."""
    tag = text(data, "tag")
    keep_only(data, frozenset({"tag", "payload"}))
    policy = scene.policy
    if tag in policy.tags or policy.other_tags == "keep":
        _strip(data, policy)
        return None
    if policy.other_tags == "drop":
        return Reason.NOT_ALLOWED
    if data.get("payload", {}) != {}:
        data["payload"] = {}
        scene.say("custom")
    _strip(data, policy)
    return None


def enforce_plugin(scene: Scene, data: Json) -> Reason | None:
    """Plugin: console and network by rules of their own, others if their name is listed."""
    plugin = text(data, "plugin")
    keep_only(data, frozenset({"plugin", "payload"}))
    policy = scene.policy
    if not policy.always:
        return None
    if plugin == CONSOLE_PLUGIN:
        return _enforce_console(scene, data.get("payload"), _CONSOLE)
    if plugin == NETWORK_PLUGIN:
        return enforce_requests(scene, data.get("payload"))
    if plugin == WEBRTC_PLUGIN:
        return Reason.NOT_ALLOWED
    if plugin not in policy.plugins and not policy.other_plugins:
        return Reason.NOT_ALLOWED
    _strip(data, policy)
    return None


def enforce_log(scene: Scene, data: Json) -> Reason | None:
    """Log, what the console plugin was before it was one."""
    return _enforce_console(scene, data, _LOG) if scene.policy.always else None


def enforce_annotation(scene: Scene, data: Json) -> Reason | None:
    """Annotation: a caption or a marker."""
    if text(data, "type") not in _ANNOTATIONS:
        raise malformed()
    words = data.get("text")
    if words is not None and words is not False:
        words = text(data, "text")
    keep_only(data, frozenset({"type", "text"}))
    if scene.policy.annotations == "drop":
        return Reason.NOT_ALLOWED
    if words and scene.policy.annotations == "mask":
        data["text"] = mask_text(words)
        scene.say("annotations")
    elif words:
        _strip(data, scene.policy)
    return None


def _enforce_console(scene: Scene, data: Any, fields: frozenset[str]) -> Reason | None:
    policy = scene.policy
    if policy.console == "drop":
        return Reason.NOT_ALLOWED
    if type(data) is not dict:
        raise malformed()
    keep_only(data, fields)
    entries, trace = data.get("payload", []), data.get("trace", [])
    if type(entries) is not list or type(trace) is not list or text(data, "level") not in _LEVELS:
        raise malformed()
    if not all(type(each) is str for each in trace) or not {type(each) for each in entries} <= _ENTRY:
        raise malformed()
    if policy.console == "mask":
        scene.say("console", sum(each != _MASKED_ENTRY for each in entries))
        entries = [_MASKED_ENTRY] * len(entries)
        trace = [each if _FRAME.fullmatch(each) else "" for each in trace]
    else:
        entries = [_cut_entry(each, policy) if type(each) is str else None for each in entries]
    data["payload"], data["trace"] = entries, [_cut_addresses(each, policy) for each in trace]
    return None


def _strip(data: Json, policy: Policy) -> None:
    """Cut the addresses in what the site's code says."""
    if policy.addresses is not None:
        strip_all(data, policy.addresses.strip_within)


def _cut_entry(words: str, policy: Policy) -> str:
    return words if policy.addresses is None else policy.addresses.strip_within(words)


def _cut_addresses(words: str, policy: Policy) -> str:
    addresses = policy.addresses
    if addresses is None:
        return words

    def cut(match: re.Match[str]) -> str:
        place = _PLACE.search(match[0])
        end = place.start() if place else len(match[0])
        return addresses.strip(match[0][:end]) + match[0][end:]

    return _ADDRESS.sub(cut, words)
