"""`python -m deploy.local up|down|status|logs`, from the repository root."""

from __future__ import annotations

import argparse
import sys

from deploy.local.layout import LocalSettings
from deploy.local.stack import Stack
from deploy.local.trouble import Trouble


def main() -> int:
    """Run one command; 1 and a sentence when it cannot be done."""
    parser = argparse.ArgumentParser(prog="deploy.local")
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="start what is not running")
    up.add_argument("--only", default="", help="these programs, separated by commas, and nothing else")
    commands.add_parser("down", help="stop everything")
    commands.add_parser("status", help="what is running")
    logs = commands.add_parser("logs", help="follow the logs")
    logs.add_argument("names", nargs="*", help="of these programs")
    arguments = parser.parse_args()
    stack = Stack(LocalSettings())
    try:
        match arguments.command:
            case "up":
                stack.up({name for name in arguments.only.split(",") if name})
            case "down":
                stack.down()
            case "status":
                stack.status()
            case "logs":
                stack.logs(arguments.names)
    except Trouble as trouble:
        print(f"\n{trouble}" if arguments.command == "up" else trouble, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
