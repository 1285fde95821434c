"""File descriptors: as many as the system gives, and how many of them connections may have."""

from __future__ import annotations

import resource

# Kept back for Kafka's and ClickHouse's sockets, files, pipes and connections that are being closed.
RESERVE = 256
# The kernel hands out at least this many to a process that may open anything at all.
FEWEST = 16


def raise_limit() -> int:
    """Raise this process's soft limit to its hard limit; the limit that then holds."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return 1 << 30 if hard == resource.RLIM_INFINITY else hard


def connection_bound(wanted: int, probes: int, limit: int) -> int:
    """Public connections that fit beside the probes' and the reserve under a descriptor `limit`."""
    left = limit - probes - RESERVE
    # Of a very small limit half is kept back.
    return max(FEWEST, min(wanted, left if left >= limit // 2 else limit // 2 - probes))
