"""gunicorn's HTTP connection, with an end to everything a client can hold open.

gunicorn's asgi worker has one deadline, for keep-alive. This adds those of `service.connections`, keeps the memory of
a connection bounded, and gives every refusal of the server's own the form of the application's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gunicorn.asgi.parser import LimitRequestHeaders
from gunicorn.asgi.protocol import ASGIProtocol

from service.body_receiver import BoundedReceiver
from service.connection_settings import ConnectionSettings
from service.connections import Connections, Member, Reason, State
from service.metrics import Metrics
from service.request_parser import RequestParser
from service.server_answers import HEADER_TIMEOUT, ServerAnswer, encode, server_answer

# Held bytes up to this are part of what a connection costs anyway; above it they are counted.
SMALL = 8 * 1024

# In the scope of a request whose body this server gives up when it is too slow: the last event then has `slow`.
PACED = "reelstream.paced"


@dataclass(frozen=True)
class ServerRules:
    """What an application asks of its server. `headers` are those of a refusal, given the request's Origin."""

    settings: ConnectionSettings
    metrics: Metrics
    probe_port: int
    headers: Callable[[str | None], Mapping[str, str]]
    ignore_cookies: bool


class BoundedProtocol(ASGIProtocol, Member):  # type: ignore[misc]  # gunicorn is not typed
    """One connection."""

    transport: Any
    _body_receiver: Any
    _callback_parser: Any
    _closed: bool
    _current_request: Any
    _flow_control: Any
    _task: Any

    def __init__(self, worker: Any, table: Connections[BoundedProtocol], rules: ServerRules) -> None:
        ASGIProtocol.__init__(self, worker)
        Member.__init__(self)
        self._table = table
        self._rules = rules
        self._head_bytes = 0
        self._body_bytes = 0
        self._waiting_bytes = 0
        self._left = False
        self._refused = False
        self._answered = False

    def connection_made(self, transport: Any) -> None:
        """Called by the loop."""
        victim = self._table.enter(self)
        super().connection_made(transport)
        if victim is not None:
            victim.drop(Reason.FULL)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop. What refers to this object is let go: it would wait for a collection of garbage."""
        self._leave()
        if self._awaiting_request:
            # The task ends by itself; gunicorn would keep it and all of this for three seconds.
            self._request_ready.set()
            self._task = None
        super().connection_lost(exc)
        if self._task is None or self._task.done():
            self._forget()
        else:
            self._task.add_done_callback(self._forget)

    def drop(self, reason: Reason) -> None:
        """End the connection now, whatever is unsent."""
        if self._left:
            return
        self._rules.metrics.counter("reelstream_server_closed_total", reason.value).inc()
        self._leave()
        self.transport.abort()

    def expire(self, reason: Reason) -> None:
        """Its time is over."""
        if self._left or reason not in (Reason.HEADER, Reason.BODY):
            self.drop(reason)
            return
        self._rules.metrics.counter("reelstream_server_closed_total", reason.value).inc()
        if reason is Reason.HEADER:
            self._refuse(HEADER_TIMEOUT)
            self._close_transport()
        else:
            # The application is told, and has a moment for its answer.
            self._table.end_body(self)
            self._table.move(self, State.LINGERING)
            self._body_receiver.give_up()

    def note_taken(self, now: float) -> None:
        """How much of a waiting answer its reader has taken since the last time."""
        left = self.transport.get_write_buffer_size()
        if self.reading is not None:
            self.reading.add(max(0, self._waiting_bytes - left), now)
        self._waiting_bytes = left

    def note_held(self) -> None:
        """Count the bytes that nobody has asked for yet, if they are many."""
        held = self._head_bytes + self._http1_buffered()
        if (held > SMALL or self.large) and not self._left:
            victim = self._table.hold(self, held if held > SMALL else 0)
            if victim is not None:
                victim.drop(Reason.BYTES)

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        if self._refused or self._left:
            return
        if self._callback_parser is None:
            # Nothing was made for a connection that had said nothing.
            super()._start_http1(data)
        else:
            self._feed_callback_parser(data)
        self.note_held()
        if not self._reading_paused and self._http1_buffered() > self._max_buffer_size:
            self._pause_reading()

    def pause_writing(self) -> None:
        """Called by the loop."""
        super().pause_writing()
        self._wait_for_reader()

    def resume_writing(self) -> None:
        """Called by the loop."""
        self._table.taken(self)
        super().resume_writing()

    def _start_http1(self, buffered: bytes = b"") -> None:
        """gunicorn would make a parser and a task here."""

    def _setup_callback_parser(self) -> None:
        settings = self._rules.settings
        self._callback_parser = RequestParser(
            on_headers_complete=self._on_headers_complete,
            on_body=self._on_body,
            on_message_complete=self._on_message_complete,
            limit_request_line=settings.request_line_bytes,
            limit_request_fields=settings.header_fields,
            limit_request_field_size=settings.header_bytes,
        )

    def _http1_buffered(self) -> int:
        """Bytes the application has not taken: of the body, and of requests sent ahead of their turn."""
        receiver, parser = self._body_receiver, self._callback_parser
        held: int = receiver.buffered if receiver is not None else 0
        return held + len(parser._buffer) if parser is not None else held

    def _feed_callback_parser(self, data: bytes) -> bool:
        if self._refused or self._left:
            return False
        if self._current_request is None:
            self._head_bytes = len(data) + (self._head_bytes if self.state is State.HEADER else 0)
        alive: bool = super()._feed_callback_parser(data)
        if not alive:
            return False
        if self._current_request is not None:
            self._note_body()
        elif self._head_bytes > self._rules.settings.header_bytes + self._rules.settings.request_line_bytes:
            self._send_error_response(431, "")
            self._close_transport()
            return False
        elif self.state is not State.HEADER:
            self._table.move(self, State.HEADER)
        return True

    def _on_headers_complete(self) -> bool:
        parser, rules = self._callback_parser, self._rules
        parser.check_coding()
        if rules.ignore_cookies and any(name == b"cookie" for name, _ in parser.headers):
            parser.headers[:] = [field for field in parser.headers if field[0] != b"cookie"]
        if self._head_bytes > SMALL:
            # Bytes of the body may have come along; only what is kept counts.
            self._head_bytes = len(parser.path) + sum(len(name) + len(value) for name, value in parser.headers)
            if self._head_bytes > rules.settings.header_bytes + rules.settings.request_line_bytes:
                raise LimitRequestHeaders
        self._answered = False
        self._body_bytes = 0
        skip: bool = super()._on_headers_complete()
        self._body_receiver = BoundedReceiver(self._current_request, self)
        _take_path(self._current_request)
        self._table.move(self, State.ANSWERING)
        return skip

    def _note_body(self) -> None:
        receiver = self._body_receiver
        if receiver._complete:
            self._table.end_body(self)
        elif self.state is State.ANSWERING:
            self._table.receive_body(self, receiver.total - self._body_bytes)
            self._body_bytes = receiver.total

    def _arm_keepalive_timer(self) -> None:
        """gunicorn's own timer is not needed: the table has the deadline."""
        if self.state is State.ANSWERING and not self._left:
            self._head_bytes = 0
            self.note_held()
            self._table.move(self, State.IDLE)

    def _is_websocket_upgrade(self, request: Any) -> bool:
        """No: an Upgrade nobody offers may be ignored (RFC 9110, 7.8), and the route answers."""
        return False

    def _build_http_scope(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        scope: dict[str, Any] = super()._build_http_scope(*args, **kwargs)
        scope[PACED] = True
        return scope

    def _send_response_start(self, *args: Any, **kwargs: Any) -> None:
        self._answered = True
        super()._send_response_start(*args, **kwargs)

    def _send_error_response(self, status: int, message: str, extra_headers: Any = ()) -> None:
        """Called by gunicorn; its message may quote the request."""
        self._refuse(server_answer(status))

    def _refuse(self, answer: ServerAnswer) -> None:
        if self._refused or self._closed:
            return
        self._refused = True
        if not self._answered:
            self._rules.metrics.counter("reelstream_server_refusals_total", answer.code).inc()
            self._safe_write(encode(answer, self._rules.headers(self._origin())))
        if self._body_receiver is not None:
            self._body_receiver.signal_disconnect()

    def _origin(self) -> str | None:
        fields: list[tuple[bytes, bytes]] = self._callback_parser._headers_list if self._callback_parser else []
        return next((value.decode("latin-1") for name, value in fields if name == b"origin"), None)

    def _close_transport(self) -> None:
        if self._closed:
            return
        if not self._refused:
            super()._close_transport()
            self._wait_for_reader()
            return
        # Closing with bytes unread makes the kernel reset the connection, and the refusal is never read.
        self._closed = True
        if not self._left:
            self.transport.write_eof()
            self._table.end_body(self)
            self._table.move(self, State.LINGERING)
        self._resume_reading()
        self._request_ready.set()

    def _wait_for_reader(self) -> None:
        self._waiting_bytes = self.transport.get_write_buffer_size()
        if self._waiting_bytes and not self._left:
            self._table.wait_for_reader(self)

    def _leave(self) -> None:
        if not self._left:
            self._left = True
            self._table.leave(self)

    def _forget(self, _task: Any = None) -> None:
        self._callback_parser = self._body_receiver = self._flow_control = self._current_request = None


def _take_path(request: Any) -> None:
    """A target may be a whole URL (RFC 9112, 3.2.2); the routes know paths."""
    if b"://" in request.raw_path and not request.raw_path.startswith(b"/"):
        request.raw_path = b"/" + request.raw_path.split(b"://", 1)[1].partition(b"/")[2]
        request.path = "/" + request.path.split("://", 1)[1].partition("/")[2]
