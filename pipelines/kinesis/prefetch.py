"""Reading ahead: one thread a shard fills a bounded buffer, so that reading overlaps with work."""

from collections import deque
from threading import Condition, Thread

import numpy as np

from contracts.batches import are_plain
from contracts.positions import ResumeAfter
from pipelines.kinesis.source import NO_RECORDS, Reading, Records, Source, join

TIP_SECONDS = 0.2
"""From a read that came to a shard's tip to the next: Kinesis allows five a second and shard."""

PACKED_TIMES = 10
"""A record that is no plain event holds about so many times its bytes: events pack to a tenth."""


class ShardBuffer:
    """What has been read of one shard behind a position, and not yet taken.

    **Order**: the shard's. **On failure**: what reading raised is raised by the next `take`.
    """

    def __init__(self, source: Source, shard_id: str, after: ResumeAfter, most_bytes: int) -> None:
        """Start to read behind `after`; reading waits while `most_bytes` of events or more are buffered."""
        self._source = source
        self._shard_id = shard_id
        self._after = after
        self._most_bytes = most_bytes
        self._parts: deque[tuple[Records, np.ndarray]] = deque()
        self._buffered = 0
        self._last = Reading(NO_RECORDS)
        self._failure: Exception | None = None
        self._is_closed = False
        self._changed = Condition()
        self._thread = Thread(target=self._fill, name=f"read {source.name} {shard_id}", daemon=True)
        self._thread.start()

    @property
    def millis_behind(self) -> int:
        """How far behind the shard's tip the last read ended."""
        return self._last.millis_behind

    @property
    def records(self) -> int:
        """How many records are read and not taken."""
        with self._changed:
            return sum(len(part) for part, _ in self._parts)

    @property
    def waiting_bytes(self) -> int:
        """About how many bytes of events are read and not taken."""
        with self._changed:
            return self._buffered

    @property
    def is_drained(self) -> bool:
        """Whether the shard has ended, and all of it was taken."""
        with self._changed:
            return self._last.is_end and not self._parts

    def take(self, most_bytes: int) -> tuple[Records, int]:
        """Return the next records in their order, and about how many bytes of events they hold.

        Args:
            most_bytes: That they may hold; one record may hold more. None are returned where none is there.

        Raises:
            Exception: What reading raised.
        """
        with self._changed:
            taken: list[Records] = []
            wanted = most_bytes
            while self._parts and wanted > 0:
                part, weights = self._parts.popleft()
                count = max(1, int(np.searchsorted(np.cumsum(weights), wanted, side="right")))
                if count < len(part):
                    self._parts.appendleft((part[count:], weights[count:]))
                taken.append(part[:count])
                wanted -= int(weights[:count].sum())
            self._buffered -= most_bytes - wanted
            self._changed.notify_all()
            if not taken and self._failure:
                raise self._failure
        return (join(taken) if taken else NO_RECORDS), most_bytes - wanted

    def close(self) -> None:
        """Stop reading; what is buffered is dropped, it stands in Kinesis."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()

    def _fill(self) -> None:
        try:
            while not self._last.is_end:
                with self._changed:
                    self._changed.wait_for(lambda: self._is_closed or self._buffered < self._most_bytes)
                    if self._is_closed:
                        return
                reading = self._source.read(self._shard_id, self._after)
                records = reading.records
                weights = _weights(records)
                with self._changed:
                    if records:
                        self._after = ResumeAfter(records.last)
                        self._parts.append((records, weights))
                        self._buffered += int(weights.sum())
                    self._last = reading
                    if not (reading.is_end or (records and reading.millis_behind)):
                        self._changed.wait_for(lambda: self._is_closed, timeout=TIP_SECONDS)
        except Exception as failure:  # noqa: BLE001  # a thread has nobody above it: `take` raises it
            self._failure = failure


def _weights(records: Records) -> np.ndarray:
    """Return about how many bytes of events each record holds."""
    weights = np.fromiter(map(len, records.data), np.int64, len(records))
    if not are_plain(records.data):
        weights[[not data.startswith(b"{") for data in records.data]] *= PACKED_TIMES
    return weights
