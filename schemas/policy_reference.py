"""The reference of a policy's fields, written from the model: `docs/privacy-policy.md` is this text."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from schemas.policy import PRESETS, Policy
from schemas.policy_atoms import MAX_ATOMS
from schemas.policy_parts import Part
from schemas.policy_patterns import MAX_DIVISIONS, PATTERN_CHARACTERS, SEGMENT_CHARACTERS
from schemas.policy_selectors import DYNAMIC, MAX_CHARACTERS, REWRITTEN, STRUCTURAL

_HEAD = """\
# The privacy policy of a project

What the rules guarantee and what they cannot, and how to prove it: [privacy.md](privacy.md). Which sessions are
recorded at all: [sampling.md](sampling.md).

Written from the model in `schemas/policy.py`; a test compares. To write it anew:
`python -c "from schemas.policy_reference import reference; print(reference(), end='')" > docs/privacy-policy.md`

In the project file `policy` is the name of a preset, or a mapping of what differs from one. A value replaces the
preset's, a list as a whole; what is not written stays as the preset has it, and without `preset` that is `balanced`.

```yaml
policy:
  preset: balanced
  block:
    selectors: [".account-menu", "iframe.chat"]
  inputs:
    types: [select]
```

Files of the version before, in which `balanced` kept what people type, load as they are: what they do not say is now
stricter, and `inputs.types` adds to it. `inputs: {{mask_typed: false, mask_file_names: false}}`, `canvas: keep` and
`consent: {{gpc: ignore}}` are the former values.

A policy's version is its preset's name and a hash of all its rules, such as `{version}`. Every
recording carries the version it was made under. A file that cannot be used is refused with the line and the reason.
"""
_REACH = """\
## How far a rule reaches

A rule holds for the elements it matches and for all that is inside them, shadow trees and iframes too, and for what
comes there later. It cannot follow a page that writes the same words elsewhere: the label or output beside a field, the
entry of a `datalist` that was chosen, another radio button of the group, a toast, the title. These need a rule of their
own, or one on what is around them all.

- A rule about fields (`ignore`, `inputs.selectors`) on an element that is none holds for the fields inside it.
- Text in an editable element (`contenteditable`, or of a `role` that says so: `textbox`, `searchbox`, `spinbutton`) is
  the value of a field: `inputs.mask_all`, `inputs.mask_typed`, the type `contenteditable`, `ignore` and selectors on it
  or around it mask it. Without one it is kept as typed.
- What is shown in a slot of a shadow tree falls under the rules on what the slot stands in, and under those on the
  host. Selectors do not look through slots. Slots that a script assigns by hand are not recorded, and where the
  recorder itself blocked a part of a shadow tree, children of the host without another slot count as shown there.
- Passwords, codes and cards are known by type, autofill name, name and id: [privacy.md](privacy.md#secret-fields) lists
  them. An element of any tag that says `type="password"` is one.
- A list (`select`) is masked as soon as a rule blocks, masks or ignores one of its options: which one is chosen is told
  by the others too.
- Attributes into which a page copies the value of a masked field (`data-*`, unknown ones, `aria-valuetext`) are masked,
  and its labels where they hold the value or change. Other labels of a field whose value alone is masked stay.
- A masked element keeps its form: class, id, name, style and the geometry of drawings stay, and attributes of
  keywords and numbers as far as they are such. A blocked element keeps its tag, its class and its size.
- Where a person points inside a masked element is recorded, and over the box of a blocked one, unless all text is
  masked; inside a blocked one it is not. A PIN pad is to be blocked.
- An element becomes blocked or masked late if it gets the class late. What came before was recorded.

## What `strict` promises

With `text.mask_all`, which `strict` sets, and its rules for fields, attributes, canvas and events, no words that a page
shows, reads out or holds ready come into a recording:

- Text, fields, lists, labels, titles, comments and unknown attributes become stars or go; so do strings that CSS shows
  (`content`, `quotes`, custom properties), comments in style sheets, and the values of masked attributes in selectors
  (`[title="…"]`), which then match nothing.
- Attributes of HTML and SVG that take keywords, numbers and colours keep these and nothing else.
- Pictures and other content inside the recording (`data:` addresses in attributes and inline styles, pictures the
  recorder took) go. In style sheets they are part of the design and stay, but for drawings with words in them.

What stays, since a page has no form without it, and what a site that has personal data there must block or change:

- class names, ids, names of fields, names of attributes, tags, custom elements, fonts and CSS properties, and selectors
  that go by them;
- values of CSS properties but for their strings: colours, sizes, identifiers;
- addresses, as `urls` cuts them, and with them what the viewer's browser loads from there: a picture with words in it
  is shown as long as its site serves it;
- where things are, when something happened, what was pressed or scrolled, and how long words are.
"""
_SELECTORS = """\
## Selectors

Understood are tags, `*`, `.class`, `#id`, `[attribute]` with `= ^= $= *= ~= |=` and the flags `i` and `s`, `:not()` of
one compound, `:is()` and `:where()` of compounds, comma lists, and the combinators descendant (space) and child (`>`).
They do not look into or out of an iframe; they do look through shadow roots. All lists of a policy together have at
most {atoms} different tags, classes, ids and attributes; a selector has at most {characters} characters.

Refused, since a recording cannot answer them:

| what | why |
|---|---|
| {dynamic} | the state of an element is not recorded |
| {structural} | the order of siblings changes without notice |
| `+`, `~`, `:has()` | what stands beside or inside an element may come later than the element |
| `::before`, `::part()`, `::slotted()` and other pseudo-elements | not recorded |
| attributes {rewritten} | the recorder writes absolute addresses or the live state instead |
| `[rel]` without a tag, or on `link` | the recorder takes it off |
| names of the recorder's own (`rr_…`, `data-rr-…`), namespaces, escaped backslashes | not the page's, not understood |

## Patterns of path segments

Regular expressions of at most {pattern} characters: characters, `.`, `\\d \\w \\s`, `[…]`, `? * + {{n}} {{m,n}}` and
`|`. No groups, anchors, references or lazy repeats: a pattern always covers the whole segment, as it is or
percent-decoded. Repeats of variable length may divide a segment in at most {divisions:,} ways:
`[^@]{{1,64}}@.{{1,128}}` has 64 × 128. Segments of more than {segment} characters are replaced wherever there is any
pattern.
"""


def reference() -> str:
    """The whole page, Markdown."""
    lines = [_HEAD.format(version=PRESETS["balanced"].version), "## Presets", ""]
    for name, preset in PRESETS.items():
        lines += [f"### `{name}`", "", *(f"- {sentence}" for sentence in preset.describe()), ""]
    lines += ["## Fields", "", f"| field | values | {' | '.join(PRESETS)} | meaning |", "|---|---|---|---|---|---|"]
    lines += _rows("", Policy, dict(PRESETS), described="")
    lines += [
        "",
        _REACH,
        _SELECTORS.format(
            atoms=MAX_ATOMS,
            characters=MAX_CHARACTERS,
            dynamic=_listed(f":{name}" for name in DYNAMIC),
            structural=_listed(f":{name}" for name in STRUCTURAL),
            rewritten=_listed(REWRITTEN),
            pattern=PATTERN_CHARACTERS,
            divisions=MAX_DIVISIONS,
            segment=SEGMENT_CHARACTERS,
        ),
    ]
    return "\n".join(lines)


def _rows(prefix: str, model: type[Part], values: dict[str, Any], described: str) -> list[str]:
    rows = []
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        below = {preset: getattr(value, name) for preset, value in values.items()}
        kind = field.annotation
        meaning = " ".join(text for text in (described, field.description) if text)
        if isinstance(kind, type) and issubclass(kind, Part):
            rows += _rows(f"{path}.", kind, below, field.description or kind.__doc__ or "")
            continue
        shown = " | ".join(_value(value) for value in below.values())
        rows.append(f"| `{path}` | {_values(field)} | {shown} | {meaning} |")
    return rows


def _values(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is tuple:
        choices = _choices(get_args(kind)[0])
        return f"list of {choices}" if choices else "list"
    return "`true`, `false`" if kind is bool else _choices(kind)


def _choices(kind: Any) -> str:
    return ", ".join(f"`{each}`" for each in get_args(kind)) if get_origin(kind) is Literal else ""


def _value(value: Any) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    # JSON doubles the backslashes of patterns, and a bare "|" would end the cell.
    text = json.dumps(value, ensure_ascii=False).replace(r"\\", "\\").replace("|", r"\|")
    return f"`{text}`"


def _listed(names: Iterable[str]) -> str:
    return " ".join(f"`{name}`" for name in sorted(names))
