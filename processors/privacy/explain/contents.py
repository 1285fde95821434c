"""Whatever else an event carries, before and after: part by part, whichever form it has."""

from __future__ import annotations

from collections.abc import Container, Iterator

from processors.privacy.explain.change import ABSENT, action_on
from processors.privacy.explain.findings import Action
from processors.privacy.policy import CONSOLE_PLUGIN, NETWORK_PLUGIN, WEBRTC_PLUGIN, Policy
from processors.privacy.refusal import Json
from schemas.rrweb import EventType, IncrementalSource

_KNOWN = "always: only known fields stay"
_PLUGINS = {
    CONSOLE_PLUGIN: ("console", "messages"),
    NETWORK_PLUGIN: ("network", "requests"),
    WEBRTC_PLUGIN: ("always", "never kept"),
}


def subject(event: Json) -> str:
    """`custom event "cart"`, `plugin rrweb/console@1`; "" for events about the page."""
    data = event.get("data")
    if type(data) is not dict:
        return ""
    match event.get("type"):
        case EventType.CUSTOM:
            return f'custom event "{data.get("tag", "")}"'
        case EventType.PLUGIN:
            return f"plugin {data.get('plugin', '')}"
        case EventType.ANNOTATION:
            return "annotation"
        case EventType.INCREMENTAL_SNAPSHOT if data.get("source") == IncrementalSource.LOG:
            return "console, in rrweb's older form"
    return ""


def setting(policy: Policy, event: Json) -> str:
    """The field of the policy that decides about the event, and its value; "" if the event is about the page."""
    if not subject(event):
        return ""
    match event["type"]:
        case EventType.CUSTOM:
            return f"custom.others: {policy.rules.custom.others}"
        case EventType.ANNOTATION:
            return f"annotations: {policy.rules.annotations}"
        case EventType.PLUGIN:
            part, name = _PLUGINS.get(str(event["data"].get("plugin")), ("plugins", "others"))
        case _:
            part, name = _PLUGINS[CONSOLE_PLUGIN]
    value = getattr(getattr(policy.rules, part, None), name, None)
    return f"{part}.{name}: {value}" if value else f"{part}: {name}"


def changes(policy: Policy, before: Json, after: Json, told: Container[str]) -> Iterator[tuple[Action, str, str]]:
    """Action, part and rule of what was done inside an event that passed, but for the fields in `told`."""
    decides = setting(policy, before)
    fields, kept = before.get("data") or {}, after["data"]
    parts = ((name, value, kept.get(name, ABSENT)) for name, value in fields.items() if name not in told)
    for action, part in (found for name, old, new in parts for found in _differences(old, new, name)):
        if action is Action.CUT:
            masks_words = policy.rules.text.mask_all and not decides
            yield action, part, "urls: addresses are cut" + (", text.mask_all: words too" if masks_words else "")
        elif decides and not decides.endswith(": keep"):
            yield action, part, decides
        else:
            yield action, part, _KNOWN
    for name in [name for name in before if name not in after]:
        yield Action.REMOVED, f"mark {name}", _KNOWN


def _differences(before: object, after: object, part: str) -> Iterator[tuple[Action, str]]:
    """What differs and where; places in a list are not told apart."""
    if type(before) is dict and type(after) is dict and after:
        for name, value in before.items():
            yield from _differences(value, after.get(name, ABSENT), f"{part}.{name}")
    elif type(before) is list and type(after) is list and len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            yield from _differences(old, new, part)
    else:
        action = action_on(before, after)
        if action is not None:
            yield action, part
