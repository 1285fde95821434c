"""JSON as browsers write it.

`JSON.stringify` escapes a lone surrogate (half of a character that a script cut in two) as `\ud83d`. It is legal
JSON that names no character; orjson refuses it, so it is replaced by U+FFFD, which has the same length.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

_MAY_BE_LONE = re.compile(rb"\\u[dD][89a-fA-F]")
# Each match is one whole escape, so that `\\ud83d` (an escaped backslash and text) is not taken for one.
_ESCAPE = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)


def loads(text: bytes | bytearray) -> Any:
    """The value of a JSON text; ValueError if it is none, or nests deeper than 1024 levels."""
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        if _MAY_BE_LONE.search(text) is None:
            raise
    return orjson.loads(_ESCAPE.sub(_replace, text))


def _replace(match: re.Match[bytes]) -> bytes:
    return rb"\ufffd" if match.group(1) else match.group()
