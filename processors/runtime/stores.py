"""The state of a stage's partitions on Quix Streams, inside the transaction of the checkpoint that is open."""

from __future__ import annotations

from typing import Any

from quixstreams.state.rocksdb import RocksDBStorePartition

from processors.runtime.application import StageApplication
from processors.runtime.state import PARTITION_PREFIX, WAKE_PREFIX, Cells, SessionState


class Stores:
    """Partitions are input partition numbers; `stream_id` names the dataframe that registered the store."""

    def __init__(self, app: StageApplication, stream_id: str) -> None:
        self._app = app
        self._stream_id = stream_id

    def session(self, partition: int, key: str) -> SessionState:
        """One session's values."""
        return SessionState(self._transaction(partition).as_state(prefix=key.encode()))

    def shared(self, partition: int) -> SessionState:
        """What the sessions of a partition share."""
        return SessionState(self._transaction(partition).as_state(prefix=PARTITION_PREFIX))

    def wakes(self, partition: int) -> Cells:
        """When to wake which session, see `processors.runtime.wakeups.Wake`."""
        cells: Cells = self._transaction(partition).as_state(prefix=WAKE_PREFIX)
        return cells

    def opened(self) -> dict[int, RocksDBStorePartition]:
        """The partitions that are ours now, as they were at the last commit."""
        opened = {}
        for partition, store in self._app._state_manager.get_store(self._stream_id, "default").partitions.items():
            if not isinstance(store, RocksDBStorePartition):
                raise RuntimeError("stage state must lie in RocksDB")
            opened[partition] = store
        return opened

    def _transaction(self, partition: int) -> Any:
        return self._app._processing_context.checkpoint.get_store_transaction(
            stream_id=self._stream_id, partition=partition
        )
