"""IteratorAge, gathered so that it costs one small request a second, whatever the number of invocations.

https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html: the age of a batch's last record
when the function is invoked with it.
"""

from collections.abc import Callable, Mapping
from threading import Lock


class Ages:
    """The ages of one mapping's batches since they were last asked for."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Take a clock."""
        self._now = now
        self._lock = Lock()
        self._millis: list[float] = []
        self._invoked: set[str] = set()

    def note(self, shard_id: str, arrived: float) -> None:
        """Note that the function is invoked with records the last of which arrived then."""
        with self._lock:
            self._millis.append(self._age(arrived))
            self._invoked.add(shard_id)

    def take(self, waiting: Mapping[str, float]) -> dict[str, float] | None:
        """Return the statistics since the last time, in milliseconds, as CloudWatch has them.

        A shard whose records wait and which was not invoked counts with its oldest record, so that the age
        of one that is blocked goes on growing between its attempts.
        """
        with self._lock:
            ages, self._millis = self._millis, []
            invoked, self._invoked = self._invoked, set()
        ages += [self._age(arrived) for shard_id, arrived in waiting.items() if shard_id not in invoked]
        if not ages:
            return None
        return {"SampleCount": len(ages), "Sum": sum(ages), "Minimum": min(ages), "Maximum": max(ages)}

    def _age(self, arrived: float) -> float:
        return max(0.0, (self._now() - arrived) * 1000)
