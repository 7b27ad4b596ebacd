"""One shard: read ahead, dealt to lanes by partition key, delivered in order within a lane.

A mapping with ParallelizationFactor n has n lanes a shard; a key's records are always in one of them, so
their order is kept while other keys go on (https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html).
"""

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from queue import Empty, Queue
from threading import Event, Thread
from typing import Protocol

from localstack.providers.lambda_mapping.delivery import Delivery, Finish, Record
from localstack.providers.lambda_mapping.progress import Progress

MOST_PAYLOAD_BYTES = 6_000_000
MOST_UNDER_WAY = 10_000
_LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Batching:
    """How records become batches.

    Attributes:
        most_records: BatchSize.
        window_seconds: How long a batch may wait to be filled.
        lanes: ParallelizationFactor.
    """

    most_records: int = 100
    window_seconds: float = 0.0
    lanes: int = 1


class Reader(Protocol):
    """Reads one shard from a position on."""

    def read(self) -> tuple[Sequence[Record], bool]:
        """Return what comes next, and whether the shard has ended; empty where nothing came."""


class Shard:
    """Delivers one shard.

    **Parallelism**: lanes. **Delivery**: at least once, from the checkpoint on. **Order**: by key.
    **On failure**: a lane waits on its own batch; the shard's reading stops when too much is under way.
    """

    def __init__(
        self,
        reader: Reader,
        batching: Batching,
        delivery: Callable[[Event, Finish], Delivery],
        *,
        now: Callable[[], float],
    ) -> None:
        """Start nothing yet."""
        self._reader = reader
        self._batching = batching
        self._stopping = Event()
        self._now = now
        self.progress = Progress(MOST_UNDER_WAY)
        self._delivery = delivery(self._stopping, self.progress.finish)
        self._has_ended = False
        self._lanes: list[Queue[Record]] = [Queue() for _ in range(batching.lanes)]
        self._threads = [Thread(target=self._read, daemon=True, name="mapping-read")]
        self._threads += [
            Thread(target=self._deliver, args=(lane,), daemon=True, name="mapping-lane")
            for lane in self._lanes
        ]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    @property
    def is_drained(self) -> bool:
        """Whether the shard was closed, and every record of it is done."""
        return self._has_ended and self.progress.is_idle

    def end(self) -> None:
        """Read no more and try no more."""
        self._stopping.set()

    def join(self) -> None:
        """Wait for the invocation that runs."""
        for thread in self._threads:
            thread.join()

    def _read(self) -> None:
        while not self._stopping.is_set():
            if not self.progress.has_room(_LOOK_SECONDS):
                continue
            records, has_ended = self._reader.read()
            self.progress.take(records)
            self.progress.finish([record for record in records if not record.is_wanted])
            for record in records:
                if record.is_wanted:
                    self._lanes[zlib.crc32(record.key.encode()) % len(self._lanes)].put(record)
            self._has_ended = has_ended  # only now: who sees it ended and idle lets go of it
            if has_ended:
                return
            if not records:
                self._stopping.wait(_LOOK_SECONDS)

    def _deliver(self, lane: "Queue[Record]") -> None:
        first: Record | None = None
        while not self._stopping.is_set():
            batch, first = self._batch(lane, first)
            if batch:
                self._delivery.deliver(batch)

    def _batch(self, lane: "Queue[Record]", first: Record | None) -> tuple[list[Record], Record | None]:
        """Return a batch, and a record that no longer fitted."""
        batch: list[Record] = []
        size = 0
        deadline = None
        while len(batch) < self._batching.most_records and not self._stopping.is_set():
            record, first = first, None
            if record is None:
                record = self._next(lane, deadline, is_empty=not batch)
            if record is None:
                break
            if batch and size + record.size_bytes > MOST_PAYLOAD_BYTES:
                return batch, record
            batch.append(record)
            size += record.size_bytes
            deadline = deadline or self._now() + self._batching.window_seconds
        return batch, first

    def _next(self, lane: "Queue[Record]", deadline: float | None, *, is_empty: bool) -> Record | None:
        wait = _LOOK_SECONDS if is_empty or deadline is None else max(0.0, deadline - self._now())
        try:
            return lane.get(timeout=wait) if wait else lane.get_nowait()
        except Empty:
            return None
