"""What the browser is told of its project: what to watch, whom to leave alone, what to capture, and no more.

Shape: `{"watch": [selector], "gpc": bool, "sample_percent": number, "mask_inputs": bool, "capture": {"console": bool,
"network": bool, "canvas": bool, "pictures": bool}, "recording": bool}`. Each selector is one class, id or attribute.
"""

from __future__ import annotations

import json

from schemas.policy import Policy
from schemas.policy_atoms import Atom, Kind
from schemas.policy_selectors import parse_selector
from schemas.project import Project


def recorder_config(project: Project) -> bytes:
    """The configuration as JSON, ASCII; the same for the same project."""
    policy, capture = project.policy, project.capture
    content = {
        "watch": watched(policy),
        "gpc": policy.consent.gpc == "drop",
        "sample_percent": project.percent,
        "mask_inputs": masks_inputs(policy),
        # What the policy drops whole need not leave the browser.
        "capture": {
            "console": capture.console and policy.console.messages != "drop",
            "network": capture.network and policy.network.requests != "drop",
            "canvas": capture.canvas and policy.canvas == "keep",
            "pictures": capture.pictures and not policy.text.mask_all,
        },
        "recording": project.recording,
    }
    return json.dumps(content, separators=(",", ":")).encode("ascii")


def watched(policy: Policy) -> list[str]:
    """The classes, ids and attributes on which a rule about elements depends, sorted, each as a selector.

    Tags never change. Of an attribute any change counts, so that values which rules compare with stay here.
    """
    paths = [path for texts in policy.selector_lists() for text in texts for path in parse_selector(text)]
    compounds = [compound for path in paths for compound in (path.subject, *(above for _, above in path.above))]
    atoms = {atom for compound in compounds for atom in compound.required | compound.forbidden}
    return sorted({_selector(atom) for atom in atoms if atom.kind is not Kind.TAG})


def masks_inputs(policy: Policy) -> bool:
    """True if what people type is masked in every field."""
    return policy.inputs.mask_all or policy.inputs.mask_typed


def _selector(atom: Atom) -> str:
    sign = {Kind.CLASS: ".", Kind.ID: "#"}.get(atom.kind)
    return f"[{_identifier(atom.name)}]" if sign is None else f"{sign}{_identifier(atom.name)}"


def _identifier(name: str) -> str:
    """As CSSOM's `CSS.escape` writes it."""
    escaped = [
        character if character.isalnum() or character in "-_" or ord(character) >= 0x80 else f"\\{ord(character):x} "
        for character in name
    ]
    leading = len(name) > 1 and name[0] == "-"
    if name[leading : leading + 1].isdecimal():
        escaped[leading] = f"\\{ord(name[leading]):x} "
    return "\\-" if name == "-" else "".join(escaped)
