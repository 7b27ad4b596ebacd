"""How much a run may take: what it does in the time that a batch is to last, or half of a backlog."""

GOAL_SECONDS = 1.0
"""How long a batch may last, and how long after the last a small one begins: each writes eight objects a
shard, and more of them would cost more than they bring sooner."""

LEAST_BYTES, MOST_BYTES = 2**20, 16 * 2**20
"""Of events, a shard's range: less would be all fixed costs, more too much memory."""

_WEIGHT_OF_NEWEST = 0.5


class Pace:
    """Learns from every run how many bytes the next may take."""

    def __init__(self) -> None:
        """Begin with the most: what waits at the start is a backlog."""
        self._bytes_per_second: float | None = None

    def most_bytes(self, shards: int, waiting_bytes: int) -> int:
        """Return what the next run may take of one of so many shards.

        Half of a backlog, if that is more than the goal: the fewer runs it takes, the sooner it is gone.

        Args:
            shards: Of the stream.
            waiting_bytes: Read ahead of this shard.
        """
        if self._bytes_per_second is None:
            return MOST_BYTES
        goal = self._bytes_per_second * GOAL_SECONDS / max(shards, 1)
        return int(min(max(goal, waiting_bytes / 2, LEAST_BYTES), MOST_BYTES))

    def ran(self, taken_bytes: int, seconds: float) -> None:
        """Learn from a run; one that took little tells nothing but its fixed costs."""
        if taken_bytes < LEAST_BYTES or seconds <= 0:
            return
        rate, before = taken_bytes / seconds, self._bytes_per_second
        self._bytes_per_second = rate if before is None else before + _WEIGHT_OF_NEWEST * (rate - before)
