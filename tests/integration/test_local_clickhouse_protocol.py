"""What the one-machine stack's ClickHouse answers to plain, odd and hostile HTTP requests."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
import urllib3

from deploy.local.clickhouse.engine import MAX_SESSIONS
from tests.integration.local_clickhouse_server import Server, running_server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("clickhouse")) as running:
        yield running


class Plain:
    """Requests as a person with curl would send them; an answer is (status, exception code, body)."""

    def __init__(self, server: Server) -> None:
        self._url = f"http://127.0.0.1:{server.port}"
        self._pool = urllib3.PoolManager(retries=False)

    def send(
        self,
        method: str = "POST",
        path: str = "/",
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        **parameters: str,
    ) -> tuple[int, str | None, bytes]:
        url = f"{self._url}{path}?{urlencode(parameters)}"
        answer = self._pool.urlopen(method, url, body=body, headers=headers or {})
        return answer.status, answer.headers.get("X-ClickHouse-Exception-Code"), answer.data


@pytest.fixture
def plain(server: Server) -> Plain:
    return Plain(server)


def test_query_in_url_and_body(plain: Plain) -> None:
    """A query may stand in the URL, in the body, or begin in one and go on in the other."""
    assert plain.send("GET", query="SELECT 1") == (200, None, b"1\n")
    assert plain.send(body=b"SELECT 2") == (200, None, b"2\n")
    assert plain.send(query="SELECT 3,", body=b"4") == (200, None, b"3\t4\n")
    assert plain.send(query="SELECT {a:UInt8} AS x", param_a="5", default_format="JSONEachRow")[2] == b'{"x":5}\n'


def test_insert_head_in_url(plain: Plain) -> None:
    """The data of an INSERT starts after its head, wherever the head ends."""
    plain.send(body=b"CREATE TABLE heads (a UInt8) ENGINE = Memory")
    for query, body in (
        ("INSERT INTO heads FORMAT TSV", b"1\n"),
        ("INSERT INTO heads FORMAT TSV\n", b"2\n"),
        ("INSERT INTO heads FORMAT RowBinary", b"\x03"),
        ("INSERT INTO heads VALUES (4)", b", (5)"),
        ("", b"/* FORMAT */ INSERT INTO heads (a) FORMAT CSV\n6\n7\n"),
        ("INSERT INTO heads", b"SELECT 8"),
    ):
        assert plain.send(body=body, query=query)[0] == 200
    assert plain.send(body=b"SELECT arraySort(groupArray(a)) FROM heads")[2] == b"[1,2,3,4,5,6,7,8]\n"


def test_a_form(plain: Plain) -> None:
    """The fields of a multipart form count like parameters of the URL, also for an INSERT with its data."""
    plain.send(body=b"CREATE TABLE forms (a UInt8) ENGINE = Memory")
    for fields in (
        {"query": "INSERT INTO forms VALUES (1)"},
        {"query": "INSERT INTO forms VALUES ({a:UInt8})", "param_a": "2"},
    ):
        body, kind = urllib3.encode_multipart_formdata(fields)
        assert plain.send(body=body, headers={"Content-Type": kind})[0] == 200
    assert plain.send(body=b"SELECT arraySort(groupArray(a)) FROM forms")[2] == b"[1,2]\n"


def test_a_get_cannot_write(plain: Plain) -> None:
    """A GET that would write is refused with ClickHouse's READONLY, whatever settings it brings."""
    status, code, _ = plain.send("GET", query="CREATE TABLE x (a UInt8) ENGINE = Memory")
    assert (status, code) == (500, "164")
    status, code, _ = plain.send("GET", query="SET readonly = 0")
    assert (status, code) == (500, "164")


def test_a_web_page_cannot_ask(plain: Plain) -> None:
    """A request that a browser sent for a web page is refused."""
    assert plain.send(body=b"SELECT 1", headers={"Origin": "http://127.0.0.1:8070"})[0] == 403
    assert plain.send("GET", query="SELECT 1", headers={"Host": "rebound.example:8123"})[0] == 403


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        ({"body": b""}, 400, "62"),
        ({"body": b" ; "}, 400, "62"),
        ({"body": b"SELECT '" + b"x" * (5 << 20) + b"'"}, 400, "62"),
        ({"body": b"\xff\xfe\x00"}, 400, "62"),
        ({"body": b"SELECT 1 INTO OUTFILE '/tmp/x'"}, 501, "48"),
        ({"body": b"INSERT INTO t FROM INFILE '/etc/passwd' FORMAT CSV"}, 501, "48"),
        ({"body": b"SELECT 1", "no_such_setting": "1"}, 404, "115"),
        ({"body": b"SELECT 1", "max_threads='1', x": "1"}, 404, "115"),
        ({"body": b"SELECT 1", "compress": "1"}, 501, "48"),
        ({"body": b"SELECT 1", "headers": {"Content-Encoding": "snappy"}}, 501, "48"),
        ({"body": b"SELECT 1", "headers": {"Content-Encoding": "gzip"}}, 400, "271"),
        ({"body": gzip.compress(b"SELECT 1")[:-9], "headers": {"Content-Encoding": "gzip"}}, 400, "271"),
        ({"body": b"\x28\xb5\x2f\xfd", "headers": {"Content-Encoding": "zstd"}}, 400, "271"),
        ({"body": b"\x04\x22\x4d\x18", "headers": {"Content-Encoding": "lz4"}}, 400, "271"),
        ({"body": b"SELECT 1", "session_id": "new", "session_check": "1"}, 404, "372"),
        ({"body": b"SELECT 1", "session_id": "s", "session_timeout": "soon"}, 400, "36"),
        ({"path": "/nowhere", "body": b"SELECT 1"}, 501, "48"),
        ({"body": b"--x", "headers": {"Content-Type": "multipart/form-data"}}, 400, "36"),
    ],
)
def test_odd_requests_get_an_error(plain: Plain, request_: dict[str, object], status: int, code: str) -> None:
    """Each is answered with a status, a code and a text in ClickHouse's form, and the server goes on."""
    found_status, found_code, body = plain.send(**request_)  # type: ignore[arg-type]
    assert (found_status, found_code) == (status, code)
    assert body.startswith(f"Code: {code}. DB::Exception: ".encode())
    assert plain.send(body=b"SELECT 1")[2] == b"1\n"


def test_a_session_serves_one_request_at_a_time(server: Server, plain: Plain) -> None:
    """A second request in a session that is streaming is refused as locked; afterwards the session is free."""
    pool = urllib3.PoolManager(retries=False)
    url = f"http://127.0.0.1:{server.port}/?session_id=busy"
    stream = pool.urlopen("POST", url, body=b"SELECT number FROM numbers(100000000)", preload_content=False)
    stream.read(1000)
    assert plain.send(body=b"SELECT 1", session_id="busy")[:2] == (500, "373")
    stream.close()
    for _ in range(10):
        if plain.send(body=b"SELECT 1", session_id="busy")[0] == 200:
            break
    else:
        pytest.fail("the session stayed locked after its stream was dropped")


def test_more_sessions_than_are_remembered(plain: Plain) -> None:
    """Sessions beyond the limit push out idle ones that hold nothing, not the one with a temporary table."""
    plain.send(body=b"CREATE TEMPORARY TABLE mine (a UInt8)", session_id="holder")
    for number in range(MAX_SESSIONS + 10):
        assert plain.send(body=b"SELECT 1", session_id=f"passing-{number}")[0] == 200
    assert plain.send(body=b"SELECT count() FROM mine", session_id="holder")[2] == b"0\n"


def test_nothing_of_a_failed_query_is_in_the_next_result(plain: Plain) -> None:
    """In one session, rows made before an error do not appear in the next result."""
    failing = b"SELECT throwIf(number = 2000) FROM numbers(3000) SETTINGS max_block_size = 100 FORMAT CSVWithNames"
    assert plain.send(body=failing, session_id="s1")[1] == "395"
    assert plain.send(body=b"SELECT 7 FORMAT CSVWithNames", session_id="s1")[2] == b'"7"\n7\n'


def test_a_body_above_the_limit_is_refused(server: Server) -> None:
    """A body that announces more than 1 GiB is refused before it is read."""
    connection = urllib3.HTTPConnectionPool("127.0.0.1", server.port, retries=False)
    answer = connection.urlopen("POST", "/", body=b"", headers={"Content-Length": str((1 << 30) + 1)})
    assert answer.status == 413
