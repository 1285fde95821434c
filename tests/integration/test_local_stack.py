"""The one-machine stack's supervisor, with its broker and its ClickHouse."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import clickhouse_connect
import pytest
from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, ConfigResource, NewTopic, ResourceType

from deploy.local.coordinators import prepare_coordinators
from deploy.local.environment import MARK
from deploy.local.layout import Layout, Ports
from deploy.local.readiness import is_ready
from deploy.local.supervision import Supervisor, marked_processes
from deploy.local.trouble import Trouble

REPOSITORY = Path(__file__).parents[2]


class Stack:
    """`python -m deploy.local` in a directory and on ports of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.ports = Ports(_free_offset())
        self.supervisor = Supervisor(Layout(directory=directory, shared=REPOSITORY / ".local"))

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("REELSTREAM_")}
        environment = inherited | {
            "REELSTREAM_LOCAL_DIR": str(self.directory),
            "REELSTREAM_LOCAL_PORT_OFFSET": str(self.ports.offset),
        }
        return subprocess.run(
            [sys.executable, "-m", "deploy.local", *arguments],
            cwd=REPOSITORY,
            env=environment,
            capture_output=True,
            text=True,
            timeout=150,
            check=False,
        )

    def up(self) -> subprocess.CompletedProcess[str]:
        """Start the broker and ClickHouse."""
        return self.run("up", "--only", "kafka,clickhouse")

    def processes(self) -> list[int]:
        """Everything of this stack that runs."""
        return marked_processes(MARK, str(self.directory))


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path / "s")
    yield made
    made.run("down")
    assert made.processes() == []


def test_what_dies_comes_back_and_what_was_written_stays(stack: Stack) -> None:
    """A killed broker and a killed ClickHouse are started again with their data; so is the whole stack after `down`."""
    brought_up = stack.up()
    assert brought_up.returncode == 0, brought_up.stderr
    brokers = f"127.0.0.1:{stack.ports.kafka}"
    admin = AdminClient({"bootstrap.servers": brokers})
    admin.create_topics([NewTopic("kept", 1, 1)])["kept"].result()
    producer = Producer({"bootstrap.servers": brokers})
    producer.produce("kept", b"x" * 1000)
    assert producer.flush(10) == 0
    with clickhouse_connect.get_client(host="127.0.0.1", port=stack.ports.clickhouse) as client:
        client.command("CREATE TABLE kept (a UInt8) ENGINE = MergeTree ORDER BY a")
        client.insert("kept", [[1]], column_names=["a"])

    _assert_coordinators_are_short(admin)
    _kill(stack, "kafka", f"kafka://{brokers}")
    _kill(stack, "clickhouse", f"http://127.0.0.1:{stack.ports.clickhouse}/ping")
    _assert_kept(stack)

    assert stack.up().returncode == 0, "a second `up` changes nothing"
    _assert_coordinators_are_short(admin)
    assert stack.run("down").returncode == 0
    assert stack.processes() == []
    assert stack.up().returncode == 0
    _assert_kept(stack)


def test_down_ends_what_outlived_its_supervisor(stack: Stack) -> None:
    """With its supervisor killed, `down` still finds and ends every process of the stack."""
    assert stack.up().returncode == 0
    pid = int((stack.directory / "run" / "supervisor.pid").read_text())
    os.kill(pid, signal.SIGKILL)
    assert len(stack.processes()) >= 2
    assert stack.run("down").returncode == 0
    assert stack.processes() == []


def test_a_taken_port_is_one_sentence(stack: Stack) -> None:
    """A port that something else holds is named, and nothing is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", stack.ports.clickhouse))
        other.listen()
        refused = stack.up()
    assert refused.returncode == 1
    assert f"Port {stack.ports.clickhouse}, meant for clickhouse, is taken" in refused.stderr
    assert stack.processes() == []


def test_a_broker_that_does_not_answer_is_one_sentence() -> None:
    """Preparing the broker's own topics fails with a sentence, not with a client's traceback."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(Trouble, match="does not take the settings of its own topics"):
            prepare_coordinators(address, seconds=1.0)


def _assert_kept(stack: Stack) -> None:
    topics = AdminClient({"bootstrap.servers": f"127.0.0.1:{stack.ports.kafka}"}).list_topics(timeout=10).topics
    assert "kept" in topics
    with clickhouse_connect.get_client(host="127.0.0.1", port=stack.ports.clickhouse) as client:
        assert client.command("SELECT count() FROM kept") == 1


def _assert_coordinators_are_short(admin: AdminClient) -> None:
    """The broker comes back from a crash in a moment: old commits soon leave the logs it has to read."""
    wanted = [ConfigResource(ResourceType.TOPIC, name) for name in ("__consumer_offsets", "__transaction_state")]
    for future in admin.describe_configs(wanted).values():
        found = {name: entry.value for name, entry in future.result(10).items()}
        said = [found[name] for name in ("cleanup.policy", "segment.ms", "delete.retention.ms")]
        assert said == ["compact", "10000", "10000"]


def _kill(stack: Stack, name: str, address: str) -> None:
    """Kill a program as a crash would, and wait until the supervisor's new one is ready."""
    killed = stack.supervisor.state(name).pid
    os.kill(killed, signal.SIGKILL)
    _wait_for(lambda: stack.supervisor.state(name).pid not in (0, killed))
    _wait_for(lambda: is_ready(address))


def _wait_for(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def _free_offset() -> int:
    """An offset at which the ports of this test are free."""
    for offset in range(11_000, 40_000, 500):
        ports = Ports(offset)
        if all(_is_free(port) for port in (ports.kafka, ports.kafka_controller, ports.clickhouse)):
            return offset
    raise AssertionError("no free ports")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
