"""Requests the page made, as the network plugin tells of them: what is known of HTTP, field by field.

Read from npm @rrweb/rrweb-plugin-network-record 2.1.1 (types in @rrweb/types 2.1.6), and from posthog-js
(packages/browser, network-plugin.ts of 2026), which sends all of a browser's PerformanceResourceTiming or
PerformanceNavigationTiming under the same name, and each of its server timings as a request.
"""

from __future__ import annotations

import re
from typing import Any

from processors.privacy.address_words import strip_all
from processors.privacy.policy import Policy
from processors.privacy.refusal import Json, keep_only, malformed, objects
from processors.privacy.scene import Scene
from schemas.reasons import Reason

_TIMES_AND_SIZES = """
    status duration startTime endTime timeOrigin timestamp responseStatus transferSize encodedBodySize decodedBodySize
    workerStart workerRouterEvaluationStart workerCacheLookupStart redirectStart redirectEnd redirectCount fetchStart
    domainLookupStart domainLookupEnd connectStart connectEnd secureConnectionStart requestStart responseStart
    firstInterimResponseStart finalResponseHeadersStart responseEnd unloadEventStart unloadEventEnd domInteractive
    domContentLoadedEventStart domContentLoadedEventEnd domComplete loadEventStart loadEventEnd activationStart
    criticalCHRestart"""
_WORDS_OF_HTTP = """
    method initiatorType entryType nextHopProtocol renderBlockingStatus deliveryType contentType contentEncoding type"""
_NUMBERS, _WORDS = frozenset(_TIMES_AND_SIZES.split()), frozenset(_WORDS_OF_HTTP.split())
_HEADERS = frozenset({"requestHeaders", "responseHeaders"})
_BODIES = frozenset({"requestBody", "responseBody"})
_WORD = re.compile(r"[A-Za-z0-9./+_-]{0,64}")
# No address has white space.
_SPACE = re.compile(r"\s")


def enforce_requests(scene: Scene, data: Any) -> Reason | None:
    """`data` is the payload of a network event: `requests`, and whether they were made before the recorder began."""
    policy = scene.policy
    if policy.network == "drop":
        return Reason.NOT_ALLOWED
    if type(data) is not dict:
        raise malformed()
    keep_only(data, frozenset({"requests", "isInitial"}))
    if type(data.get("isInitial", False)) is not bool:
        raise malformed()
    for request in objects(data, "requests"):
        for name in list(request):
            if not _is_kept(request, name, policy):
                del request[name]
                scene.say("network")
    return None


def _is_kept(request: Json, name: str, policy: Policy) -> bool:
    """Whether a field of a request stays; addresses and headers are cut in place."""
    value = request[name]
    kind = type(value)
    if value is None:
        return name in _NUMBERS or name in _WORDS
    if name in _NUMBERS:
        return kind is int or kind is float
    if name in _WORDS:
        return kind is str and _WORD.fullmatch(value) is not None
    if name == "isInitial":
        return kind is bool
    if name in _BODIES:
        if kind is not str or policy.network != "keep":
            return False
        if policy.addresses is not None:
            request[name] = policy.addresses.strip_within(value)
        return True
    if name in _HEADERS and kind is dict:
        keep_only(value, frozenset(each for each in value if each.lower() in policy.headers))
        if not all(type(each) is str for each in value.values()):
            return False
        if policy.addresses is not None:
            strip_all(value, policy.addresses.strip_within)
        return True
    if name == "name" and kind is str and _SPACE.search(value) is None:
        if policy.addresses is not None:
            request[name] = policy.addresses.strip(value)
        return True
    return False
