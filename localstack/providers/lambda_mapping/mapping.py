"""All shards of one mapping, side by side; a child begins when all of its parents are drained."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Lock

from localstack.providers.lambda_mapping.kept import Kept
from localstack.providers.lambda_mapping.progress import Position
from localstack.providers.lambda_mapping.shard import Shard


@dataclass(frozen=True, slots=True)
class Listed:
    """A shard as the stream lists it."""

    id: str
    parents: tuple[str, ...]


class Mapping:
    """Keeps the shards that are being delivered in step with the stream.

    **On failure**: a shard that cannot go on stops nobody but its own children.
    """

    def __init__(self, make: Callable[[str, Position], Shard], kept: Kept) -> None:
        """Take who makes a shard's delivery of its id and its position, and how far the mapping is."""
        self._make = make
        self._kept = kept
        self._running: dict[str, Shard] = {}
        self._is_over = False
        self._lock = Lock()

    def step(self, listed: Iterable[Listed]) -> None:
        """Start what may start, and let go of what is drained; nothing once it was stopped."""
        shards = {shard.id: shard for shard in listed}
        with self._lock:
            if self._is_over:
                return
            for shard_id, running in list(self._running.items()):
                if running.is_drained:
                    running.end()
                    running.join()
                    del self._running[shard_id]
                    self._kept.shards.pop(shard_id, None)
                    self._kept.drained.add(shard_id)
            self._kept.drained &= shards.keys()
            for shard_id, shard in shards.items():
                if shard_id in self._running or shard_id in self._kept.drained:
                    continue
                # A parent that is no longer listed is past its retention.
                if all(parent in self._kept.drained or parent not in shards for parent in shard.parents):
                    begin = self._kept.shards.get(shard_id, Position())
                    self._running[shard_id] = self._make(shard_id, begin)
                    self._running[shard_id].start()
            self._keep()

    def waiting(self) -> dict[str, float]:
        """Return when the oldest record that is not done arrived, of each shard that has one."""
        with self._lock:
            oldest = {shard_id: running.oldest for shard_id, running in self._running.items()}
        return {shard_id: arrived for shard_id, arrived in oldest.items() if arrived is not None}

    def end(self) -> None:
        """Deliver no more, at once; what runs is waited for by `stop`."""
        with self._lock:
            self._is_over = True
            for running in self._running.values():
                running.end()

    def stop(self) -> None:
        """Stop all shards at once, and keep how far each is; a second time does nothing."""
        self.end()
        with self._lock:
            for running in self._running.values():
                running.join()
            self._keep()
            self._running.clear()

    def _keep(self) -> None:
        for shard_id, running in self._running.items():
            self._kept.shards[shard_id] = running.position()
