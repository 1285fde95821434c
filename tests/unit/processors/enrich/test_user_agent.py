"""User agents become coarse words."""

from __future__ import annotations

import pytest

from processors.enrich.context import Agent
from processors.enrich.user_agent import UserAgentParser

CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) {}Chrome/156.0.0.0{} Safari/537.36"


@pytest.fixture(scope="module")
def parser() -> UserAgentParser:
    """One parser for all tests: building it takes a fifth of a second."""
    return UserAgentParser(100)


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        (CHROME.format("Windows NT 10.0; Win64; x64", "", ""), Agent("Chrome", "Windows", "desktop")),
        (CHROME.format("Linux; Android 13; SM-X700", "", ""), Agent("Chrome", "Android", "tablet")),
        (CHROME.format("Linux; Android 14; Pixel 8", "", " Mobile"), Agent("Chrome Mobile", "Android", "mobile")),
        (CHROME.format("X11; Linux x86_64", "Headless", ""), Agent("HeadlessChrome", "Linux", "desktop", bot=True)),
        ("", Agent()),
        ("curl/8.14.1", Agent("curl")),
        ("\x00\ufffd" * 400, Agent()),
    ],
)
def test_user_agents_are_read(parser: UserAgentParser, text: str, agent: Agent) -> None:
    """Browser, system, kind of device and bot mark are found, and what is unknown is empty."""
    assert parser.parse(text) == agent


def test_crawlers_are_bots(parser: UserAgentParser) -> None:
    """A crawler that names itself is marked."""
    assert parser.parse("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").bot
