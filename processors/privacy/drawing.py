"""Commands drawn on a canvas: the addresses in them, such as those of pictures, cut."""

from __future__ import annotations

from typing import Any

from processors.privacy.address_words import is_base64
from processors.privacy.refusal import Json
from processors.privacy.urls import Addresses

# npm @rrweb/types 2.2.2, `SerializedCanvasArg`: the fields of an argument that are an address, or bytes.
_ADDRESSES = frozenset({"src", "url", "href", "poster", "currentSrc"})
_BYTES = "base64"
# Programs of WebGL: only whole addresses are looked for in what is not words.
_PROGRAM = "shaderSource"


def strip_drawing(data: Json, addresses: Addresses) -> None:
    """Cut the addresses in every string of a canvas mutation, in place."""
    waiting: list[tuple[Any, bool]] = [(data, False)]
    while waiting:
        holder, is_program = waiting.pop()
        if type(holder) is list:
            for index, each in enumerate(holder):
                if type(each) is str:
                    holder[index] = _stripped("", each, is_program, addresses)
                elif type(each) is dict or type(each) is list:
                    waiting.append((each, is_program))
            continue
        is_program = is_program or holder.get("property") == _PROGRAM
        for name, each in list(holder.items()):
            if type(each) is str:
                holder[name] = _stripped(name, each, is_program, addresses)
            elif type(each) is dict or type(each) is list:
                waiting.append((each, is_program))
            new = addresses.strip_within(name)
            if new != name:
                holder[new] = holder.pop(name)


def _stripped(name: str, text: str, is_program: bool, addresses: Addresses) -> str:
    if name in _ADDRESSES:
        return addresses.strip(text)
    if name == _BYTES and is_base64(text):
        return text
    if is_program and "://" not in text:
        return text
    return addresses.strip_within(text)
