"""Which rule it was, in words: a field of the policy and what it does, or `always`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from processors.privacy.attribute_rules import (
    ARIA,
    CSS,
    DATA,
    LABEL,
    PIXELS,
    REMOVED,
    SRCSET,
    STYLE,
    UNKNOWN,
    URL,
    rule_of,
)
from processors.privacy.explain.findings import Why
from processors.privacy.explain.tree import Node, Tree
from processors.privacy.nodes import SECRET, TAGS, VEILED, completion_flags, field_flags, type_flags
from processors.privacy.policy import Policy
from processors.privacy.selectors import Selectors, compile_selectors
from schemas.reasons import Reason
from schemas.rrweb import NodeType

_ALWAYS = {
    "script": "always: scripts are emptied",
    "noscript": "always: text for browsers without scripts is emptied",
    "meta": "always: most meta data is emptied",
}
_COMMENTS = frozenset({NodeType.COMMENT, NodeType.CDATA})
_FIELDS = frozenset({"input", "textarea", "select"})
_WORDS = "text.mask_all: all text is masked"
_CUT = "urls: addresses are cut"
_STYLE_SHEETS = "urls: addresses in style sheets are cut"
_RULES = {
    UNKNOWN: "text.mask_all: attributes not known to hold no words are masked",
    LABEL: "attributes.labels: labels are masked",
    ARIA: "attributes.aria: aria-* is masked",
    DATA: "attributes.data: data-* is masked",
    PIXELS: "canvas: what is drawn is dropped",
    REMOVED: "always: event handlers, nested documents and nonces are removed",
    URL: _CUT,
    SRCSET: _CUT,
    STYLE: _STYLE_SHEETS,
    CSS: _STYLE_SHEETS,
}
_REASONS = {
    Reason.NO_SNAPSHOT: "no full snapshot of the page came before it",
    Reason.DEGRADED: "an event before it was malformed; nothing passes until the next full snapshot",
    Reason.UNKNOWN_TYPE: "no rule knows this kind of event",
    Reason.UNKNOWN_NODE: "it belongs to nothing that was let through",
    Reason.BLOCKED: "it belongs to a blocked element",
    Reason.NOT_ALLOWED: "the policy does not allow it",
    Reason.IGNORED_INPUT: "ignore: input of the field is dropped",
    Reason.REPEATED_INPUT: "a masked field only tells when it becomes empty or filled",
    Reason.MALFORMED_EVENT: "it breaks rrweb's own form",
    Reason.ORPHAN_META: "the snapshot it announces never came or was refused",
    Reason.NODE_LIMIT: "the page is larger than the limits",
    Reason.WORK_LIMIT: "the event takes more work than the limit",
}
CANVAS = Why(_RULES[PIXELS])
NOT_NAMED = Why("the recorder named no node for it")


def reason(dropped: Reason) -> Why:
    """Why a whole event was dropped."""
    return Why(_REASONS.get(dropped, dropped.value))


def rule_on(tree: Tree, node_id: int, selectors: Sequence[str]) -> str:
    """The first of these selectors that meets the element, else an empty string."""
    for text in selectors:
        compiled = _compiled(text)
        bits, *above = _bits(tree, node_id, compiled)
        if compiled.matches(bits, iter(above)):
            return text
    return ""


def block(policy: Policy, tree: Tree, node_id: int) -> Why:
    """Why an element was blocked."""
    rule = rule_on(tree, node_id, policy.rules.block.texts)
    return Why(f"block: {rule}" if rule else "block: it was blocked before and stays so")


def mask(policy: Policy, tree: Tree, node_id: int) -> Why | None:
    """The mask rule that a node is under, through shadow roots and iframes."""
    for each_id, each in tree.up(node_id):
        rule = rule_on(tree, each_id, policy.rules.mask.texts) if each.tag else ""
        if rule:
            return Why(f"mask: {rule}", "" if each_id == node_id else each.name)
    return None


def change(policy: Policy, tree: Tree, node_id: int, name: str) -> Why:
    """Why an attribute of a node, its value or its text ("") is not what it was."""
    node = tree.nodes.get(node_id)
    if node is None:
        return Why(_of_attribute(policy, name))
    if node.type in _COMMENTS:
        return Why("always: comments are emptied")
    masked = mask(policy, tree, node_id)
    if masked is not None:
        return masked
    rule = rule_on(tree, node_id, policy.rules.ignore.texts) if node.tag else ""
    if rule:
        return Why(f"ignore: {rule}")
    parent = tree.nodes.get(node.parent)
    tag = node.tag or (parent.tag if parent else "")
    if name in ("value", "checked", "") and tag in _FIELDS:
        field_id = node_id if node.tag else node.parent
        return Why(_of_field(policy, tree, field_id, tree.nodes[field_id]))
    if tag in _ALWAYS and name in ("", "content"):
        return Why(_ALWAYS[tag])
    if tag == "style" and not name:
        return Why(_of_style_sheet(policy))
    return Why(_of_attribute(policy, name))


def _of_attribute(policy: Policy, name: str) -> str:
    rule = rule_of(name) if name else UNKNOWN
    if rule in (CSS, STYLE):
        return _of_style_sheet(policy)
    return _RULES.get(rule, _WORDS) if name else _WORDS


def _of_style_sheet(policy: Policy) -> str:
    return _STYLE_SHEETS + (", text.mask_all: words too" if policy.rules.text.mask_all else "")


def _of_field(policy: Policy, tree: Tree, node_id: int, node: Node) -> str:
    if str(node.attributes.get("type", "")).lower() == "hidden":
        return "always: hidden fields are emptied"
    tag = TAGS.get(node.tag.lower(), 0)
    if not field_flags(tag, node.attributes, policy) & SECRET:
        rule = rule_on(tree, node_id, policy.rules.inputs.selectors)
        if rule:
            return f"inputs.selectors: {rule}"
        if policy.rules.inputs.mask_all:
            return "inputs.mask_all: every field is masked"
        if completion_flags(node.attributes, policy) & VEILED:
            return f"inputs.autocomplete: {node.attributes.get('autocomplete')}"
        if type_flags(tag, node.attributes, policy) & VEILED:
            return f"inputs.types: {node.attributes.get('type', node.tag)}"
    return "always: passwords, codes and card numbers are masked"


def _bits(tree: Tree, node_id: int, selectors: Selectors) -> list[int]:
    """Of the element, then of those above it in its document."""
    quirks = tree.has_quirks(node_id)
    bits = []
    for _, node in tree.up(node_id):
        if not node.tag:
            break
        bits.append(selectors.bits(node.tag.lower(), node.attributes, node.is_svg, quirks))
    return bits


@lru_cache(maxsize=256)
def _compiled(text: str) -> Selectors:
    return compile_selectors([text])
