"""What clients call the encoding of a body, and the one name each has in header rs-enc."""

from __future__ import annotations

# RFC 9110, section 8.4.1.3: x-gzip is gzip. The other two are written by analogy and can mean nothing else.
_NAMES = {
    "gzip": "gzip",
    "x-gzip": "gzip",
    "deflate": "deflate",
    "x-deflate": "deflate",
    "zstd": "zstd",
    "x-zstd": "zstd",
    "br": "br",
    "identity": "",
    "none": "",
    "": "",
}


def encoding_of(text: str) -> str | None:
    """The encoding that a Content-Encoding or `enc` names in any case: gzip, zstd, deflate, br, or "" for none.

    In a list only one may be more than none: "gzip, identity" is gzip. None for what is unknown or applied twice.
    """
    applied = [_NAMES.get(name.strip().lower()) for name in text.split(",")]
    if None in applied:
        return None
    encodings = [name for name in applied if name]
    return None if len(encodings) > 1 else "".join(map(str, encodings))
