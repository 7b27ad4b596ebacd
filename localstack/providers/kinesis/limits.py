"""A shard's throughput: what AWS documents, as buckets that fill with time.

In: 1,000 records and 1 MiB a second. Out: 5 GetRecords calls and 2 MiB a second for all who poll, and 2 MiB
a second for each consumer with enhanced fan-out (https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html).
A bucket holds one second's worth. AWS lets one large record or one answer of 10 MiB pass and makes the next
ones wait; so does a bucket that may go into debt.
"""

from dataclasses import dataclass, field

MIB = 2**20
IN_RECORDS, IN_BYTES = 1000, MIB
OUT_CALLS, OUT_BYTES = 5, 2 * MIB


@dataclass(slots=True)
class Bucket:
    """Tokens that come back at `rate` a second, at most one second's worth.

    >>> bucket = Bucket(5)
    >>> [bucket.take(1, now=0.0) for _ in range(6)]
    [True, True, True, True, True, False]
    >>> bucket.take(1, now=0.2)
    True
    """

    rate: float
    level: float | None = None
    at: float = 0.0

    def has(self, amount: float, now: float) -> bool:
        """Return whether `amount` may be taken: it is there, or the bucket is full and never holds more."""
        self._fill(now)
        return self._level >= min(amount, self.rate)

    def take(self, amount: float, now: float) -> bool:
        """Take `amount` if it may be taken."""
        if not self.has(amount, now):
            return False
        self.spend(amount, now)
        return True

    def spend(self, amount: float, now: float) -> None:
        """Take what is spent already, into debt if need be; an overdraft is repaid whole."""
        self._fill(now)
        self.level = self._level - amount if amount <= self.rate else min(self._level, 0) - amount

    def wait_seconds(self, now: float) -> float:
        """Return in how many seconds the bucket is out of debt."""
        self._fill(now)
        return max(0.0, -self._level / self.rate)

    @property
    def _level(self) -> float:
        return self.rate if self.level is None else self.level

    def _fill(self, now: float) -> None:
        self.level = min(self.rate, self._level + max(0.0, now - self.at) * self.rate)
        self.at = now


@dataclass(slots=True)
class ShardLimits:
    """What one shard has spent."""

    records_in: Bucket = field(default_factory=lambda: Bucket(IN_RECORDS))
    bytes_in: Bucket = field(default_factory=lambda: Bucket(IN_BYTES))
    calls_out: Bucket = field(default_factory=lambda: Bucket(OUT_CALLS))
    bytes_out: Bucket = field(default_factory=lambda: Bucket(OUT_BYTES))
    fan_out: dict[str, Bucket] = field(default_factory=dict)

    def admits(self, size_bytes: int, now: float) -> bool:
        """Take one record of that size in, if its records and bytes allow."""
        if not (self.records_in.has(1, now) and self.bytes_in.has(size_bytes, now)):
            return False
        self.records_in.spend(1, now)
        self.bytes_in.spend(size_bytes, now)
        return True

    def lets_read(self, now: float) -> bool:
        """Take one GetRecords call, if calls and bytes allow."""
        return self.bytes_out.wait_seconds(now) == 0 and self.calls_out.take(1, now)

    def fan_out_of(self, consumer_arn: str) -> Bucket:
        """Return the bytes that one consumer may still read."""
        return self.fan_out.setdefault(consumer_arn, Bucket(OUT_BYTES))
