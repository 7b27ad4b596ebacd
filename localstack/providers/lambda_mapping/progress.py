"""How far a shard is done: records are taken in order and finished in any."""

from collections import deque
from collections.abc import Sequence
from threading import Condition

from localstack.providers.lambda_mapping.delivery import Record


class Progress:
    """What is read of one shard and not yet done; bounded, so that a slow function slows the reading."""

    def __init__(self, most: int) -> None:
        """Let at most so many records be under way."""
        self._most = most
        self._state = Condition()
        self._open: deque[str] = deque()
        self._done: set[str] = set()
        self._checkpoint: str | None = None

    @property
    def checkpoint(self) -> str | None:
        """The sequence number up to which everything is done."""
        with self._state:
            return self._checkpoint

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        with self._state:
            return not self._open

    def has_room(self, seconds: float) -> bool:
        """Wait until more may be read; return whether it may."""
        with self._state:
            return self._state.wait_for(lambda: len(self._open) < self._most, seconds)

    def take(self, records: Sequence[Record]) -> None:
        """Note records as read, in their order."""
        with self._state:
            self._open.extend(record.number for record in records)

    def finish(self, records: Sequence[Record]) -> None:
        """Note records as done."""
        with self._state:
            self._done.update(record.number for record in records)
            while self._open and self._open[0] in self._done:
                self._checkpoint = self._open.popleft()
                self._done.discard(self._checkpoint)
            self._state.notify_all()
