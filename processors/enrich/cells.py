"""How enrich writes its state: a version byte, then a JSON list.

| name               | holds                                                        | written         | bound         |
|--------------------|--------------------------------------------------------------|-----------------|---------------|
| `s`                | first receipt, expiry, page loads that hold something        | when it changes | 1 KiB         |
| `pages`            | names of the session's page loads, 8 bytes each              | per page load   | 8 KiB         |
| `p<page>`          | next seq, payloads missing, newest bucket, what is held      | per payload     | 0.5 KiB       |
| `h<page>.<bucket>` | first 8 bytes of the body's hash, for 64 seqs                | per payload     | 0.6 KiB       |
| `v<page>.<seq>`    | a finished output record that waits for an earlier payload   | when held       | 4 MiB a page  |

26 h after the session's first receipt all of it is forgotten but `s`, which stays for some days, so that what is
still received for the session is too late and does not begin it again.

Fields may be added at the end of a list: readers take those they know.
"""

from __future__ import annotations

from typing import Any

import orjson

VERSION = b"\x01"


def pack_cell(*fields: Any) -> bytes:
    """A state value of this version."""
    return VERSION + orjson.dumps(fields)


def unpack_cell(value: bytes | None, known: int) -> list[Any] | None:
    """The first `known` fields of a state value; None if there is none, or of a version this code does not know."""
    if value is None or value[:1] != VERSION:
        return None
    fields: list[Any] = orjson.loads(value[1:])
    return fields[:known]
