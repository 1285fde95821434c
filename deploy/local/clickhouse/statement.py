"""Just enough SQL reading to route a statement: rows to insert, rows to return or neither; in which format.

The engine does the parsing; this looks only at words outside quotes, comments and parentheses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from itertools import islice

from deploy.local.clickhouse.errors import NOT_IMPLEMENTED, SYNTAX_ERROR, refusal

_TOKEN = re.compile(
    rb"""
    (?P<skip>\s++|--[^\n]*+|\#[ !][^\n]*+|/\*.*?\*/)
    | '(?:[^'\\]++|\\.|'')*+' | "(?:[^"\\]++|\\.|"")*+" | `(?:[^`\\]++|\\.|``)*+`
    | \$(?P<tag>\w*)\$.*?\$(?P=tag)\$
    | (?P<word>[A-Za-z_]\w*+)
    | [0-9][\w.]*+
    | (?P<mark>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_DATA_GAP = re.compile(rb"[ \t\f]*(?:\r?\n)?")

_RETURNS_ROWS = frozenset({b"SHOW", b"DESCRIBE", b"DESC", b"EXPLAIN", b"EXISTS", b"CHECK", b"KILL"})


class Kind(Enum):
    """What a statement does with rows, which decides the engine call that runs it."""

    SELECT = "select"
    INSERT_DATA = "insert data"
    OTHER_ROWS = "other rows"
    NO_ROWS = "no rows"


@dataclass(frozen=True)
class Statement:
    """`sql` is the statement without the data of an INSERT; `data_at` is the byte where that data starts.

    `format` is the statement's own FORMAT; `body_end` is where a SELECT ends without its FORMAT clause;
    `keeps_state` marks what outlives its request in a session (SET, USE, a temporary table).
    """

    kind: Kind
    sql: bytes
    format: str | None
    data_at: int
    body_end: int
    keeps_state: bool = False


def read_statement(text: bytes) -> Statement:
    """Classify the statement at the start of `text`.

    For an INSERT with data, `text` may hold any leading piece of that data.
    Raises ClickHouseError for no statement, more than one, or a file of the server's disk.
    """
    tokens = _top_level(text)
    first = next(tokens, None)
    if first is None or first[0] == b";":
        raise refusal(SYNTAX_ERROR, "Empty query.")
    keyword = first[0].upper()
    if not keyword.isalpha() and keyword != b"(":
        raise refusal(SYNTAX_ERROR, "A statement starts with a word.")
    if keyword == b"INSERT":
        return _read_insert(text, tokens)
    own_format, body_end = None, len(text)
    ended = False
    before_last, last = (b"", 0, 0), (b"", 0, 0)
    for token in tokens:
        if ended and token[0] != b";":
            raise refusal(SYNTAX_ERROR, "Multi-statements are not allowed.")
        if (last[0].upper(), token[0].upper()) == (b"INTO", b"OUTFILE"):
            raise refusal(NOT_IMPLEMENTED, "INTO OUTFILE belongs to a command-line client.")
        if token[0] == b";":
            ended = True
            body_end = min(body_end, token[1])
        elif not own_format and before_last[0].upper() == b"FORMAT" and token[0].upper() == b"SETTINGS":
            own_format, body_end = last[0].decode(), before_last[1]
        else:
            before_last, last = last, token
    if not own_format and before_last[0].upper() == b"FORMAT":
        own_format, body_end = last[0].decode(), before_last[1]
    if keyword in (b"SELECT", b"WITH", b"(", b"FROM"):
        kind = Kind.SELECT
    else:
        kind = Kind.OTHER_ROWS if keyword in _RETURNS_ROWS else Kind.NO_ROWS
    return Statement(kind, text, own_format, len(text), body_end, _keeps_state(keyword, text))


def _keeps_state(keyword: bytes, text: bytes) -> bool:
    if keyword != b"CREATE":
        return keyword in (b"SET", b"USE")
    # CREATE [OR REPLACE] TEMPORARY
    return b"TEMPORARY" in {token.upper() for token, _, _ in islice(_top_level(text), 4)}


def _read_insert(text: bytes, tokens: Iterator[tuple[bytes, int, int]]) -> Statement:
    next(tokens, None)
    target = next(tokens, None)
    if target is not None and target[0].upper() in (b"TABLE", b"FUNCTION"):
        next(tokens, None)
    previous = b""
    for word, start, end in tokens:
        # `db.values` is a table, not the clause.
        clause = b"" if previous == b"." else word.upper()
        previous = word
        if clause == b"FORMAT":
            name = next(tokens, (b"", end, end))
            gap = _DATA_GAP.match(text, name[2])
            data_at = gap.end() if gap else name[2]
            return Statement(Kind.INSERT_DATA, text[:start], name[0].decode(), data_at, start)
        if clause == b"VALUES":
            return Statement(Kind.INSERT_DATA, text[:start], "Values", end, start)
        if clause == b"INFILE":
            raise refusal(NOT_IMPLEMENTED, "FROM INFILE belongs to a command-line client.")
        if clause in (b"SELECT", b"WITH"):
            break
    return Statement(Kind.NO_ROWS, text, None, len(text), len(text))


def _top_level(text: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Tokens outside every bracket, and the first opening one, as (token, start, end)."""
    depth = 0
    started = False
    for found in _TOKEN.finditer(text):
        if found["skip"] is not None:
            continue
        token = found.group()
        if token in (b")", b"]", b"}"):
            depth -= 1
        elif depth == 0 and (not started or token not in (b"(", b"[", b"{")):
            yield token, found.start(), found.end()
        if token in (b"(", b"[", b"{"):
            depth += 1
        started = True
