"""All shards of one mapping, side by side; a child begins when all of its parents are drained."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from threading import Lock

from localstack.providers.lambda_mapping.shard import Shard


@dataclass(frozen=True, slots=True)
class Listed:
    """A shard as the stream lists it."""

    id: str
    parents: tuple[str, ...]


@dataclass(slots=True)
class Kept:
    """How far a mapping is; it outlives a pause.

    Attributes:
        checkpoints: The last sequence number that is done, by shard.
        drained: Shards that were closed, and of which everything is done.
    """

    checkpoints: dict[str, str | None] = field(default_factory=dict)
    drained: set[str] = field(default_factory=set)


class Mapping:
    """Keeps the shards that are being delivered in step with the stream.

    **On failure**: a shard that cannot go on stops nobody but its own children.
    """

    def __init__(self, make: Callable[[str, str | None], Shard], kept: Kept) -> None:
        """Take who makes a shard's delivery of its id and its checkpoint, and how far the mapping is."""
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
                    self._kept.drained.add(shard_id)
            self._kept.drained &= shards.keys()
            for shard_id, shard in shards.items():
                if shard_id in self._running or shard_id in self._kept.drained:
                    continue
                # A parent that is no longer listed is past its retention.
                if all(parent in self._kept.drained or parent not in shards for parent in shard.parents):
                    self._running[shard_id] = self._make(shard_id, self._kept.checkpoints.get(shard_id))
                    self._running[shard_id].start()

    def stop(self) -> None:
        """Stop all shards at once, and keep how far each is; a second time does nothing."""
        with self._lock:
            self._is_over = True
            for running in self._running.values():
                running.end()
            for shard_id, running in self._running.items():
                running.join()
                self._kept.checkpoints[shard_id] = running.progress.checkpoint or self._kept.checkpoints.get(
                    shard_id
                )
            self._running.clear()
