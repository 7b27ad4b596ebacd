"""Where a record stands in a stream, and the range of records that one run reads.

Kinesis writes sequence numbers as decimal strings of up to 56 digits; as strings of unequal length they
sort wrongly, so here they are always ints.
"""

import hashlib
from dataclasses import dataclass

FROM_THE_START = "TRIM_HORIZON"
AT_TIMESTAMP = "AT_TIMESTAMP"
DIGITS = 56
"""Digits of Kinesis's longest sequence number; names are padded to it, so that listings sort by position."""
HASH_KEYS = range(2**128)
"""What a stream's shards divide among them."""


def hash_key(partition_key: str) -> int:
    """Return Kinesis's hash key of a partition key, which decides its shard.

    >>> hash_key("N14228") in HASH_KEYS
    True
    """
    return int.from_bytes(hashlib.md5(partition_key.encode(), usedforsecurity=False).digest())


@dataclass(frozen=True, slots=True)
class StreamIdentity:
    """One incarnation of a stream: a stream made anew under its old name is another one."""

    arn: str
    created_millis: int

    @property
    def name(self) -> str:
        """The stream's name, as producers know it."""
        return self.arn.rsplit("/", 1)[-1]

    @property
    def slug(self) -> str:
        """Name this incarnation in object keys.

        >>> StreamIdentity("arn:aws:kinesis:us-east-1:0:stream/flight-events", 1767225600123).slug
        'flight-events.1767225600123'
        """
        return f"{self.name}.{self.created_millis}"


@dataclass(frozen=True, slots=True)
class ResumeAfter:
    """The last *delivered* sequence number of a shard: reading resumes behind it.

    Attributes:
        sequence_number: None where nothing was delivered: reading begins at the shard's start, or at `since`.
        since: The first record is the first that arrived then or later, in milliseconds since 1970.
    """

    sequence_number: int | None = None
    since: int | None = None

    def __post_init__(self) -> None:
        """Refuse a position that no shard can hold.

        Raises:
            ValueError: A number is negative, or there are both.
        """
        if self.sequence_number is not None and self.sequence_number < 0:
            msg = f"`sequence_number` must not be negative; got `{self.sequence_number!r}`"
            raise ValueError(msg)
        if self.since is not None and (self.since < 0 or self.sequence_number is not None):
            msg = f"`since` must not be negative, nor beside a sequence number; got `{self.since!r}`"
            raise ValueError(msg)

    def __str__(self) -> str:
        """Write the position as one word of an object key, of equal length for every sequence number."""
        if self.sequence_number is None:
            return self.to_word() or FROM_THE_START
        return f"{self.sequence_number:0{DIGITS}}"

    def to_word(self) -> str | None:
        """Write the position as a word of JSON; None is the shard's start.

        >>> ResumeAfter().to_word(), ResumeAfter(7).to_word(), ResumeAfter(since=1767225600123).to_word()
        (None, '7', 'AT_TIMESTAMP-1767225600123')
        """
        if self.since is not None:
            return f"{AT_TIMESTAMP}-{self.since}"
        return None if self.sequence_number is None else str(self.sequence_number)

    @classmethod
    def from_word(cls, word: str | None) -> "ResumeAfter":
        """Read what `to_word` wrote."""
        if word is None:
            return cls()
        since = word.removeprefix(f"{AT_TIMESTAMP}-")
        return cls(int(word)) if since == word else cls(since=int(since))


@dataclass(frozen=True, slots=True)
class ShardRange:
    """The records of one shard in (after, last]: what a plan names, a run reads and a commit covers."""

    stream: StreamIdentity
    shard_id: str
    after: ResumeAfter
    last: int

    def __post_init__(self) -> None:
        """Refuse an empty or reversed range.

        Raises:
            ValueError: `last` does not lie behind `after`.
        """
        lower = -1 if self.after.sequence_number is None else self.after.sequence_number
        if self.last <= lower:
            msg = (
                f"`last` must lie behind `after`; got `{self.last!r}`, after `{self.after.sequence_number!r}`"
            )
            raise ValueError(msg)

    def __str__(self) -> str:
        """Write the range as a path: stream, shard, (after, last]."""
        return f"{self.stream.slug}/{self.shard_id}/{self.after}-{ResumeAfter(self.last)}"

    def batch_id(self) -> str:
        """Name this range for ever, as 32 hexadecimal digits.

        It is derived from what was read and never counted: a counter repeats when the local cloud is reset
        and the warehouse is not. The stream's creation time tells two streams of one name apart.

        >>> stream = StreamIdentity("arn:aws:kinesis:us-east-1:0:stream/s", 1)
        >>> ShardRange(stream, "shardId-0", ResumeAfter(), 7).batch_id()
        '075a4905d8c621bdbc8c75dee03f5f52'
        """
        after = self.after.to_word() or ""
        parts = (self.stream.arn, str(self.stream.created_millis), self.shard_id, after, str(self.last))
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
