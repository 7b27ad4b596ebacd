"""How far a shard is done: records are taken in order and finished in any."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Condition

from localstack.providers.lambda_mapping.delivery import Record
from localstack.providers.lambda_mapping.window import Window


@dataclass(frozen=True, slots=True)
class Position:
    """How far one shard is; it outlives a pause.

    Attributes:
        checkpoint: The sequence number up to which everything is done.
        done: What is done beyond it, by other lanes than the one that holds it back.
        window: The one that is open; it holds what is done, and no more.
    """

    checkpoint: str | None = None
    done: tuple[str, ...] = ()
    window: Window | None = None


class Progress:
    """What is read of one shard and not yet done; bounded, so that a slow function slows the reading."""

    def __init__(self, most: int, begin: Position | None = None) -> None:
        """Let at most so many records be under way; go on from a position."""
        begin = begin or Position()
        self._most = most
        self._state = Condition()
        self._open: deque[tuple[str, float]] = deque()
        self._done: set[str] = set()
        self._checkpoint = begin.checkpoint
        self._done_before = set(begin.done)

    def position(self) -> Position:
        """Return how far it is."""
        with self._state:
            return Position(self._checkpoint, tuple(sorted(self._done | self._done_before)))

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        with self._state:
            return not self._open

    @property
    def oldest(self) -> float | None:
        """When the first record that is not done arrived, in seconds since 1970."""
        with self._state:
            return self._open[0][1] if self._open else None

    def has_room(self, seconds: float) -> bool:
        """Wait until more may be read; return whether it may."""
        with self._state:
            return self._state.wait_for(lambda: len(self._open) < self._most, seconds)

    def take(self, records: Sequence[Record]) -> list[Record]:
        """Note records as read, in their order; return those that were not done before."""
        with self._state:
            self._open.extend((record.number, record.arrived) for record in records)
            before = [record for record in records if record.number in self._done_before]
            self._done_before.difference_update(record.number for record in before)
            again = {record.number for record in before}
        self.finish(before)
        return [record for record in records if record.number not in again]

    def finish(self, records: Sequence[Record]) -> None:
        """Note records as done."""
        with self._state:
            self._done.update(record.number for record in records)
            while self._open and self._open[0][0] in self._done:
                self._checkpoint, _ = self._open.popleft()
                self._done.discard(self._checkpoint)
            self._state.notify_all()
