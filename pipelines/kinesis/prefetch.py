"""Reading ahead: one thread a shard fills a bounded buffer, so that reading overlaps with work."""

from collections import deque
from threading import Condition, Thread

from contracts.positions import ResumeAfter
from pipelines.kinesis.source import NO_RECORDS, Records, Source, join

IDLE_SECONDS = 0.25
"""Between two reads of a shard that had nothing new; Kinesis allows five reads a second and shard."""


class ShardBuffer:
    """What has been read of one shard behind a position, and not yet taken.

    **Order**: the shard's. **On failure**: what reading raised is raised by the next `take`.
    """

    def __init__(self, source: Source, shard_id: str, after: ResumeAfter, most_records: int) -> None:
        """Start to read behind `after`; reading waits while `most_records` or more are buffered."""
        self._source = source
        self._shard_id = shard_id
        self._after = after
        self._most_records = most_records
        self._parts: deque[Records] = deque()
        self._buffered = 0
        self._failure: Exception | None = None
        self._is_closed = False
        self._changed = Condition()
        self._thread = Thread(target=self._fill, name=f"read {source.name} {shard_id}", daemon=True)
        self._thread.start()

    def take(self, most: int) -> Records:
        """Return the next records in their order, at most `most`, and none when none is buffered.

        Raises:
            Exception: What reading raised.
        """
        with self._changed:
            taken: list[Records] = []
            wanted = most
            while self._parts and wanted:
                part = self._parts.popleft()
                if len(part) > wanted:
                    self._parts.appendleft(part[wanted:])
                    part = part[:wanted]
                taken.append(part)
                wanted -= len(part)
            self._buffered -= most - wanted
            self._changed.notify_all()
            if not taken and self._failure:
                raise self._failure
        return join(taken) if taken else NO_RECORDS

    def close(self) -> None:
        """Stop reading; what is buffered is dropped, it stands in Kinesis."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()
        self._thread.join()

    def _fill(self) -> None:
        try:
            while True:
                with self._changed:
                    self._changed.wait_for(lambda: self._is_closed or self._buffered < self._most_records)
                    if self._is_closed:
                        return
                records = self._source.read(self._shard_id, self._after)
                with self._changed:
                    if records:
                        self._after = ResumeAfter(records.last)
                        self._parts.append(records)
                        self._buffered += len(records)
                    else:
                        self._changed.wait_for(lambda: self._is_closed, timeout=IDLE_SECONDS)
        except Exception as failure:  # noqa: BLE001  # a thread has nobody above it: `take` raises it
            self._failure = failure
