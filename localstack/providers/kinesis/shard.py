"""A shard: its range of hash keys, its place in the lineage, and its log."""

from dataclasses import dataclass, field
from hashlib import md5
from typing import Any

from localstack.providers.kinesis import sequence
from localstack.providers.kinesis.limits import ShardLimits
from localstack.providers.kinesis.log import Log

MOST_HASH_KEY = 2**128 - 1


def hash_key(partition_key: str) -> int:
    """Return the 128-bit integer that a partition key maps to: its MD5.

    >>> hash_key("N14228") <= MOST_HASH_KEY
    True
    """
    return int.from_bytes(md5(partition_key.encode(), usedforsecurity=False).digest())


def even_ranges(count: int) -> list[tuple[int, int]]:
    """Return `count` ranges of one size that cover all hash keys.

    >>> even_ranges(1) == [(0, MOST_HASH_KEY)]
    True
    """
    starts = [(MOST_HASH_KEY + 1) * place // count for place in range(count)]
    return list(zip(starts, [start - 1 for start in starts[1:]] + [MOST_HASH_KEY], strict=True))


@dataclass(slots=True, eq=False)
class Shard:
    """One shard of a stream.

    Attributes:
        index: Its number, never used twice in a stream.
        low: First hash key.
        high: Last hash key, inclusive.
        created_millis: Later than its parents'.
        log: Its records.
        parents: Indices of the shards it was made of: none, one (split) or two (merge).
        closed_millis: When a split or merge closed it; None while it is open.
        limits: What it has spent of its throughput.
        id: The ShardId.
        start: The StartingSequenceNumber.
    """

    index: int
    low: int
    high: int
    created_millis: int
    log: Log
    parents: tuple[int, ...] = ()
    closed_millis: int | None = None
    limits: ShardLimits = field(default_factory=ShardLimits)
    id: str = field(init=False)
    start: int = field(init=False)

    def __post_init__(self) -> None:
        """Derive what each record asks for."""
        self.id = shard_id(self.index)
        self.start = sequence.starting(self.created_millis, self.index)

    @property
    def is_open(self) -> bool:
        """Whether it takes records."""
        return self.closed_millis is None

    def was_open_at(self, millis: int) -> bool:
        """Return whether it took records then."""
        return self.created_millis <= millis and (self.closed_millis is None or millis < self.closed_millis)

    def hash_key_range(self) -> dict[str, str]:
        """Return its HashKeyRange."""
        return {"StartingHashKey": str(self.low), "EndingHashKey": str(self.high)}

    def describe(self) -> dict[str, Any]:
        """Return it as ListShards and DescribeStream do."""
        numbers = {"StartingSequenceNumber": str(self.start)}
        if not self.is_open:
            numbers["EndingSequenceNumber"] = str(sequence.ending(self.start))
        answer: dict[str, Any] = {
            "ShardId": self.id,
            "HashKeyRange": self.hash_key_range(),
            "SequenceNumberRange": numbers,
        }
        for name, parent in zip(("ParentShardId", "AdjacentParentShardId"), self.parents, strict=False):
            answer[name] = shard_id(parent)
        return answer

    def describe_as_child(self) -> dict[str, Any]:
        """Return it as an entry of ChildShards."""
        return {
            "ShardId": self.id,
            "ParentShards": [shard_id(parent) for parent in self.parents],
            "HashKeyRange": self.hash_key_range(),
        }


def shard_id(index: int) -> str:
    """Return the ShardId of a shard's index.

    >>> shard_id(3)
    'shardId-000000000003'
    """
    return f"shardId-{index:012d}"
