"""What is kept of the visitor: place and browser in coarse words. The address and the user agent are not."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Protocol

from schemas.summary import Context


@dataclass(frozen=True, slots=True)
class Agent:
    """A browser in words; `device` is desktop, mobile, tablet or empty; `bot` marks what is no person."""

    browser: str = ""
    os: str = ""
    device: str = ""
    bot: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """`country` is ISO 3166-1 alpha-2; `region` and `city` are English names. Empty where unknown."""

    country: str = ""
    region: str = ""
    city: str = ""


class UserAgents(Protocol):
    """Reads the User-Agent header."""

    def parse(self, text: str) -> Agent:
        """Never fails: what is not recognised is empty."""


class Geo(Protocol):
    """Finds addresses on the map."""

    def locate(self, address: str) -> Place:
        """Never fails: what is not known is empty."""


def context_header(agent: Agent, place: Place) -> str:
    """Header rs-ctx: ASCII JSON of `schemas.summary.Context`."""
    context: Context = {
        "country": place.country,
        "region": place.region,
        "city": place.city,
        "browser": agent.browser,
        "os": agent.os,
        "device": agent.device,
        "bot": agent.bot,
    }
    return json.dumps(context, separators=(",", ":"))
