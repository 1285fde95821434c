"""A project's policy as the enforcer needs it: selectors compiled, lists as sets, addresses with their patterns."""

from __future__ import annotations

from dataclasses import dataclass

from processors.privacy.attribute_rules import ARIA, CODE, DATA, LABEL, PIXELS, UNKNOWN
from processors.privacy.field_names import OF_FIELDS
from processors.privacy.selectors import Selectors, compile_selectors
from processors.privacy.urls import Addresses
from schemas.policy import Policy as Rules
from schemas.policy_parts import Payload

# Types of fields, as `nodes.type_flags` names them, into which a person types.
_TYPED_INTO = """
    color contenteditable date datetime-local email file month number range search tel text textarea time url week"""
TYPED_INTO = frozenset(_TYPED_INTO.split())
CONSOLE_PLUGIN = "rrweb/console@1"
NETWORK_PLUGIN = "rrweb/network@1"
WEBRTC_PLUGIN = "rrweb/canvas-webrtc@1"


@dataclass(frozen=True, slots=True)
class Policy:
    """The rules of one project; made by `compile_policy` of the policy in the project file, kept as `rules`.

    `selectors` are compiled from its lists to block, mask, ignore, and of fields to mask, in this order; `deciding`
    are the attributes that change what an element is to the rules. Attribute rules in `masked_names` mask outside
    masked elements too, `data_words` masks `data-*` that look like words, and `free` is the last rule that never
    masks there. `always` switches the rules no project may do without: passwords, one-time codes and card numbers
    masked; comments, hidden inputs, `<noscript>` and most `<meta>` emptied; `srcdoc`, event handlers and nonces
    removed; headers of requests cut to the list. Without `addresses` they stay as they are. Only tests do without
    these two. `version` is ASCII and goes into every recording.
    """

    version: str
    rules: Rules
    selectors: Selectors
    deciding: frozenset[str]
    always: bool
    addresses: Addresses | None
    mask_text: bool
    mask_inputs: bool
    mask_typed: bool
    input_types: frozenset[str]
    autocomplete: frozenset[str]
    masked_names: frozenset[int]
    data_words: bool
    free: int
    keep_canvas: bool
    console: Payload
    network: Payload
    headers: frozenset[str]
    tags: frozenset[str]
    other_tags: Payload
    plugins: frozenset[str]
    other_plugins: bool
    annotations: Payload


def _masked_types(rules: Rules) -> frozenset[str]:
    files = {"file"} if rules.inputs.mask_file_names else set()
    return frozenset(rules.inputs.types) | (TYPED_INTO if rules.inputs.mask_typed else files)


def compile_policy(rules: Rules) -> Policy:
    """The policy of a project file, which was checked when that was loaded."""
    selectors = compile_selectors(*rules.selector_lists())
    attributes = rules.attributes
    masked = {
        CODE: rules.text.mask_all,
        UNKNOWN: rules.text.mask_all,
        LABEL: attributes.labels == "mask",
        ARIA: attributes.aria == "mask",
        DATA: attributes.data == "mask",
    }
    looked_at = {**masked, DATA: attributes.data != "keep", PIXELS: rules.canvas == "drop" or rules.text.mask_all}
    return Policy(
        version=rules.version,
        rules=rules,
        selectors=selectors,
        deciding=selectors.attributes | OF_FIELDS,
        always=True,
        addresses=Addresses(rules.urls, words=rules.text.mask_all),
        mask_text=rules.text.mask_all,
        mask_inputs=rules.inputs.mask_all,
        mask_typed=rules.inputs.mask_all or rules.inputs.mask_typed,
        input_types=_masked_types(rules),
        autocomplete=frozenset(rules.inputs.autocomplete),
        masked_names=frozenset(rule for rule, is_masked in masked.items() if is_masked),
        data_words=attributes.data == "mask_words",
        free=min((rule for rule, is_looked_at in looked_at.items() if is_looked_at), default=PIXELS + 1) - 1,
        keep_canvas=rules.canvas == "keep",
        console=rules.console.messages,
        network=rules.network.requests,
        headers=frozenset(rules.network.headers),
        tags=frozenset(rules.custom.tags),
        other_tags=rules.custom.others,
        plugins=frozenset(rules.plugins.names),
        other_plugins=rules.plugins.others == "keep",
        annotations=rules.annotations,
    )
