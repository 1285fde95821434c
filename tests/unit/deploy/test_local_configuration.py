"""What the one-machine stack tells its programs."""

from __future__ import annotations

import configparser
from pathlib import Path

import pytest

from deploy.local.broker import server_properties
from deploy.local.checks import check_disk
from deploy.local.environment import MARK, process_environment
from deploy.local.layout import METRICS_PORTS, Layout, LocalSettings, Ports
from deploy.local.programs import Program, all_programs
from deploy.local.supervision import configuration
from deploy.local.trouble import Trouble

LAYOUT = Layout(directory=Path("/stack"), shared=Path("/shared"))


def settings(brokers: str = "", clickhouse_url: str = "") -> LocalSettings:
    """Settings that do not look at the environment of the test."""
    return LocalSettings.model_construct(
        None, brokers=brokers, clickhouse_url=clickhouse_url, local_dir=Path(".local"), local_port_offset=0
    )


def test_all_ports_move_together_and_differ() -> None:
    """An offset moves every port of every program, and no two programs share one."""
    here = all_programs(settings(), LAYOUT, Ports())
    there = all_programs(settings(), LAYOUT, Ports(1000))
    assert [[port + 1000 for port in p.ports] for p in here] == [list(p.ports) for p in there]
    ports = [port for program in here for port in program.ports]
    assert len(set(ports)) == len(ports) == 13


def test_own_stores_replace_ours() -> None:
    """A broker or a ClickHouse of the user's is used, and ours is not started."""
    own = settings(brokers="kafka.example:9092", clickhouse_url="http://ch.example:8123")
    names = [program.name for program in all_programs(own, LAYOUT, Ports())]
    assert names == ["gateway", "enrich", "privacy", "split", "batch", "sink", "replay", "demo"]
    environment = process_environment({}, own, LAYOUT, Ports())
    assert environment["REELSTREAM_BROKERS"] == "kafka.example:9092"
    assert environment["REELSTREAM_CLICKHOUSE_URL"] == "http://ch.example:8123"


def test_the_environment_of_a_process() -> None:
    """The caller's settings pass through, the stack's own switches do not, and every role knows its port."""
    caller = {"PATH": "/bin", "REELSTREAM_LOCAL_PORT_OFFSET": "7", "REELSTREAM_GATEWAY_BODY_LIMIT": "1"}
    environment = process_environment(caller, settings(), LAYOUT, Ports(7))
    assert environment["PATH"] == "/bin"
    assert environment["REELSTREAM_GATEWAY_BODY_LIMIT"] == "1"
    assert "REELSTREAM_LOCAL_PORT_OFFSET" not in environment
    assert environment["REELSTREAM_BROKERS"] == "127.0.0.1:9099"
    assert environment[MARK] == "/stack"
    for role, port in METRICS_PORTS.items():
        assert environment[f"REELSTREAM_{role.upper()}_METRICS_PORT"] == str(port + 7)


def test_the_broker_takes_the_largest_record_on_loopback_only() -> None:
    """A dead letter of 26 MiB fits, and nothing listens beyond this machine."""
    lines = dict(line.split("=", 1) for line in server_properties(Path("/data"), Ports()).splitlines())
    assert int(lines["message.max.bytes"]) > 26 << 20
    assert int(lines["socket.request.max.bytes"]) > int(lines["message.max.bytes"])
    assert int(lines["queued.max.request.bytes"]) > int(lines["socket.request.max.bytes"])
    assert all("://127.0.0.1:" in listener for listener in lines["listeners"].split(","))
    assert lines["auto.create.topics.enable"] == "false"


def test_the_supervisor_starts_nothing_by_itself_and_restarts_all() -> None:
    """Each program waits to be started, is restarted whenever it ends, keeps its command word for word, and has its own
    variables alone.
    """
    programs = [
        Program("one", ("/a b/run", "50%", "it's"), (1,), "http://x"),
        Program("two", ("run",), (2,), "http://y"),
    ]
    parser = configparser.ConfigParser(inline_comment_prefixes=(";",))
    parser.read_string(configuration(LAYOUT, programs, {"two": {"SECRET": "abc"}}))
    assert parser["program:one"]["command"] == "'/a b/run' 50% 'it'\"'\"'s'"
    for name in ("one", "two"):
        section = parser[f"program:{name}"]
        assert section["autostart"] == "false"
        assert section["autorestart"] == "true"
        assert section["killasgroup"] == "true"
    assert (parser["program:one"]["environment"], parser["program:two"]["environment"]) == ("", "SECRET=abc")
    assert int(parser["program:one"]["priority"]) < int(parser["program:two"]["priority"])


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    """Too little room stops the start with a sentence that says how much there is and how much is needed."""
    with pytest.raises(Trouble, match=r"GiB free and the stack needs"):
        check_disk(tmp_path, least=1 << 62)
    check_disk(tmp_path, least=1)
