"""Addresses without what may be secret in them."""

from __future__ import annotations

import re

# An authority's userinfo ends at its last "@" (WHATWG URL, section 4.4); browsers read "\" as "/".
_USERINFO = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.\-]*:)?([/\\]{2})[^/\\]*@")
# Content, not addresses: nothing is fetched, and "?" and "#" may be part of an image. Other data, such as text/html,
# is a document that no rule has looked into.
_OPAQUE = (
    "#",
    "blob:",
    "data:image/",
    "data:font/",
    "data:audio/",
    "data:video/",
    "data:text/css",
    "data:application/",
)
_EMPTIED = ("data:", "javascript:")
# One candidate: a URL ended by a comma and white space, or a URL with descriptors up to a comma (HTML, section
# 4.8.4.2.2).
_CANDIDATE = re.compile(r"[\s,]*(?:(\S*[^\s,]),+(?=\s|$)|([^\s,]\S*)(?:\s+([^,]*))?)")
_DESCRIPTOR = re.compile(r"[0-9.]{1,12}[wxh]")
# Longest start that decides.
_START = 24


def strip_url(url: str) -> str:
    """The address without query, fragment and userinfo. A bare "#name" stays: it names a part of the same page."""
    start = url[:_START].lower()
    if start.startswith(_OPAQUE):
        return url
    if start.startswith(_EMPTIED):
        return ""
    for end in "?#":
        url = url.partition(end)[0]
    return _USERINFO.sub(r"\1\2", url) if "@" in url else url


def strip_srcset(value: str) -> str:
    """Each candidate of a `srcset` stripped; its width or density stays."""
    candidates = []
    for match in _CANDIDATE.finditer(value):
        descriptors = [word for word in (match[3] or "").split() if _DESCRIPTOR.fullmatch(word)]
        candidates.append(" ".join([strip_url(match[1] or match[2]), *descriptors]))
    return ", ".join(candidates)
