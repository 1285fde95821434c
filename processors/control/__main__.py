"""`reelstream control`: ends the recording of a session or user, or lists whose recording was ended.

    reelstream control opt-out --project P (--session S | --user U)
    reelstream control erase   --project P (--session S | --user U)
    reelstream control list    --project P
    reelstream control hash    --project P --user U

`opt-out` ends the recording; `erase` also stops what is still on its way. `hash` prints what stands for a user in
tombstones, and may stand in the project file's `sampling.users`. Users need REELSTREAM_CONTROL_KEY. A tombstone is
answered from the broker's own confirmation.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from datetime import UTC, datetime

from confluent_kafka import KafkaException, Producer

from processors.runtime.control import READ_SECONDS, ControlFollower, ControlSettings
from processors.stop import StopError
from schemas.control import DELIVERY_MS, IN_FORCE_MS, Kind, Tombstone, UserKeys
from schemas.identity import is_project, is_uuid
from schemas.topics import CONTROL
from service.environment import ClusterSettings, SettingsError, load
from service.kafka import connection

DELIVERY_SECONDS = 10.0
ATTEMPTS = 3
ACTIONS = {"opt-out": Kind.OPT_OUT, "erase": Kind.ERASE}
# What `enrich` takes for a user; a longer name would never be met.
USER_CHARACTERS = 256


class UsageError(ValueError):
    """What was asked cannot be done as it stands; one sentence."""


def main() -> None:
    """Run one action. Exit code 0: done; 1: no broker, or not confirmed; 2: usage or settings."""
    options = _parser().parse_args()
    try:
        cluster, settings = load("control", ControlSettings, os.environ)
        lines = run(options, cluster, settings.user_keys())
    except (SettingsError, UsageError) as error:
        sys.exit(_say(f"reelstream control: {error}", 2))
    except StopError as error:
        sys.exit(_say(f"reelstream control: {error}", 1))
    except KafkaException as error:
        sys.exit(_say(f"reelstream control: {error.args[0]}", 1))
    for line in lines:
        _say(line, 0)


def run(options: argparse.Namespace, cluster: ClusterSettings, keys: UserKeys) -> list[str]:
    """Do what `options` ask; lines for the person. UsageError, KafkaException or StopError if that cannot be."""
    if not is_project(options.project):
        raise UsageError("project names are lower-case letters, digits, '-' and '_'")
    if options.action == "list":
        return [_describe(each) for each in _read(cluster, keys, options.project)]
    subject = _subject(options, keys)
    if options.action == "hash":
        return [subject]
    tombstone = _write_now(cluster, options.project, ACTIONS[options.action], subject)
    return [
        _describe(tombstone),
        f"in force for what is accepted from {_moment(int(time.time() * 1000) + IN_FORCE_MS)}",
    ]


def _subject(options: argparse.Namespace, keys: UserKeys) -> str:
    session, user = options.session, options.user
    if session is not None:
        if not is_uuid(session.lower()):
            raise UsageError("a session is a UUID")
        return str(session.lower())
    if not 0 < len(user) <= USER_CHARACTERS:
        raise UsageError(f"a user has 1 to {USER_CHARACTERS} characters")
    subjects = keys.subjects(options.project, user)
    if not subjects:
        raise UsageError("a user is written as a keyed hash: set REELSTREAM_CONTROL_KEY here and in privacy")
    return subjects[0]


def _write_now(cluster: ClusterSettings, project: str, kind: Kind, subject: str) -> Tombstone:
    """Write it so that the broker has it within DELIVERY_MS of the time it carries: readers count on that."""
    for _ in range(ATTEMPTS):
        tombstone = Tombstone(project, kind, subject, int(time.time() * 1000))
        _write(cluster, tombstone)
        if int(time.time() * 1000) - tombstone.at <= DELIVERY_MS:
            return tombstone
    raise KafkaException(f"the broker took more than {DELIVERY_MS} ms each time: run it again")


def _write(cluster: ClusterSettings, tombstone: Tombstone) -> None:
    failed: list[KafkaException] = []
    producer = Producer(
        {
            **connection(cluster),
            "acks": "all",
            "enable.idempotence": True,
            "linger.ms": "0",
            "message.timeout.ms": int(DELIVERY_SECONDS * 1000),
        }
    )
    producer.produce(
        cluster.topic_prefix + CONTROL.name,
        key=tombstone.key,
        value=tombstone.value,
        on_delivery=lambda error, _: failed.append(KafkaException(error)) if error else None,
    )
    if producer.flush(DELIVERY_SECONDS + 1) or failed:
        raise failed[0] if failed else KafkaException(f"not confirmed within {DELIVERY_SECONDS:.0f} s: run it again")


def _read(cluster: ClusterSettings, keys: UserKeys, project: str) -> list[Tombstone]:
    follower = ControlFollower(cluster, keys)
    try:
        follower.read(READ_SECONDS)
    finally:
        follower.close()
    return follower.tombstones.of(project)


def _describe(tombstone: Tombstone) -> str:
    what = "session" if is_uuid(tombstone.subject) else "user"
    return f"{_moment(tombstone.at)} {tombstone.kind} {tombstone.project} {what} {tombstone.subject}"


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="reelstream control", description="End the recording of a session or user.")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    words = {
        "opt-out": "record nothing more of a session or user",
        "erase": "the same, and drop what is still on its way",
        "list": "tombstones of a project, oldest first",
        "hash": "what stands for a user in tombstones and in the project file",
    }
    for action, purpose in words.items():
        command = actions.add_parser(action, help=purpose)
        command.add_argument("--project", required=True, help="name in the project file")
        if action == "hash":
            command.add_argument("--user", required=True, help="as the page identifies them")
            command.set_defaults(session=None)
        elif action != "list":
            whom = command.add_mutually_exclusive_group(required=True)
            whom.add_argument("--session", help="session id")
            whom.add_argument("--user", help="as the page identifies them")
    return parser


def _say(text: str, code: int) -> int:
    print(text, file=sys.stderr if code else sys.stdout)
    return code


if __name__ == "__main__":
    main()
