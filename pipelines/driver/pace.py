"""How much a run may take: what it does in the time that a batch may last, within the memory's bound."""

GOAL_SECONDS = 1.0
"""How long a batch may last: what it delays, the next one waits for."""

LEAST_BYTES, MOST_BYTES = 2**20, 16 * 2**20
"""Of events, a shard's range: less would be all fixed costs, more too much memory."""

_WEIGHT_OF_NEWEST = 0.5


class Pace:
    """Learns from every run how many bytes the next may take."""

    def __init__(self) -> None:
        """Begin with the most: what waits at the start is a backlog."""
        self._bytes_per_second: float | None = None

    def most_bytes(self, shards: int) -> int:
        """Return what the next run may take of each of so many shards."""
        if self._bytes_per_second is None:
            return MOST_BYTES
        goal = self._bytes_per_second * GOAL_SECONDS / max(shards, 1)
        return int(min(max(goal, LEAST_BYTES), MOST_BYTES))

    def ran(self, taken_bytes: int, seconds: float) -> None:
        """Learn from a run; one that took little tells nothing but its fixed costs."""
        if taken_bytes < LEAST_BYTES or seconds <= 0:
            return
        rate, before = taken_bytes / seconds, self._bytes_per_second
        self._bytes_per_second = rate if before is None else before + _WEIGHT_OF_NEWEST * (rate - before)
