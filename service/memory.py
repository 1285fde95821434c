"""Memory that was freed goes back to the system. All of this is glibc's; other C libraries need none of it."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress

_LIBC = "libc.so.6"
# mallopt(3).
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

ARENAS = 2
LARGE_BYTES = 256 * 1024


def trimmer() -> Callable[[], None]:
    """Gives free memory back when called: glibc keeps what a flood took until the next.

    After 10 000 slow connections a gateway kept 265 MB, and 130 MB once trimmed.
    """
    with suppress(OSError, AttributeError):
        trim = ctypes.CDLL(_LIBC).malloc_trim
        trim.argtypes = [ctypes.c_size_t]
        return lambda: trim(0)
    return lambda: None


def keep_few_arenas() -> bool:
    """Before threads begin that values of many megabytes pass through. False where there is no such setting.

    By default each thread has an arena of its own, and after the first large block is freed the next ones lie in arenas
    too, where one small block above them keeps them. Twelve readers brought the replay service to 776 MB, which it
    kept, and so set to 66 MB.
    """
    try:
        mallopt = ctypes.CDLL(_LIBC).mallopt
    except (OSError, AttributeError):
        return False
    settings = ((_M_ARENA_MAX, ARENAS), (_M_MMAP_THRESHOLD, LARGE_BYTES), (_M_TRIM_THRESHOLD, LARGE_BYTES))
    accepted = [mallopt(name, value) == 1 for name, value in settings]
    return all(accepted)
