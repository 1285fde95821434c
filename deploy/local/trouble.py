"""What stops the stack from coming up, as one sentence for the person at the keyboard."""

from __future__ import annotations


class Trouble(Exception):  # noqa: N818 (it is said to a person, not to a program)
    """The command ends with exit code 1 and this sentence."""
