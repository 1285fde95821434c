"""Which rule it was, in words."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from processors.privacy.attribute_rules import CSS, SRCSET, STYLE, URL, rule_of
from processors.privacy.explain.tree import Tree
from processors.privacy.nodes import SECRET, TAGS, VEILED, field_flags
from processors.privacy.policy import Policy
from processors.privacy.selectors import Selectors, compile_selectors
from schemas.reasons import Reason
from schemas.rrweb import NodeType

_ALWAYS = {
    "script": "scripts are never kept",
    "noscript": "text for browsers without scripts is never kept",
    "meta": "most meta data is never kept",
}
_TEXTS = {NodeType.COMMENT: "comments are never kept", NodeType.CDATA: "comments are never kept"}
_SECRET = "passwords, codes and card numbers are always masked"  # noqa: S105 - a sentence
_CUT = "addresses lose query, fragment and user"
_RULES = {URL: _CUT, SRCSET: _CUT, STYLE: _CUT, CSS: _CUT}
_REASONS = {
    Reason.NO_SNAPSHOT: "no full snapshot of the page came before it",
    Reason.DEGRADED: "an event before it was malformed; nothing passes until the next full snapshot",
    Reason.UNKNOWN_TYPE: "no rule knows this kind of event",
    Reason.UNKNOWN_NODE: "it belongs to nothing that was let through",
    Reason.BLOCKED: "it belongs to a blocked element",
    Reason.NOT_ALLOWED: "the policy does not allow it",
    Reason.IGNORED_INPUT: "the field is ignored",
    Reason.REPEATED_INPUT: "a masked field only tells when it becomes empty or filled",
    Reason.MALFORMED_EVENT: "it breaks rrweb's own form",
    Reason.ORPHAN_META: "the snapshot it announces never came or was refused",
    Reason.NODE_LIMIT: "the page is larger than the limits",
}


def reason(dropped: Reason) -> str:
    """Why a whole event was dropped."""
    return _REASONS.get(dropped, dropped.value)


def rule_on(tree: Tree, node_id: int, selectors: Sequence[str]) -> str:
    """The first of these selectors that meets the element, else an empty string."""
    for text in selectors:
        compiled = _compiled(text)
        bits, *above = _bits(tree, node_id, compiled)
        if compiled.matches(bits, iter(above)):
            return text
    return ""


def block(policy: Policy, tree: Tree, node_id: int) -> str:
    """Why an element was blocked."""
    rule = rule_on(tree, node_id, policy.rules.block.texts)
    return f"block {rule}" if rule else "it was blocked before and stays so"


def change(policy: Policy, tree: Tree, node_id: int, name: str) -> str:
    """Why an attribute of a node, its value or its text ("") is not what it was."""
    if node_id not in tree.nodes:
        return _of_attribute(name)
    node = tree.nodes[node_id]
    parent = tree.nodes.get(node.parent)
    tag = node.tag or (parent.tag if parent else "")
    if node.type in _TEXTS:
        return _TEXTS[NodeType(node.type)]
    for each_id, each in tree.up(node_id):
        rule = rule_on(tree, each_id, policy.rules.mask.texts) if each.tag else ""
        if rule:
            return f"mask {rule}" + ("" if each_id == node_id else f" on {each.name}")
    rule = rule_on(tree, node_id, policy.rules.ignore.texts) if node.tag else ""
    if rule:
        return f"ignore {rule}"
    if name in ("value", "checked", "") and tag in ("input", "textarea", "select"):
        hidden = str(node.attributes.get("type", "")).lower() == "hidden"
        if hidden:
            return "hidden fields are always emptied"
        return "the policy masks this field" if _is_veiled(policy, tree, node_id) else _SECRET
    if tag in _ALWAYS and name in ("", "content"):
        return _ALWAYS[tag]
    return _of_attribute(name)


def _of_attribute(name: str) -> str:
    if name.lower().startswith("on"):
        return "event handlers are never kept"
    if name in ("srcdoc", "nonce", "integrity"):
        return f"{name} is never kept"
    if not name:
        return "the policy's rules for text"
    return _RULES.get(rule_of(name), "the policy's rules for attributes")


def _is_veiled(policy: Policy, tree: Tree, node_id: int) -> bool:
    node = tree.nodes[node_id]
    if rule_on(tree, node_id, policy.rules.inputs.selectors):
        return True
    flags = field_flags(TAGS.get(node.tag.lower(), 0), node.attributes, policy)
    return bool(flags & VEILED) and not flags & SECRET


def _bits(tree: Tree, node_id: int, selectors: Selectors) -> list[int]:
    """Of the element, then of those above it in its document."""
    bits = []
    for _, node in tree.up(node_id):
        if not node.tag:
            break
        bits.append(selectors.bits(node.tag.lower(), node.attributes))
    return bits


@lru_cache(maxsize=256)
def _compiled(text: str) -> Selectors:
    return compile_selectors([text])
