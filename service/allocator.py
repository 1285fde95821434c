"""glibc's allocator, told to give memory back: a process with threads otherwise keeps what each once held at most."""

from __future__ import annotations

import ctypes

# mallopt(3).
_M_TRIM_THRESHOLD = -1
_M_MMAP_THRESHOLD = -3
_M_ARENA_MAX = -8

# Values of many megabytes pass through threads. By default each thread has an arena of its own, and after the first
# large block is freed the next ones lie in arenas too (the threshold grows up to 32 MiB), where one small block above
# them keeps them from being returned.
ARENAS = 2
LARGE_BYTES = 256 * 1024


def give_memory_back() -> bool:
    """Call it before threads begin. False where the C library has no such settings, which changes nothing else."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False
    settings = ((_M_ARENA_MAX, ARENAS), (_M_MMAP_THRESHOLD, LARGE_BYTES), (_M_TRIM_THRESHOLD, LARGE_BYTES))
    accepted = [mallopt(name, value) == 1 for name, value in settings]
    return all(accepted)
