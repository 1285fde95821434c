"""Which content coding a client takes (RFC 9110, 12.5.3)."""

from __future__ import annotations

from collections.abc import Sequence


def accepted(header: str | None, offered: Sequence[str]) -> str:
    """The coding of `offered` that Accept-Encoding prefers, the first of those it likes equally; "" for none."""
    weights: dict[str, float] = {}
    for entry in (header or "").split(","):
        name, *options = (part.strip().lower() for part in entry.split(";"))
        weights[name] = _weight(options)
    best, name = max(((weights.get(name, weights.get("*", 0.0)), name) for name in offered), key=lambda each: each[0])
    return name if best > 0 else ""


def _weight(options: list[str]) -> float:
    for option in options:
        if option.startswith("q="):
            try:
                return float(option[2:])
            except ValueError:
                return 0.0
    return 1.0
