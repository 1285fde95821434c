"""The one way to ClickHouse: a client made when first needed, and two kinds of failure."""

from __future__ import annotations

import struct
import threading
from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any
from urllib.parse import urlsplit

import clickhouse_connect
from clickhouse_connect.driver import options
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DataError, Error, OperationalError

from service.environment import ClusterSettings

# ClickHouse's own numbers (src/Common/ErrorCodes.cpp) of refusals that the same row meets every time.
DATA_ERRORS = frozenset(
    {
        6,  # CANNOT_PARSE_TEXT
        27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
        38,  # CANNOT_PARSE_DATE
        41,  # CANNOT_PARSE_DATETIME
        53,  # TYPE_MISMATCH
        69,  # ARGUMENT_OUT_OF_BOUND
        70,  # CANNOT_CONVERT_TYPE
        72,  # CANNOT_PARSE_NUMBER
        117,  # INCORRECT_DATA
        128,  # TOO_LARGE_ARRAY_SIZE
        131,  # TOO_LARGE_STRING_SIZE
        190,  # SIZES_OF_ARRAYS_DONT_MATCH
        321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
        349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
        376,  # CANNOT_PARSE_UUID
        469,  # VIOLATED_CONSTRAINT
    }
)
# What the client lets pass of a value that its column's bytes cannot hold.
_UNWRITABLE = (TypeError, ValueError, ArithmeticError, AttributeError, struct.error)


class UnavailableError(Exception):
    """ClickHouse does not answer or cannot do it now. `code` is its error number, None without an answer."""

    def __init__(self, code: int | None) -> None:
        super().__init__("ClickHouse is not available" if code is None else f"ClickHouse answered error {code}")
        self.code = code


class RefusedDataError(Exception):
    """ClickHouse answered, and the rows themselves are at fault. `code` is its error number, None if never sent."""

    def __init__(self, code: int | None) -> None:
        super().__init__(f"ClickHouse refused the data, error {code}")
        self.code = code


class Store:
    """ClickHouse behind typed failures. Any number of threads may use one.

    The exceptions carry error numbers only: ClickHouse's texts may quote what was being written or asked.
    """

    def __init__(self, cluster: ClusterSettings, *, connect_timeout: float, answer_timeout: float) -> None:
        self._cluster = cluster
        self._connect_timeout = connect_timeout
        self._answer_timeout = answer_timeout
        self._lock = threading.Lock()
        self._client: Client | None = None

    def rows(
        self,
        sql: str,
        parameters: Mapping[str, Any] | None = None,
        *,
        settings: Mapping[str, Any] | None = None,
        formats: Mapping[str, str] | None = None,
    ) -> list[dict[str, Any]]:
        """All rows of a question by column name; `formats` are clickhouse-connect's, by column name.

        Raises UnavailableError.
        """
        try:
            result = self._connected().query(
                sql,
                parameters=dict(parameters or {}),
                # The server gives up when we do, and does not go on working for nobody.
                settings={"max_execution_time": ceil(self._answer_timeout), **(settings or {})},
                column_formats=dict(formats or {}),
            )
        except ClickHouseError as error:
            raise UnavailableError(_code(error)) from None
        return list(result.named_results())

    def insert(
        self,
        table: str,
        names: Sequence[str],
        columns: Sequence[Sequence[Any]],
        *,
        settings: Mapping[str, Any],
    ) -> None:
        """One INSERT of whole columns. Raises RefusedDataError if the data is at fault, else UnavailableError."""
        client = self._connected()
        try:
            client.insert(table, columns, column_names=names, column_oriented=True, settings=dict(settings))
        except (DataError, *_UNWRITABLE):
            raise RefusedDataError(None) from None
        except ClickHouseError as error:
            code = _code(error)
            if code in DATA_ERRORS and not isinstance(error, OperationalError):
                raise RefusedDataError(code) from None
            raise UnavailableError(code) from None

    def prepare(self) -> None:
        """Load now what the first INSERT would load: clickhouse-connect looks for pandas then, for seconds."""
        _ = options.pd

    def ping(self) -> bool:
        """True if ClickHouse answers now."""
        try:
            return bool(self._connected().ping())
        except UnavailableError:
            return False

    def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            self._client.close()

    def _connected(self) -> Client:
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def _connect(self) -> Client:
        cluster = self._cluster
        address = urlsplit(cluster.clickhouse_url)
        try:
            return clickhouse_connect.get_client(
                interface=address.scheme,
                host=address.hostname,
                port=address.port,
                username=cluster.clickhouse_user,
                password=cluster.clickhouse_password.get_secret_value(),
                database=cluster.clickhouse_database,
                connect_timeout=self._connect_timeout,
                send_receive_timeout=self._answer_timeout,
                # Values are zstd already; compressing them again costs time and saves nothing.
                compress=False,
                # A session id would let only one thread ask at a time.
                autogenerate_session_id=False,
                query_limit=0,
            )
        except ClickHouseError as error:
            raise UnavailableError(_code(error)) from None


def _code(error: ClickHouseError) -> int | None:
    return error.code if isinstance(error, Error) else None
