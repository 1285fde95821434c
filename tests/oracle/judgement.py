"""What the judge found, summed over recordings."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from tests.oracle.recordings import Json
from tests.oracle.replay import Case

# Said without a fault of the stream: there is no network, and a seek pauses media that just began to play.
BENIGN = ("Failed to load resource", "The play() request was interrupted")
_NUMBER = re.compile(r"-?\d+")
_ADDRESS = re.compile(r"\b(?:https?|blob|file):[^\s'\")]*")


@dataclass(slots=True)
class Tally:
    """Sums, and the complaints: one line each, empty if all is well."""

    cases: int = 0
    pieces: int = 0
    unplayed: int = 0
    nodes: int = 0
    blocked: int = 0
    masked: int = 0
    messages: int = 0
    new: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)

    def add(self, case: Case, answer: Json) -> None:
        """Count one answer of the page script to its case."""
        self.cases += 1
        known = self._heard(answer, "original", answer["messages"])
        self.messages += known.total()
        for number, stream in enumerate(answer["enforced"]):
            kind = case.kinds[number]
            new = self._heard(answer, f"enforced {number}", stream["messages"]) - known
            self.new += [f"{case.name}, {kind}: {text}" for text in new]
            self.differences += [f"{case.name}, {kind}: {text}" for text in stream["differences"]]
            self.pieces += stream["pieces"]
            self.unplayed += stream["unplayed"]
            self.nodes += stream["nodes"]
            self.blocked += stream["blocked"]
            self.masked += stream["masked"]

    def _heard(self, answer: Json, turn: str, messages: list[str]) -> Counter[str]:
        """What the player said, and what went uncaught while it was this stream's turn."""
        said = [*messages, *(text for whose, text in answer["uncaught"] if whose == turn)]
        return Counter(_NUMBER.sub("N", _ADDRESS.sub("URL", text)) for text in said if not text.startswith(BENIGN))

    def __str__(self) -> str:
        return (
            f"{self.cases} cases, {self.pieces} pieces ({self.unplayed} the player gives up by itself), "
            f"{self.nodes} nodes compared, {self.blocked} blocked, {self.masked} masked texts, "
            f"{self.messages} messages of the originals, {len(self.new)} new ones, {len(self.differences)} differences"
        )
