"""A policy in plain sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schemas.policy import Policy

_PRESETS = {
    "strict": "Starts from strict: the layout of pages and what people do is recorded, but no words.",
    "balanced": "Starts from balanced: pages are recorded with their text; secrets, what people type and what is "
    "marked are not.",
    "open": "Starts from open: for sites without personal data, such as demos; only secrets and what is marked go, "
    "what people type and draw stays.",
}
_ALWAYS = (
    "Always: passwords, one-time codes, card and hidden fields are masked; comments, scripts, most meta data, event "
    "handlers and nested documents in attributes are removed; names and passwords in addresses are cut off."
)
_CONSOLE = {
    "drop": "Console messages are dropped.",
    "mask": "Of console messages the level and the stack stay; their text is masked.",
    "keep": "Console messages are kept.",
}
_NETWORK = {
    "drop": "Network requests are dropped.",
    "mask": "Of network requests method, status, times, cut addresses and the headers {headers} stay; no bodies.",
    "keep": "Network requests are kept with their bodies and the headers {headers}; addresses are cut.",
}
_CUSTOM = {
    "drop": "Custom events are dropped{listed}.",
    "mask": "Of custom events only the tag is kept{listed}.",
    "keep": "Custom events are kept whole.",
}
_ANNOTATIONS = {
    "drop": "Annotations are dropped.",
    "mask": "The text of annotations is masked.",
    "keep": "Annotations are kept.",
}
_ATTRIBUTES = {"keep": "kept", "mask": "masked", "mask_words": "masked if they look like words"}


def explain(policy: Policy) -> list[str]:
    """The sentences; the first says what the policy is for, the others follow its fields."""
    return [
        _PRESETS[policy.preset],
        _ALWAYS,
        f"Only an empty box is kept of elements that match {_listed(policy.block.texts)}.",
        f"Text, fields and attributes become stars in elements that match {_listed(policy.mask.texts)}.",
        f"Input is dropped, and values masked, of fields that match {_listed(policy.ignore.texts)}.",
        _inputs(policy),
        "All text is masked, in style sheets too, and pictures inside the recording go."
        if policy.text.mask_all
        else "Text outside masked elements is kept.",
        _addresses(policy),
        _attributes(policy),
        f"What is drawn on canvases is {'kept' if policy.canvas == 'keep' else 'dropped'}.",
        _CONSOLE[policy.console.messages],
        _NETWORK[policy.network.requests].format(headers=_listed(policy.network.headers)),
        _CUSTOM[policy.custom.others].format(listed=_but(policy.custom.tags)),
        f"Events of plugins are {'kept' if policy.plugins.others == 'keep' else 'dropped'}"
        f"{_but(policy.plugins.names) if policy.plugins.others == 'drop' else ', but for rrweb/canvas-webrtc@1'}.",
        _ANNOTATIONS[policy.annotations],
        _consent(policy),
    ]


def concessions(policy: Policy) -> list[str]:
    """A sentence for each thing that is recorded although a person typed it, drew it or asked not to be."""
    inputs, masked = policy.inputs, policy.inputs.mask_all
    typed = masked or inputs.mask_typed
    found = []
    if not typed:
        found.append("What people type is kept, but for secrets and the fields that a rule names.")
    if not (typed or inputs.mask_file_names or "file" in inputs.types):
        found.append("The names of files that people choose are kept.")
    if policy.canvas == "keep":
        drawn = "What is drawn on canvases is kept"
        found.append(f"{drawn}: pixels cannot be masked, though fields are." if typed else f"{drawn}.")
    if policy.consent.gpc == "ignore":
        found.append("Global Privacy Control is not obeyed.")
    return found


def _inputs(policy: Policy) -> str:
    inputs = policy.inputs
    if inputs.mask_all:
        return "The value of every field is masked."
    rules = [
        f"{what} {_listed(values)}"
        for what, values in (
            ("of type", inputs.types),
            ("with autofill", inputs.autocomplete),
            ("that match", inputs.selectors),
        )
        if values
    ]
    named = " or ".join(rules)
    files = "The names of chosen files are masked." if inputs.mask_file_names else ""
    if inputs.mask_typed:
        also = f", and so are the values of fields {named}" if named else ""
        typed = f"What people type is masked, in fields, text areas and editable text{also}."
        return _joined(typed, files, "Other choices are kept." if named else "Choices are kept.")
    return _joined(
        f"The values of fields {named} are masked." if named else "", files, "Other fields are kept as typed."
    )


def _joined(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


def _addresses(policy: Policy) -> str:
    urls = policy.urls
    if "*" in urls.parameters:
        query = "keep their query"
    elif urls.parameters:
        query = f"keep only the query parameters {_listed(urls.parameters)}"
    else:
        query = "lose their query"
    fragment = "keep their fragment" if urls.keep_fragment else "lose their fragment"
    path = (
        f"; segments of their path that match {_listed(urls.path_segments)} are replaced" if urls.path_segments else ""
    )
    return f"Addresses {query}, {fragment}{path}."


def _attributes(policy: Policy) -> str:
    attributes = policy.attributes
    return (
        f"Labels (title, alt, placeholder) are {_ATTRIBUTES[attributes.labels]}, aria-* attributes "
        f"{_ATTRIBUTES[attributes.aria]}, data-* attributes {_ATTRIBUTES[attributes.data]}."
    )


def _consent(policy: Policy) -> str:
    signals = [
        name
        for name, signal in (("Global Privacy Control", policy.consent.gpc), ("Do Not Track", policy.consent.dnt))
        if signal == "drop"
    ]
    if not signals:
        return "Signals of the browser against recording are not looked at."
    return f"Nothing is recorded of a session whose browser sends {' or '.join(signals)}."


def _listed(values: Sequence[str]) -> str:
    return ", ".join(f"`{value}`" for value in values) or "nothing"


def _but(values: Sequence[str]) -> str:
    return f", but for {_listed(values)}" if values else ""
