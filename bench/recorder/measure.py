"""What one contestant costs one page, by the browser's own count of what its main thread did."""

from __future__ import annotations

import time
from dataclasses import dataclass

from playwright.sync_api import Browser, Page

from bench.recorder.site import Site

# Timers of a second and what follows them are over by then.
_SETTLED_MS = 2_500
_LARGE, _SMALL = 20_000, 3_000
_CHANGES, _EACH = 1_000, 50


@dataclass(frozen=True, slots=True)
class Cost:
    """Main-thread time in ms, loading 20 000 elements and making 1 000 changes; `longest` is the longest task then."""

    who: str
    load: float
    longest: float
    changes: float


@dataclass(frozen=True, slots=True)
class Sent:
    """What a page sent within a minute of use."""

    who: str
    bytes: int
    requests: int


def cost(browser: Browser, site: Site, who: str) -> Cost:
    """Load, then changes, each in a page of its own."""
    load, longest = _load(browser, site, who)
    return Cost(who, load, longest, _changes(browser, site, who))


def sent(browser: Browser, site: Site, who: str, seconds: float) -> Sent:
    """The same hand on the same page: pointer, wheel, typing, and four changes a second that the page makes."""
    page = _open(browser, site, who, _SMALL)
    page.wait_for_timeout(_SETTLED_MS)
    site.received.clear()
    page.evaluate("() => { let n = 0; setInterval(() => change(n++), 250); }")
    began, step = time.monotonic(), 0
    while time.monotonic() < began + seconds:
        step += 1
        page.mouse.move(50 + (step * 37) % 900, 50 + (step * 53) % 500, steps=8)
        if step % 4 == 0:
            page.mouse.wheel(0, 120 if step % 8 else -120)
        if step % 5 == 0:
            page.locator("#field").press_sequentially("words ", delay=20)
        if step % 7 == 0:
            page.mouse.click(300, 300)
        page.wait_for_timeout(max(0.0, (began + step / 2 - time.monotonic()) * 1e3))
    page.wait_for_timeout(_SETTLED_MS)
    found = list(site.received)
    page.context.close()
    return Sent(who, sum(found), len(found))


def _load(browser: Browser, site: Site, who: str) -> tuple[float, float]:
    page = browser.new_context().new_page()
    page.add_init_script(
        """window.longest = 0;
        new PerformanceObserver((list) => {
          for (const { duration } of list.getEntries()) longest = Math.max(longest, duration);
        }).observe({ type: "longtask" });"""
    )
    counter = _Counter(page)
    page.goto(f"{site.origin}/{who}/{_LARGE}")
    page.wait_for_timeout(_SETTLED_MS)
    spent, longest = counter.ms(), float(page.evaluate("longest"))
    page.context.close()
    return spent, longest


def _changes(browser: Browser, site: Site, who: str) -> float:
    page = _open(browser, site, who, _SMALL)
    counter = _Counter(page)
    page.wait_for_timeout(_SETTLED_MS)
    before = counter.ms()
    page.evaluate(f"changes({_CHANGES}, {_EACH})")
    page.wait_for_timeout(_SETTLED_MS)
    spent = counter.ms() - before
    page.context.close()
    return spent


def _open(browser: Browser, site: Site, who: str, elements: int) -> Page:
    page = browser.new_context().new_page()
    page.goto(f"{site.origin}/{who}/{elements}")
    return page


class _Counter:
    """The main thread's tasks, of the renderer that shows the page."""

    def __init__(self, page: Page) -> None:
        self._devtools = page.context.new_cdp_session(page)
        self._devtools.send("Performance.enable", {"timeDomain": "threadTicks"})

    def ms(self) -> float:
        metrics = self._devtools.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) * 1e3 for each in metrics if each["name"] == "TaskDuration")
