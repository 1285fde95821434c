"""Whether a visitor does not want to be recorded, or must be forgotten."""

from __future__ import annotations

from collections.abc import Mapping

from schemas import headers as h
from schemas.control import Kind
from schemas.policy_parts import Consent
from schemas.reasons import Reason

_REASONS = {Kind.OPT_OUT: Reason.OPTED_OUT, Kind.ERASE: Reason.ERASED}


def refusal(headers: Mapping[str, str], consent: Consent, tombstone: Kind | None) -> Reason | None:
    """Why nothing of the session may pass from this payload on; None if it may.

    `tombstone` is the one the payload falls under. Global Privacy Control and Do Not Track count where the project's
    policy says so.
    """
    if tombstone is not None:
        return _REASONS[tombstone]
    signals = ((h.GPC, consent.gpc), (h.DNT, consent.dnt))
    if any(rule == "drop" and headers.get(name) == "1" for name, rule in signals):
        return Reason.OPTED_OUT
    return None
