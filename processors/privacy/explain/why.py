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
    VALUE,
    rule_of,
)
from processors.privacy.explain.fields import Sort, field_of, sort_of
from processors.privacy.explain.findings import Action, Why
from processors.privacy.explain.tree import Node, Tree
from processors.privacy.nodes import (
    FIELDS,
    INPUT,
    SECRET,
    SELECT,
    TAGS,
    VEILED,
    completion_flags,
    name_flags,
    type_flags,
)
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
_WORDS = "text.mask_all: all text is masked"
_CUT = "urls: addresses are cut"
_WORDS_TOO = ", text.mask_all: words too"
_REPEATED = "what repeats the value of a masked field is masked"
_CUSTOM_PROPERTIES = "a masked field does not tell its value in custom properties; addresses in styles are cut"
_KEPT = {
    Sort.TYPED: "inputs: what people type is kept",
    Sort.FILE: "inputs: names of files are kept",
    Sort.CHOSEN: "inputs: choices are kept",
}
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
    """The mask rule that a node is under, through shadow roots, their slots and iframes."""
    return _first(policy.rules.mask.texts, "mask", tree, node_id)


def kept(sort: Sort) -> Why:
    """Why something that a person entered passes."""
    return Why(_KEPT[sort])


def change(policy: Policy, tree: Tree, node_id: int, name: str, action: Action) -> Why:
    """Why an attribute of a node, its value or its text ("") is not what it was."""
    node = tree.nodes.get(node_id)
    if node is None:
        return Why(_of_attribute(policy, name))
    if node.type in _COMMENTS:
        return Why("always: comments are emptied")
    masked = mask(policy, tree, node_id)
    if masked is not None:
        return masked
    field_id = field_of(tree, node_id)
    if field_id:
        ignored = _first(policy.rules.ignore.texts, "ignore", tree, field_id)
        of_field = ignored or _of_field(policy, tree, field_id, tree.nodes[field_id])
        if name in ("value", "checked", "selected", ""):
            return of_field
        if field_id == node_id and action is not Action.CUT and _repeats(name):
            return Why(f"{_REPEATED} ({of_field})")
        if field_id == node_id and rule_of(name) == STYLE:
            return Why(f"{_CUSTOM_PROPERTIES} ({of_field})")
    elif node.tag and (rule := rule_on(tree, node_id, policy.rules.ignore.texts)):
        return Why(f"ignore: {rule}")
    parent = tree.nodes.get(node.parent)
    tag = node.tag or (parent.tag if parent else "")
    if tag in _ALWAYS and name in ("", "content"):
        return Why(_ALWAYS[tag])
    if tag == "style" and not name:
        return Why(_of_style_sheet(policy))
    if action is Action.CUT and rule_of(name) not in (STYLE, CSS):
        return Why(_CUT + (_WORDS_TOO if policy.mask_text else ""))
    if "-" in node.tag and action is Action.MASKED and not policy.mask_text and rule_of(name) in (VALUE, UNKNOWN, DATA):
        return Why("inputs.mask_typed: a custom element may be a field, its value is masked")
    return Why(_of_attribute(policy, name))


def _first(rules: Sequence[str], called: str, tree: Tree, node_id: int) -> Why | None:
    """The first element, from a node upward and through slots, that one of these selectors meets."""
    for each_id, each in tree.around(node_id):
        rule = rule_on(tree, each_id, rules) if each.tag else ""
        if rule:
            return Why(f"{called}: {rule}", "" if each_id == node_id else each.name)
    return None


def _repeats(name: str) -> bool:
    return rule_of(name) in (DATA, UNKNOWN, LABEL, ARIA)


def _of_attribute(policy: Policy, name: str) -> str:
    rule = rule_of(name) if name else UNKNOWN
    if rule in (CSS, STYLE):
        return _of_style_sheet(policy)
    return _RULES.get(rule, _WORDS) if name else _WORDS


def _of_style_sheet(policy: Policy) -> str:
    return _STYLE_SHEETS + (_WORDS_TOO if policy.mask_text else "")


def _of_field(policy: Policy, tree: Tree, node_id: int, node: Node) -> Why:
    inputs, attributes = policy.rules.inputs, node.attributes
    given = str(attributes.get("type", "")).strip().lower()
    if given == "hidden":
        return Why("always: hidden fields are emptied")
    tag = TAGS.get(node.tag.lower().rpartition(":")[2], 0)
    # Editable text has the names of a field, but no type.
    kind = type_flags(tag, attributes, policy) if tag in FIELDS else 0
    named = name_flags(tag, kind, attributes, policy) & SECRET
    completed = completion_flags(attributes, policy)
    if (kind | completed) & SECRET or given == "password":
        return Why("always: passwords, codes and card numbers are masked")
    if named:
        return Why("always: its name, id or room tells that it takes a card or a code")
    selected = _first(inputs.selectors, "inputs.selectors", tree, node_id)
    if selected is not None:
        return selected
    declared = "contenteditable" if tag not in FIELDS else node.tag if tag != INPUT else given or "text"
    sort = sort_of(node)
    for applies, rule in (
        (inputs.mask_all, "inputs.mask_all: every field is masked"),
        (completed & VEILED, f"inputs.autocomplete: {attributes.get('autocomplete')}"),
        (declared in inputs.types, f"inputs.types: {declared}"),
        (sort is Sort.FILE and inputs.mask_file_names, "inputs.mask_file_names: names of files are masked"),
        (sort in (Sort.TYPED, Sort.FILE) and inputs.mask_typed, "inputs.mask_typed: what people type is masked"),
        (policy.mask_text, _WORDS),
        (
            sort is Sort.CHOSEN and tag == SELECT,
            "a list tells what is chosen by each of its options, and one is hidden",
        ),
    ):
        if applies:
            return Why(rule)
    return Why("always: it was a field of passwords, codes or cards, or typed into, before")


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
