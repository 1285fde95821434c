"""Where a page of the list ended: opaque to clients, checked when it comes back."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from replay.times import LATEST_MS
from schemas.identity import is_uuid

_VERSION = "1"


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last recording shown, and the order it was shown in."""

    order: str
    started_ms: int
    session: str

    def encode(self) -> str:
        """URL-safe text."""
        text = f"{_VERSION}:{self.order}:{self.started_ms}:{self.session}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str, order: str) -> Cursor:
    """The cursor of a text; ValueError if we did not make it, or for another order."""
    padded = text + "=" * (-len(text) % 4)
    plain = base64.b64decode(padded, altchars=b"-_", validate=True).decode("ascii")
    version, made_for, started, session = plain.split(":")
    if version != _VERSION or made_for != order or not is_uuid(session):
        raise ValueError("not a cursor of this list")
    if not (started.isdigit() and int(started) <= LATEST_MS):
        raise ValueError("not a cursor of this list")
    return Cursor(order, int(started), session)
