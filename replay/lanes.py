"""Work that blocks, beside the loop: on a few threads of its own, with a short line in front of them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from replay.errors import RefusalError
from sql.store import UnavailableError

T = TypeVar("T")

# Work in line behind each thread before more is refused.
LINE_PER_THREAD = 8


def overloaded() -> RefusalError:
    """More is being asked than is answered at a time."""
    detail = "Too much is being asked; this can be asked for again."
    return RefusalError(503, "overloaded", detail, {"Retry-After": "2"})


class Lane:
    """`threads` pieces of work at a time. One project holds at most half of the threads and of the line."""

    def __init__(self, name: str, threads: int, patience: float) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._most = threads * (1 + LINE_PER_THREAD)
        self._share = max(1, threads // 2)
        self._patience = patience
        self._held = 0
        self._held_by: Counter[str] = Counter()
        self._turns: dict[str, asyncio.Semaphore] = {}

    async def run(self, project: str, work: Callable[[], T], ended: Callable[[], None] | None = None) -> T:
        """What `work` returns or raises, from a thread. `ended` is called in the loop when no thread is on it any more.

        Raises RefusalError (503) if the line is full, UnavailableError after `patience` seconds. Work that was begun
        goes on when nobody waits for it any longer, and its thread counts as taken until it ends.
        """
        if self._held >= self._most or self._held_by[project] > self._most // 2:
            if ended is not None:
                ended()
            raise overloaded()
        self._held += 1
        self._held_by[project] += 1
        taken: asyncio.Semaphore | None = None
        begun = False
        try:
            async with asyncio.timeout(self._patience):
                turn = self._turns.setdefault(project, asyncio.Semaphore(self._share))
                await turn.acquire()
                taken = turn
                future: Future[T] = self._threads.submit(work)
                begun = True
                loop = asyncio.get_running_loop()
                future.add_done_callback(lambda _: _in_loop(loop, self._leave, project, turn, ended))
                return await asyncio.wrap_future(future)
        except TimeoutError:
            raise UnavailableError(None) from None
        finally:
            if not begun:
                self._leave(project, taken, ended)

    def _leave(self, project: str, turn: asyncio.Semaphore | None, ended: Callable[[], None] | None) -> None:
        if ended is not None:
            ended()
        if turn is not None:
            turn.release()
        self._held -= 1
        self._held_by[project] -= 1
        if not self._held_by[project]:
            del self._held_by[project]
            self._turns.pop(project, None)


def _in_loop(loop: asyncio.AbstractEventLoop, call: Callable[..., None], *arguments: object) -> None:
    # Work may end after the loop did, when the process stops.
    if not loop.is_closed():
        loop.call_soon_threadsafe(call, *arguments)
