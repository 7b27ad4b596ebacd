"""One shard: read ahead, dealt to lanes by partition key, delivered in order within a lane.

A mapping with ParallelizationFactor n has n lanes a shard; a key's records are always in one of them, so
their order is kept while other keys go on (https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html).
"""

import math
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from threading import Event, Lock, Thread
from typing import Protocol

from localstack.providers.lambda_mapping.delivery import Delivery, Discard, Policy, Record
from localstack.providers.lambda_mapping.invocations import Call, Invocations
from localstack.providers.lambda_mapping.lane import LOOK_SECONDS, Batching, Lane
from localstack.providers.lambda_mapping.progress import Position, Progress
from localstack.providers.lambda_mapping.window import State, Windows

MOST_UNDER_WAY = 10_000


@dataclass(frozen=True, slots=True)
class Page:
    """What was read.

    Attributes:
        records: In their order.
        has_ended: Whether the shard was closed, and nothing comes after this.
        complete_until: All that arrived before this moment was read, in seconds since 1970.
    """

    records: Sequence[Record] = ()
    has_ended: bool = False
    complete_until: float = 0.0


class Reader(Protocol):
    """Reads one shard from a position on."""

    def read(self) -> Page:
        """Return what comes next; empty where nothing came."""


class Shard:
    """Delivers one shard.

    **Parallelism**: lanes. **Delivery**: at least once, from the position on. **Order**: by key.
    **On failure**: a lane waits on its own batch; the shard's reading stops when too much is under way.
    """

    def __init__(  # noqa: PLR0913  # its surroundings, each by name
        self,
        reader: Reader,
        batching: Batching,
        policy: Policy,
        *,
        call: Call,
        discard: Discard,
        now: Callable[[], float],
        begin: Position | None = None,
    ) -> None:
        """Start nothing yet."""
        begin = begin or Position()
        self._reader = reader
        self._stopping = Event()
        self._progress = Progress(MOST_UNDER_WAY, begin)
        self._windows = Windows(batching.tumbling_seconds, begin.window)
        self._state_and_progress = Lock()
        self._has_ended = False
        invocations = Invocations(call, self._windows, self._stopping)
        delivery = Delivery(
            policy,
            invoke=invocations.invoke,
            finish=self._finish,
            discard=discard,
            now=now,
            stopping=self._stopping,
        )
        self._lanes = [
            Lane(
                batching,
                delivery=delivery,
                invocations=invocations,
                windows=self._windows,
                now=now,
                stopping=self._stopping,
            )
            for _ in range(batching.lanes)
        ]
        self._threads = [Thread(target=self._read, daemon=True, name="mapping-read")]
        self._threads += [Thread(target=lane.run, daemon=True, name="mapping-lane") for lane in self._lanes]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    @property
    def is_drained(self) -> bool:
        """Whether the shard was closed, every record of it is done, and so is its last window."""
        return self._has_ended and self._progress.is_idle and self._windows.opened is None

    @property
    def oldest(self) -> float | None:
        """When the first record that is not done arrived, in seconds since 1970."""
        return self._progress.oldest

    def position(self) -> Position:
        """Return how far it is: what is done, and the state that it left, of one moment."""
        with self._state_and_progress:
            return replace(self._progress.position(), window=self._windows.opened)

    def end(self) -> None:
        """Read no more and try no more."""
        self._stopping.set()

    def join(self) -> None:
        """Wait for the invocation that runs."""
        for thread in self._threads:
            thread.join()

    def _finish(self, records: Sequence[Record], state: State | None) -> None:
        with self._state_and_progress:
            if state is not None:
                self._windows.take(state)
            self._progress.finish(records)

    def _read(self) -> None:
        while not self._stopping.is_set():
            if not self._progress.has_room(LOOK_SECONDS):
                continue
            page = self._reader.read()
            fresh = self._progress.take(page.records)
            self._progress.finish([record for record in fresh if not record.is_wanted])
            for record in fresh:
                if record.is_wanted:
                    self._lanes[zlib.crc32(record.key.encode()) % len(self._lanes)].put(record)
            for lane in self._lanes:
                lane.complete(math.inf if page.has_ended else page.complete_until)
            self._has_ended = page.has_ended  # only now: who sees it ended and idle lets go of it
            if page.has_ended:
                return
            if not page.records:
                self._stopping.wait(LOOK_SECONDS)
