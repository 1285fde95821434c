"""gunicorn's parser of HTTP/1, with its two loops over every byte of every header left to regular expressions."""

from __future__ import annotations

import re

from gunicorn.asgi.parser import PythonProtocol, UnsupportedTransferCoding

_TOKEN = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


class RequestParser(PythonProtocol):  # type: ignore[misc]  # gunicorn is not typed
    """A header of 64 kB costs gunicorn's loops 5 ms, for which nobody needs a key."""

    __slots__ = ()

    def check_coding(self) -> None:
        """Raise for a coding besides chunked. gunicorn takes the body of `gzip, chunked` and leaves it as it is."""
        for name, value in self.headers if self.is_chunked else ():
            if name == b"transfer-encoding" and value.lower() != b"chunked":
                raise UnsupportedTransferCoding

    def _is_valid_token(self, data: bytes) -> bool:
        return _TOKEN.fullmatch(data) is not None

    def _has_invalid_header_chars(self, value: bytes) -> bool:
        return _CONTROL.search(value) is not None
