"""Browser, system and kind of device from the User-Agent header, by ua-parser."""

from __future__ import annotations

from ua_parser import Cache, CachingResolver, Parser, load_lazy_builtins
from ua_parser.regex import Resolver

from processors.enrich.context import Agent

MAX_LENGTH = 512
# ua-parser's own families of programs that drive a browser without a person.
_AUTOMATED = ("HeadlessChrome", "PhantomJS", "Electron Headless")


class UserAgentParser:
    """ua-parser with its Rust matcher and the answers to the last `remembered` user agents.

    Building one compiles about two thousand patterns: 0.2 s.
    """

    def __init__(self, remembered: int) -> None:
        self._parser = Parser(CachingResolver(Resolver(load_lazy_builtins()), Cache(remembered)))

    def parse(self, text: str) -> Agent:
        """See `context.UserAgents`; looks at the first MAX_LENGTH characters."""
        text = text[:MAX_LENGTH]
        result = self._parser.parse(text)
        browser = result.user_agent.family if result.user_agent else ""
        system = result.os.family if result.os else ""
        spider = result.device is not None and result.device.family == "Spider"
        return Agent(browser, system, _device(text), spider or browser in _AUTOMATED)


def _device(text: str) -> str:
    """Tablets say so, or say Android without Mobile; phones say Mobi. The rest with a browser is a desktop."""
    if not text:
        return ""
    if "iPad" in text or "Tablet" in text or ("Android" in text and "Mobi" not in text):
        return "tablet"
    if "Mobi" in text:
        return "mobile"
    return "desktop" if text.startswith("Mozilla/") else ""
