"""The parts of a privacy policy. Defaults are those of the preset `balanced`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from schemas.policy_patterns import checked_pattern
from schemas.policy_selectors import class_selector, parse_selector

Payload = Literal["drop", "mask", "keep"]
Signal = Literal["ignore", "drop"]
# HTML's input types, tags and attribute whose value is a person's; `password` and `hidden` are always masked.
InputType = Literal[
    "checkbox",
    "color",
    "contenteditable",
    "date",
    "datetime-local",
    "email",
    "file",
    "month",
    "number",
    "radio",
    "range",
    "search",
    "select",
    "tel",
    "text",
    "textarea",
    "time",
    "url",
    "week",
]


def _is_class(name: str) -> str:
    if name.startswith("."):
        raise ValueError("a class name is written without the dot")
    return name


def _is_selector(text: str) -> str:
    parse_selector(text)
    return text


ClassName = Annotated[str, StringConstraints(pattern=r"^[^\s\\]{1,128}$"), AfterValidator(_is_class)]
SelectorText = Annotated[str, AfterValidator(_is_selector)]
Pattern = Annotated[str, AfterValidator(checked_pattern)]
Token = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
Parameter = Annotated[str, StringConstraints(pattern=r"^[^\s&=#?]{1,64}$")]
HeaderName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]{1,64}$")]
Name = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class Part(BaseModel):
    """Values of the right type or none: "no" in quotes is not false."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Elements(Part):
    """Elements by class name or CSS selector."""

    classes: tuple[ClassName, ...] = Field((), strict=False, max_length=64, description="Class names, without dots.")
    selectors: tuple[SelectorText, ...] = Field((), strict=False, max_length=64, description="CSS selectors.")

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything as selectors."""
        return (*map(class_selector, self.classes), *self.selectors)


class Inputs(Part):
    """Fields whose value is masked. Passwords, one-time codes, card and hidden fields always are."""

    mask_all: bool = Field(False, description="Mask every field, whatever its type.")
    mask_typed: bool = Field(
        True,
        description="Mask what people type: every `<input>` but boxes and buttons, `<textarea>`, editable text. "
        "Choices (`select`, check boxes, radio buttons) stay.",
    )
    mask_file_names: bool = Field(True, description="Mask the names of files that people choose.")
    types: tuple[InputType, ...] = Field(
        (),
        strict=False,
        description="Types of `<input>`, or `select`, `textarea`, `contenteditable`, to mask besides.",
    )
    autocomplete: tuple[Token, ...] = Field(
        (),
        strict=False,
        max_length=64,
        description="Autofill names, such as `email` or `tel`, whose fields are masked.",
    )
    selectors: tuple[SelectorText, ...] = Field(
        (), strict=False, max_length=64, description="CSS selectors of fields to mask."
    )


class Text(Part):
    """Text of the page."""

    mask_all: bool = Field(
        False, description="Mask all text, also in the title, lists and style sheets; pictures inside the recording go."
    )


class Urls(Part):
    """Every address: of the page, in attributes, in CSS `url()`, in console and network messages."""

    parameters: tuple[Parameter, ...] = Field(
        (), strict=False, max_length=64, description="Query parameters that stay; `*` keeps all. Others are cut off."
    )
    keep_fragment: bool = Field(False, description="Keep what follows `#`.")
    path_segments: tuple[Pattern, ...] = Field(
        # An e-mail address: RFC 5321 allows 64 characters before the "@"; package@1.2.3 of asset hosts is none.
        (r"[^@]{1,64}@[^@]{1,128}\.[A-Za-z]{2,9}",),
        strict=False,
        max_length=32,
        description="Regular expressions; a segment of the path that one covers whole is replaced.",
    )


class Console(Part):
    """Console messages (`rrweb/console@1`, and rrweb's older Log events)."""

    messages: Payload = Field(
        "drop", description="`mask` keeps level and stack, its addresses cut, and stars the text."
    )


class Network(Part):
    """Requests the page made (`rrweb/network@1`)."""

    requests: Payload = Field(
        "drop", description="`mask` keeps method, status, times, cut addresses and listed headers; `keep` bodies too."
    )
    headers: tuple[HeaderName, ...] = Field(
        ("content-length", "content-type"), strict=False, max_length=64, description="Headers that stay, lower-case."
    )


class Custom(Part):
    """Custom events, which the site's own code sends."""

    tags: tuple[Name, ...] = Field((), strict=False, max_length=256, description="Tags whose events stay whole.")
    others: Payload = Field("mask", description="Events of other tags; `mask` keeps the tag and empties the payload.")


class Plugins(Part):
    """Events of rrweb plugins but console, network and `rrweb/canvas-webrtc@1`, which is always dropped."""

    names: tuple[Name, ...] = Field((), strict=False, max_length=256, description="Plugins whose events stay.")
    others: Literal["drop", "keep"] = Field("drop", description="Events of other plugins.")


class Attributes(Part):
    """Words in attributes, outside masked elements; inside they are always masked."""

    labels: Literal["keep", "mask"] = Field("keep", description="`title`, `alt`, `label`, `summary`, `placeholder`.")
    aria: Literal["keep", "mask"] = Field("keep", description="`aria-*`.")
    data: Literal["keep", "mask_words", "mask"] = Field(
        "keep", description="`data-*`; `mask_words` masks values with white space or `@`."
    )


class Consent(Part):
    """Signals of the browser that a person does not want to be recorded."""

    gpc: Signal = Field("drop", description="Global Privacy Control: `drop` records nothing of the session.")
    dnt: Signal = Field("ignore", description="Do Not Track: `drop` records nothing of the session.")
