"""ClickHouse's error codes: from the engine's text to a value, and from a code to an HTTP status."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CODE = re.compile(r"Code: (\d+)\. ")

NOT_IMPLEMENTED = 48
SYNTAX_ERROR = 62
UNKNOWN_SETTING = 115
READONLY = 164
TOO_MANY_SIMULTANEOUS_QUERIES = 202
TOO_MANY_BYTES = 307
SESSION_NOT_FOUND = 372
SESSION_IS_LOCKED = 373
BAD_ARGUMENTS = 36
CANNOT_DECOMPRESS = 271
UNKNOWN_EXCEPTION = 1002

_NAMES = {
    BAD_ARGUMENTS: "BAD_ARGUMENTS",
    NOT_IMPLEMENTED: "NOT_IMPLEMENTED",
    SYNTAX_ERROR: "SYNTAX_ERROR",
    UNKNOWN_SETTING: "UNKNOWN_SETTING",
    READONLY: "READONLY",
    TOO_MANY_SIMULTANEOUS_QUERIES: "TOO_MANY_SIMULTANEOUS_QUERIES",
    CANNOT_DECOMPRESS: "CANNOT_DECOMPRESS",
    TOO_MANY_BYTES: "TOO_MANY_BYTES",
    SESSION_NOT_FOUND: "SESSION_NOT_FOUND",
    SESSION_IS_LOCKED: "SESSION_IS_LOCKED",
}

# ClickHouse's own mapping (exceptionCodeToHTTPStatus), shortened to the codes that clients meet here.
_STATUS = (
    dict.fromkeys((6, 26, 27, 32, 33, BAD_ARGUMENTS, 38, 41, 53, 62, 72, CANNOT_DECOMPRESS, 386, 456, 457), 400)
    | dict.fromkeys((46, 47, 50, 56, 60, 73, 81, UNKNOWN_SETTING, SESSION_NOT_FOUND), 404)
    | {NOT_IMPLEMENTED: 501, 159: 408}
)


@dataclass
class ClickHouseError(Exception):
    """A failed request as ClickHouse says it: a numeric code and the text `Code: N. DB::Exception: …`."""

    code: int
    text: str

    @property
    def status(self) -> int:
        """The HTTP status a ClickHouse server answers for this code; 500 for all without one of their own."""
        return _STATUS.get(self.code, 500)


def refusal(code: int, message: str) -> ClickHouseError:
    """An error of this server itself, in ClickHouse's shape."""
    return ClickHouseError(code, f"Code: {code}. DB::Exception: {message} ({_NAMES[code]})")


def from_engine(raised: Exception) -> ClickHouseError:
    """chDB raises text, sometimes with a prefix of its own before `Code: N.`; that prefix is cut off."""
    text = str(raised)
    found = _CODE.search(text)
    if found is None:
        return ClickHouseError(UNKNOWN_EXCEPTION, f"Code: {UNKNOWN_EXCEPTION}. DB::Exception: {text}")
    return ClickHouseError(int(found.group(1)), text[found.start() :].strip())
