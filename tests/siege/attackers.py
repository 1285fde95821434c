"""All attackers in a process of their own, so that their work does not slow the good clients' clocks.

`python -m tests.siege.attackers '<arguments as JSON>'`; says `{"answers": …, "breaches": …}` when its time is over.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from tests.siege.attacks import ATTACKS
from tests.siege.ground import Ground


async def besiege(ground: Ground, seconds: float, share: float) -> None:
    """Every attack at once, for a bounded time."""
    try:
        async with asyncio.timeout(seconds), asyncio.TaskGroup() as group:
            for attack in ATTACKS:
                group.create_task(attack.run(ground, share))
    except TimeoutError:
        pass


def main(arguments: dict[str, Any]) -> None:
    """See the module."""
    seconds, share = arguments.pop("seconds"), arguments.pop("share")
    ground = Ground(**arguments)
    asyncio.run(besiege(ground, seconds, share))
    answers: dict[str, dict[int, int]] = {}
    for (attack, status), count in sorted(ground.answers.items()):
        answers.setdefault(attack, {})[status] = count
    print(json.dumps({"answers": answers, "breaches": sorted(set(ground.breaches))}))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
