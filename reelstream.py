"""The one command of the product: `reelstream <role>` starts that role; nothing is imported before it is asked for."""

from __future__ import annotations

import importlib
import sys

# role: module whose main() runs it
ROLES = {
    "gateway": "gateway.__main__",
    "enrich": "processors.enrich.__main__",
    "privacy": "processors.privacy.__main__",
    "split": "processors.split.__main__",
    "batch": "processors.batch.__main__",
    "sink": "processors.sink.__main__",
    "replay": "replay.__main__",
    "topics": "processors.runtime.topics",
    "control": "processors.control.__main__",
    "migrate": "sql.migrate",
}


def main() -> None:
    """Run the role named by the first argument; exit code 2 for an unknown one."""
    if len(sys.argv) < 2 or sys.argv[1] not in ROLES:
        print(f"usage: reelstream ROLE [option ...]\nroles: {' '.join(ROLES)}", file=sys.stderr)
        sys.exit(2)
    role = sys.argv.pop(1)
    importlib.import_module(ROLES[role]).main()


if __name__ == "__main__":
    main()
