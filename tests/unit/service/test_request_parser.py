"""What is read of a request: as gunicorn reads it, at less cost and within bounds of memory."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from gunicorn.asgi.parser import PythonProtocol

from service.body_receiver import ENOUGH, BoundedReceiver
from service.request_parser import RequestParser


@pytest.mark.parametrize("byte", range(256))
def test_names_and_values_are_judged_as_gunicorn_does(byte: int) -> None:
    """No byte is let into a name or a value that gunicorn's own loops refuse, and none is refused that they take."""
    ours, theirs = RequestParser(), PythonProtocol()
    for text in (bytes([byte]), b"a" + bytes([byte]), bytes([byte]) + b"a", b""):
        assert ours._is_valid_token(text) == theirs._is_valid_token(text)
        assert ours._has_invalid_header_chars(text) == theirs._has_invalid_header_chars(text)


class Request:
    """What the receiver asks of a request."""

    content_length = 0
    chunked = True


class Protocol:
    """What the receiver asks of its connection."""

    large = 0
    _closed = False

    def _maybe_resume_reading(self) -> None: ...


def receiver() -> Any:
    """A receiver nobody reads from."""
    return BoundedReceiver(Request(), Protocol())


def test_chunks_of_a_byte_are_joined() -> None:
    """A hundred thousand chunks of one byte are held as a hundred pieces, and come out whole and in order."""
    held = receiver()
    sent = bytes(number % 251 for number in range(100_000))
    for byte in sent:
        held.feed(bytes([byte]))
    assert held.buffered == held.total == len(sent)
    assert len(held._chunks) <= 100
    assert b"".join(held._chunks) == sent


def test_the_application_is_woken_for_enough_or_for_the_end() -> None:
    """A body that drips wakes nobody until it is worth it; its end always does, and so does being given up."""

    async def woken_by(*sizes: int, end: str = "") -> bool:
        held = receiver()
        waiting = asyncio.create_task(held.receive())
        await asyncio.sleep(0)
        for size in sizes:
            held.feed(b"x" * size)
        if end:
            getattr(held, end)()
        for _ in range(3):
            await asyncio.sleep(0)
        done = waiting.done()
        waiting.cancel()
        return done

    assert not asyncio.run(woken_by(1, 1, 1))
    assert asyncio.run(woken_by(*[100] * (ENOUGH // 100 + 1)))
    assert asyncio.run(woken_by(1, end="set_complete"))
    assert asyncio.run(woken_by(1, end="give_up"))
