"""A condition that only a person can mend."""

from __future__ import annotations


class StopError(Exception):
    """Stops the process. Its text is one sentence for the log: what was found and why going on would do harm."""
