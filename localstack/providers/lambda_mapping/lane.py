"""One lane of a shard: its records become batches, which are delivered one after the other."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from queue import Empty, Queue
from threading import Event

from localstack.providers.lambda_mapping.delivery import Delivery, Record, pause
from localstack.providers.lambda_mapping.invocations import Invocations
from localstack.providers.lambda_mapping.window import MOST_STATE_BYTES, Windows

_LOGGER = logging.getLogger(__name__)
MOST_PAYLOAD_BYTES = 6_000_000
LOOK_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Batching:
    """How records become batches.

    Attributes:
        most_records: BatchSize.
        window_seconds: How long a batch may wait to be filled.
        lanes: ParallelizationFactor.
        tumbling_seconds: TumblingWindowInSeconds.
    """

    most_records: int = 100
    window_seconds: float = 0.0
    lanes: int = 1
    tumbling_seconds: int = 0

    @property
    def most_bytes(self) -> int:
        """How large a batch's events may be: a window's state goes with them."""
        return MOST_PAYLOAD_BYTES - (MOST_STATE_BYTES if self.tumbling_seconds else 0)


class Lane:
    """Delivers the records of some keys.

    **Order**: as they were put. **On failure**: it waits on its own batch.
    """

    def __init__(  # noqa: PLR0913  # its surroundings, each by name
        self,
        batching: Batching,
        *,
        delivery: Delivery,
        invocations: Invocations,
        windows: Windows,
        now: Callable[[], float],
        stopping: Event,
    ) -> None:
        """Start nothing."""
        self._batching = batching
        self._delivery = delivery
        self._invocations = invocations
        self._windows = windows
        self._now = now
        self._stopping = stopping
        self._records: Queue[Record] = Queue()
        self._next: Record | None = None
        self._complete_until = 0.0

    def put(self, record: Record) -> None:
        """Take a record."""
        self._records.put(record)

    def complete(self, until: float) -> None:
        """Learn that all that arrived before a moment was put here, so that a window may be over."""
        self._complete_until = max(self._complete_until, until)

    def run(self) -> None:
        """Deliver until it is stopped."""
        while not self._stopping.is_set():
            until = self._complete_until  # before the look into the queue: what is older is in it
            if batch := self._batch():
                self._insist(partial(self._delivery.deliver, batch))
            elif self._next:
                until = self._next.arrived
            if self._windows.is_full or (not batch and self._windows.is_over(until)):
                self._insist(self._invocations.close)

    def _insist(self, deliver: Callable[[], object]) -> None:
        """Deliver, and again where an error of ours came between: a lane that ended would end in silence."""
        pauses = 0
        while not self._stopping.is_set():
            try:
                deliver()
            except Exception:
                _LOGGER.exception("a batch is delivered again")
                pauses += 1
                pause(self._stopping, pauses)
            else:
                return

    def _batch(self) -> list[Record]:
        """Return a batch of one window; what no longer fits is kept for the next."""
        batch: list[Record] = []
        size = 0
        deadline = self._now() + LOOK_SECONDS
        while len(batch) < self._batching.most_records and not self._stopping.is_set():
            until = self._complete_until
            record, self._next = self._next or self._take(deadline - self._now()), None
            if record is None:
                if self._now() >= deadline or self._windows.is_over(until):
                    break
                continue
            is_too_large = batch and size + record.size_bytes > self._batching.most_bytes
            if is_too_large or not self._windows.holds(record.arrived):
                self._next = record
                break
            if not batch:
                self._windows.enter(record.arrived)
                deadline = self._now() + self._batching.window_seconds
            batch.append(record)
            size += record.size_bytes
        return batch

    def _take(self, seconds: float) -> Record | None:
        try:
            if seconds <= 0:
                return self._records.get_nowait()
            return self._records.get(timeout=min(seconds, LOOK_SECONDS))
        except Empty:
            return None
