"""Whether this process enforces with compiled modules or with their sources."""

from __future__ import annotations

from importlib.machinery import EXTENSION_SUFFIXES

from processors.privacy import enforce


def is_compiled() -> bool:
    """True in an installation of the wheel that `make compiled` builds."""
    return str(enforce.__file__).endswith(tuple(EXTENSION_SUFFIXES))
