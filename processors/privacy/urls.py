"""Addresses without what may be secret in them."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_plus

from processors.privacy.address_words import ODD, strip_words
from schemas.policy_parts import Urls
from schemas.policy_patterns import SegmentPatterns

# What stands for a segment of a path that a pattern hides.
HIDDEN_SEGMENT = "***"
# An authority's userinfo ends at its last "@" (WHATWG URL, section 4.4). Browsers read "\" as "/", take any number of
# slashes after the schemes they know, and leave out line breaks and tabs. An address may stand in another one's path.
_USERINFO = re.compile(
    r"(^[\x00-\x20]*(?:(?:https?|wss?|ftp):[/\\]*|(?:[a-z][a-z0-9+.\-]*:)?[/\\]{2,})|:[/\\]{2,})[^/\\]+@", re.IGNORECASE
)
_LINE_BREAKS = {ord(each): None for each in "\t\n\r"}
# Servlets write the session into the path.
_PARAMETER = re.compile(r";([^/\\;=]*+)=[^/\\;]*+")
_SESSION = re.compile(r"sess|sid|token", re.IGNORECASE)
# Scheme and authority; what follows is the path.
_ORIGIN = re.compile(r"(?:[a-zA-Z][a-zA-Z0-9+.\-]*:)?(?:[/\\]{2}[^/\\]*)?")
_SEGMENT = re.compile(r"[^/\\]++")
# Content, not addresses: nothing is fetched, and "?" and "#" may be part of an image. Other data, such as text/html,
# is a document that no rule has looked into.
_OPAQUE = (
    "data:image/",
    "data:font/",
    "data:audio/",
    "data:video/",
    "data:text/css",
    "data:application/font",
    "data:application/x-font",
    "data:application/vnd.ms-fontobject",
)
_FONTS = ("data:font/", "data:application/")
_EMPTIED = ("data:", "javascript:", "vbscript:")
# What any of these begins with, and white space, which browsers ignore in front of a scheme and within it.
_INITIALS = frozenset("BbDdJjVv" + "".join(map(chr, range(0x21))))
_IGNORED = re.compile(r"[\x00-\x20]+")
_ROUTE = re.compile(r"[/?=@&%]")
# One candidate: a URL ended by a comma and white space, or a URL with descriptors up to a comma (HTML, section
# 4.8.4.2.2).
_CANDIDATE = re.compile(r"[\s,]*+(?:(\S*[^\s,]),+(?=\s|$)|([^\s,]\S*)(?:\s+([^,]*))?)", re.ASCII)
_SEPARATORS = " \t\n\r\f\v,"
_DESCRIPTOR = re.compile(r"[0-9.]{1,12}[wxh]")
# Longest start that decides.
_START = 24
# A page names the same addresses again and again; longer ones are rare.
_REMEMBERED = 4096
_CHARACTERS = 512


class Addresses:
    """How one policy cuts addresses. `words` also hides what mailto:, tel: and the like name, and content that is
    no font, such as pictures: they may be of words.
    """

    __slots__ = ("_fragment", "_parameters", "_patterns", "_remembered", "_words")

    def __init__(self, urls: Urls, *, words: bool) -> None:
        self._parameters = frozenset(urls.parameters)
        self._fragment = urls.keep_fragment
        self._patterns = SegmentPatterns(urls.path_segments) if urls.path_segments else None
        self._words = words
        self._remembered = lru_cache(_REMEMBERED)(self._cut)

    def strip(self, url: str) -> str:
        """The address without userinfo and what the policy cuts. A bare "#name" stays: it is on the same page."""
        if url[:1] == "#":
            return url if self._fragment or not is_route(url) else "#"
        if url[:1] in _INITIALS:
            start = _IGNORED.sub("", url[:_CHARACTERS])[:_START].lower()
            if start.startswith(_OPAQUE):
                return "" if self._words and start.startswith("data:") and not start.startswith(_FONTS) else url
            if start.startswith(_EMPTIED):
                return ""
        return self._remembered(url) if len(url) <= _CHARACTERS else self._cut(url)

    def strip_set(self, value: str) -> str:
        """Each candidate of a `srcset` stripped; its width or density stays."""
        candidates = []
        for match in _CANDIDATE.finditer(value.rstrip(_SEPARATORS)):
            descriptors = [word for word in (match[3] or "").split() if _DESCRIPTOR.fullmatch(word)]
            address = self.strip(match[1] or match[2])
            if address:
                candidates.append(" ".join([address, *descriptors]))
        return ", ".join(candidates)

    def strip_within(self, words: str) -> str:
        """Text of any sort, such as JSON, with the addresses in it stripped."""
        patterns = self._patterns
        if ODD.search(words) or ("/" in words and patterns is not None and not patterns.spares(words)):
            return strip_words(words, self.strip)
        return words

    def _cut(self, url: str) -> str:
        url, has_fragment, fragment = url.partition("#")
        url, has_query, query = url.partition("?")
        if "@" in url:
            url = _USERINFO.sub(r"\1", url.translate(_LINE_BREAKS))
        if ";" in url and "*" not in self._parameters:
            url = _PARAMETER.sub(_without_session, url)
        patterns = self._patterns
        if self._words or (patterns is not None and not patterns.spares(url)):
            url = self._hidden(url)
        if has_query and self._parameters:
            query = self._allowed(query)
            url += f"?{query}" if query else ""
        return url + f"#{fragment}" if has_fragment and self._fragment else url

    def _allowed(self, query: str) -> str:
        if "*" in self._parameters:
            return query
        pairs = query.split("&")
        return "&".join(pair for pair in pairs if unquote_plus(pair.partition("=")[0]) in self._parameters)

    def _hidden(self, url: str) -> str:
        origin = _ORIGIN.match(url)
        at = origin.end() if origin else 0
        if self._words and at and url[at - 1] == ":":
            return f"{url[:at]}{HIDDEN_SEGMENT}" if len(url) > at else url
        patterns = self._patterns
        if patterns is None:
            return url
        hides = patterns.hides
        return url[:at] + _SEGMENT.sub(lambda part: HIDDEN_SEGMENT if hides(part[0]) else part[0], url[at:])


def _without_session(parameter: re.Match[str]) -> str:
    return "" if _SESSION.search(parameter[1]) else parameter[0]


def is_route(fragment: str) -> bool:
    """True if a bare fragment is a route or a search of the page's own script, not the name of a place in the page."""
    return _ROUTE.search(fragment) is not None
