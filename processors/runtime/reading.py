"""From what lay on a topic to a Record, whatever it is: nothing here raises.

A record that no stage can build on is told apart at once: a header that is null, repeated, not ASCII or unreadable, too
much of them, no session's key, or a timestamp that no gateway gave. It is set aside with what is legal of it.
"""

from __future__ import annotations

from operator import methodcaller
from typing import Any

from quixstreams.models import Topic
from quixstreams.models.messagecontext import MessageContext
from quixstreams.models.rows import Row

from processors.record import Record
from schemas import headers as h
from schemas import topics
from schemas.header_forms import are_legal, legal_headers
from schemas.identity import is_session_key
from schemas.topics import HEADER_ALLOWANCE

# Kafka's own limit for times ahead of the broker's clock is an hour; a worker's clock may be behind.
MAX_AHEAD_MS = 24 * 60 * 60 * 1000
# The name that stands for headers whose names are not UTF-8: the client cannot give any of such a record.
UNREADABLE = "rs-unreadable"
_OURS = "rs-"
_headers_of = methodcaller("headers")
# On raw they would be a stranger's words.
_SET_BY_ENRICH = frozenset({h.SOURCE, h.STARTED, h.EXPIRES, h.GAP, h.HASH, h.CONTEXT})


def read_record(
    topic: str, key: bytes | None, headers: Any, value: bytes | None, received: int, coordinates: str, now: int
) -> tuple[Record, bool]:
    """The record, and whether a stage can build on it; `topic` without the deployment's prefix, times in ms.

    Of one that is odd, only legal headers are left, an illegal key is empty, an impossible time is `now`.
    """
    texts, sound = _texts(headers, topic == topics.RAW.name)
    name = (key or b"").decode("ascii", "replace")
    if not is_session_key(name):
        # The losses of what nobody could name have no key.
        name, sound = "", sound and topic == topics.LOSSES.name
    in_time = 0 < received <= now + MAX_AHEAD_MS
    if sound and in_time and are_legal(topic, name, texts, received):
        return Record(name, texts, value or b"", received, coordinates), True
    return Record(name, legal_headers(texts), value or b"", received if in_time else now, coordinates), False


def read_as_it_lies(topic: Topic) -> Topic:
    """The same topic, whose rows are key, value and headers as they lay there.

    Of a record with a header name that is not UTF-8 the client gives a list with holes, and an exception that the
    interpreter does not always see: then reading the list kills the process. Called from C it is always seen.
    """

    def row_deserialize(message: Any) -> Row:
        try:
            headers = _headers_of(message)
        except (SystemError, UnicodeDecodeError):
            headers = [(UNREADABLE, b"")]
        context = MessageContext(
            topic=message.topic(),
            partition=message.partition(),
            offset=message.offset(),
            size=len(message),
            leader_epoch=message.leader_epoch(),
        )
        return Row(message.value(), message.key(), message.timestamp()[1], context, headers)

    topic.row_deserialize = row_deserialize  # type: ignore[method-assign]
    return topic


def _texts(headers: Any, raw: bool) -> tuple[dict[str, str], bool]:
    """Our headers as texts, and whether each came once, in ASCII, within the bound. Others' headers end here."""
    forbidden = _SET_BY_ENRICH if raw else h.FORBIDDEN_AFTER_ENRICH
    texts: dict[str, str] = {}
    sound, size = True, 0
    for name, text in headers or ():
        size += len(name) + len(text or b"")
        if not name.startswith(_OURS):
            continue
        if text is None or not text.isascii() or not name.isascii() or name in texts or name == UNREADABLE:
            sound = False
        elif name not in forbidden:
            texts[name] = text.decode("ascii")
    return texts, sound and size <= HEADER_ALLOWANCE
