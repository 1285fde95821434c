"""The attacks of a siege, and how fast each goes."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from tests.e2e.payloads import uuid7
from tests.siege import bodies
from tests.siege.ground import Ground, read_status

NOISE_BYTES = 64 * 1024
DRIP_SECONDS = 1.0
DRIP_BYTES = 18
REOPEN_SECONDS = 1.0


@dataclass(frozen=True)
class Attack:
    """`count` loops, each doing its work once every `seconds` (0: as a connection held for as long as it lasts)."""

    name: str
    what: str
    count: int
    seconds: float
    work: Callable[[Ground], Awaitable[object]]

    @property
    def rate(self) -> str:
        """As people read it."""
        return f"{self.count / self.seconds:g} a second" if self.seconds else f"{self.count} at all times"

    async def run(self, ground: Ground, share: float) -> None:
        """Go on until cancelled, with `share` of the loops, one at least."""
        loops = max(1, round(self.count * share))
        await asyncio.gather(*(self._loop(ground, number / loops) for number in range(loops)))

    async def _loop(self, ground: Ground, place: float) -> None:
        pause = self.seconds or REOPEN_SECONDS
        # Not all at the same moment.
        await asyncio.sleep(pause * place)
        while True:
            until = asyncio.get_running_loop().time() + pause
            try:
                await self.work(ground)
            except (OSError, asyncio.IncompleteReadError):
                ground.answers[self.name, 0] += 1
            await asyncio.sleep(max(until - asyncio.get_running_loop().time(), 0.0))


_chance = random.Random(20261130)
_styles: Iterator[bytes] = bodies.hostile_styles()
_odd = bodies.odd_bodies(_chance)


def _path(key: str) -> str:
    return f"/v1/replay/{key}/{uuid7()}/{uuid7()}?page={uuid7()}&seq=0"


async def _post(ground: Ground, attack: str, body: bytes, enc: str = "gzip", key: str = "") -> int:
    target = f"{_path(key or ground.key)}&enc={enc}"
    return await ground.ask(attack, ground.gateway, "POST", target, body=body)


async def _style(ground: Ground) -> None:
    await _post(ground, "styles", next(_styles))


async def _odd_body(ground: Ground) -> None:
    body, enc = next(_odd)
    await _post(ground, "odd bodies", body, enc)


async def _session(ground: Ground) -> None:
    await _post(ground, "sessions", bodies.empty_page())


async def _noise(ground: Ground) -> None:
    await _post(ground, "noise", bodies.noise(_chance, NOISE_BYTES), "none", ground.flood_key)


async def _drip(ground: Ground) -> None:
    address = ground.address()
    async with ground.connect(ground.gateway, address) as (reader, writer):
        writer.write(ground.head("POST", _path(ground.key), address, "Content-Length: 100000"))
        answer = asyncio.ensure_future(read_status(reader))
        while not answer.done():
            writer.write(b"x" * DRIP_BYTES)
            await asyncio.wait({answer}, timeout=DRIP_SECONDS)
        ground.answers["drips", answer.result()] += 1


async def _silent(ground: Ground) -> None:
    async with ground.connect(ground.gateway, ground.address()) as (reader, _):
        ground.answers["silence", await read_status(reader)] += 1


def _half_header(attack: str, base: Callable[[Ground], str]) -> Callable[[Ground], Awaitable[None]]:
    async def work(ground: Ground) -> None:
        address = ground.address()
        async with ground.connect(base(ground), address) as (reader, writer):
            writer.write(b"GET /record.js HTTP/1.1\r\nHost: siege.example\r\nX-Slow: ")
            answer = asyncio.ensure_future(read_status(reader))
            while not answer.done():
                writer.write(b"a")
                await asyncio.wait({answer}, timeout=5)
            ground.answers[attack, answer.result()] += 1

    return work


async def _login(ground: Ground) -> None:
    address = ground.address()
    async with ground.connect(ground.replay, address) as (reader, writer):
        lines = ("Content-Type: application/json", "Content-Length: 40")
        writer.write(ground.head("POST", "/login", address, *lines) + b'{"token":')
        ground.answers["half logins", await read_status(reader)] += 1


async def _slow_reader(ground: Ground) -> None:
    address = ground.address()
    async with ground.connect(ground.gateway, address, small_buffer=True) as (_, writer):
        writer.transport.pause_reading()  # type: ignore[attr-defined]
        writer.write(ground.head("GET", "/record.js", address) * 50)
        await asyncio.sleep(120)


async def _large_head(ground: Ground) -> None:
    cookie = "Cookie: " + "a=b; " * 2400
    await ground.ask("large heads", ground.gateway, "GET", "/record.js", cookie)
    await ground.ask("large heads", ground.gateway, "GET", "/record.js", "X-Large: " + "a" * 200_000)
    await ground.ask("large heads", ground.gateway, "GET", "/" + "a" * 100_000)
    await ground.ask("large heads", ground.replay, "GET", "/" + "a" * 100_000)


async def _upgrade(ground: Ground) -> None:
    lines = ("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: AAAA")
    for base in (ground.gateway, ground.replay):
        await ground.ask("upgrades", base, "GET", _path(ground.key), *lines)


async def _token(ground: Ground) -> None:
    guess = f"Authorization: Bearer {_chance.getrandbits(64):x}"
    if await ground.ask("tokens", ground.replay, "GET", "/api/recordings", guess) == 200:
        ground.breaches.append("a guessed token was accepted")
    body = b'{"token": "%x"}' % _chance.getrandbits(64)
    if await ground.ask("tokens", ground.replay, "POST", "/login", "Content-Type: application/json", body=body) == 204:
        ground.breaches.append("a guessed token was accepted at /login")


async def _forwarded(ground: Ground) -> None:
    """The project `demo` is for this machine only; behind a proxy nobody who names no address is on it."""
    if not ground.behind_proxy:
        return
    for said in ("127.0.0.1:4711, unknown", "[::1]:80", "unknown", "x", "8.8.8.8:51234"):
        line = f"X-Forwarded-For: {said}"
        body = bodies.empty_page()
        if await ground.ask("forwarded", ground.gateway, "POST", f"{_path('demo')}&enc=gzip", line, body=body) == 202:
            ground.breaches.append(f"the loopback project took a body forwarded for {said}")


ATTACKS = (
    Attack("styles", "pages whose CSS, styles and srcset are hard to scan, 200 kB each", 1, 1, _style),
    Attack("odd bodies", "broken, nested and exploding bodies, and events that are none", 2, 1, _odd_body),
    Attack("sessions", "a new session with an empty page", 20, 1, _session),
    Attack("noise", "64 KiB that nothing compresses, with a key of its own", 20, 1, _noise),
    Attack("drips", "bodies of 18 bytes a second", 1100, 0, _drip),
    Attack("silence", "connections that say nothing", 2000, 0, _silent),
    Attack(
        "half headers",
        "headers of a byte every 5 seconds, to the gateway",
        200,
        0,
        _half_header("half headers", lambda ground: ground.gateway),
    ),
    Attack(
        "half headers, replay",
        "the same to the read service",
        100,
        0,
        _half_header("half headers, replay", lambda ground: ground.replay),
    ),
    Attack("half logins", "logins whose body does not end", 64, 0, _login),
    Attack("slow readers", "clients that ask for the recorder 50 times and read nothing", 50, 0, _slow_reader),
    Attack("large heads", "12 kB of cookies, headers and addresses too long", 1, 1, _large_head),
    Attack("upgrades", "WebSocket upgrades of gateway and read service", 2, 1, _upgrade),
    Attack("tokens", "guessed read tokens, in a header and at the login", 20, 1, _token),
    Attack(
        "forwarded",
        "forwarding headers that nobody can read, for the project of this machine (second run)",
        1,
        1,
        _forwarded,
    ),
)
