"""What the site's own code and plugins put into a recording: events whose content no rule about nodes can look into."""

from __future__ import annotations

import re
from typing import Any

from processors.privacy.policy import CONSOLE_PLUGIN, NETWORK_PLUGIN, WEBRTC_PLUGIN, Policy
from processors.privacy.refusal import Json, keep_only, malformed, objects, text
from processors.privacy.scene import Scene
from processors.privacy.values import mask_text
from schemas.reasons import Reason

# npm @rrweb/rrweb-plugin-console-record 2: entries of `payload` are JSON texts.
_MASKED_ENTRY = '"***"'
_CONSOLE = frozenset({"level", "trace", "payload"})
_LOG = _CONSOLE | {"source"}
_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.\-]*://[^\s\"'<>()]+")
# The line and column of a place in a script.
_PLACE = re.compile(r"(:\d{1,9}){1,2}$")
_LEVEL = re.compile(r"[a-zA-Z]{1,32}")
_SCALARS = frozenset({int, float, bool, type(None)})
# Fields of a request, of npm @rrweb/rrweb-plugin-network-record 2: words of HTTP, addresses, headers. Numbers pass.
_WORDS = frozenset({"method", "initiatorType", "entryType", "nextHopProtocol", "renderBlockingStatus", "statusText"})
_ADDRESSES = frozenset({"name", "url"})
_HEADERS = frozenset({"requestHeaders", "responseHeaders"})
_BODIES = frozenset({"requestBody", "responseBody"})
_WORD = re.compile(r"[A-Za-z0-9./_-]{1,64}")


def enforce_custom(scene: Scene, data: Json) -> Reason | None:
    """Custom: whole if its tag is listed."""
    tag = text(data, "tag")
    keep_only(data, frozenset({"tag", "payload"}))
    policy = scene.policy
    if tag in policy.tags or policy.other_tags == "keep":
        return None
    if policy.other_tags == "drop":
        return Reason.NOT_ALLOWED
    if data.get("payload", {}) != {}:
        data["payload"] = {}
        scene.masked += 1
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
        return _enforce_network(scene, data.get("payload"))
    if plugin == WEBRTC_PLUGIN:
        return Reason.NOT_ALLOWED
    return None if plugin in policy.plugins or policy.other_plugins else Reason.NOT_ALLOWED


def enforce_log(scene: Scene, data: Json) -> Reason | None:
    """Log, what the console plugin was before it was one."""
    return _enforce_console(scene, data, _LOG) if scene.policy.always else None


def enforce_annotation(scene: Scene, data: Json) -> Reason | None:
    """Annotation: a caption or a marker."""
    text(data, "type")
    words = data.get("text")
    if words is not None and words is not False:
        words = text(data, "text")
    keep_only(data, frozenset({"type", "text"}))
    if scene.policy.annotations == "drop":
        return Reason.NOT_ALLOWED
    if words and scene.policy.annotations == "mask":
        data["text"] = mask_text(words)
        scene.masked += 1
    return None


def _enforce_console(scene: Scene, data: Any, fields: frozenset[str]) -> Reason | None:
    policy = scene.policy
    if policy.console == "drop":
        return Reason.NOT_ALLOWED
    if type(data) is not dict:
        raise malformed()
    keep_only(data, fields)
    entries, trace = data.get("payload", []), data.get("trace", [])
    if type(entries) is not list or type(trace) is not list or not _LEVEL.fullmatch(text(data, "level")):
        raise malformed()
    if not all(type(each) is str for each in (*entries, *trace)):
        raise malformed()
    if policy.console == "mask":
        scene.masked += sum(each != _MASKED_ENTRY for each in entries)
        entries = [_MASKED_ENTRY] * len(entries)
    else:
        entries = [_cut_addresses(each, policy) for each in entries]
    data["payload"], data["trace"] = entries, [_cut_addresses(each, policy) for each in trace]
    return None


def _enforce_network(scene: Scene, data: Any) -> Reason | None:
    policy = scene.policy
    if policy.network == "drop":
        return Reason.NOT_ALLOWED
    if type(data) is not dict:
        raise malformed()
    keep_only(data, frozenset({"requests", "isInitial"}))
    if type(data.get("isInitial", False)) is not bool:
        raise malformed()
    for request in objects(data, "requests"):
        for name in list(request):
            if not _is_kept(request, name, policy):
                del request[name]
                scene.masked += 1
    return None


def _is_kept(request: Json, name: str, policy: Policy) -> bool:
    """Whether a field of a request stays; addresses and headers are cut in place."""
    value = request[name]
    if name in _BODIES:
        return policy.network == "keep"
    if name in _HEADERS and type(value) is dict:
        keep_only(value, frozenset(each for each in value if each.lower() in policy.headers))
        return all(type(each) is str for each in value.values())
    if name in _ADDRESSES and type(value) is str and policy.addresses is not None:
        request[name] = policy.addresses.strip(value)
        return True
    if name in _WORDS and type(value) is str:
        return _WORD.fullmatch(value) is not None
    return type(value) in _SCALARS


def _cut_addresses(words: str, policy: Policy) -> str:
    addresses = policy.addresses
    if addresses is None:
        return words

    def cut(match: re.Match[str]) -> str:
        place = _PLACE.search(match[0])
        end = place.start() if place else len(match[0])
        return addresses.strip(match[0][:end]) + match[0][end:]

    return _ADDRESS.sub(cut, words)
