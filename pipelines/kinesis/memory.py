"""A stream in memory: the twin of `KinesisSource`, for tests that need no cloud."""

from bisect import bisect_right
from dataclasses import dataclass, field
from itertools import pairwise
from typing import ClassVar

from contracts.positions import HASH_KEYS, ResumeAfter, StreamIdentity, hash_key
from pipelines.kinesis.source import LARGEST_READ, NO_RECORDS, Reading, Records, Shard


@dataclass
class _Shard:
    hash_keys: range
    parents: tuple[str, ...] = ()
    records: list[tuple[int, bytes, float]] = field(default_factory=list)
    is_closed: bool = False


@dataclass
class _Stream:
    shards: list[_Shard] = field(default_factory=list)
    next_sequence_number: int = 1


class MemorySource:
    """One stream a name, shared by everyone in the process who names it."""

    _streams: ClassVar[dict[str, _Stream]] = {}

    def __init__(self, name: str, shard_count: int = 1) -> None:
        """Take the stream of that name; it is made with `shard_count` shards where there is none."""
        self._name = name
        cuts = [HASH_KEYS.stop * index // shard_count for index in range(shard_count + 1)]
        shards = [_Shard(range(*pair)) for pair in pairwise(cuts)]
        self._stream = self._streams.setdefault(name, _Stream(shards))

    def __reduce__(self) -> tuple[type["MemorySource"], tuple[str]]:
        """Travel as a name; a copy would not see what is put later."""
        return MemorySource, (self._name,)

    @property
    def name(self) -> str:
        """See `Source.name`."""
        return self._name

    def identity(self) -> StreamIdentity:
        """See `Source.identity`."""
        return StreamIdentity(f"arn:aws:kinesis:us-east-1:000000000000:stream/{self._name}", 1)

    def shards(self) -> list[Shard]:
        """See `Source.shards`."""
        return [
            Shard(_name(index), shard.hash_keys, shard.parents)
            for index, shard in enumerate(self._stream.shards)
        ]

    def read(self, shard_id: str, after: ResumeAfter) -> Reading:
        """See `Source.read`."""
        lower = -1 if after.sequence_number is None else after.sequence_number
        shard = self._stream.shards[_index(shard_id)]
        is_closed = shard.is_closed  # before looking: what comes meanwhile must not be taken for the end
        first = bisect_right(shard.records, lower, key=lambda record: record[0])
        while after.since and first < len(shard.records) and shard.records[first][2] * 1000 < after.since:
            first += 1
        found = shard.records[first : first + LARGEST_READ]
        if not found:
            return Reading(NO_RECORDS, is_end=is_closed)
        numbers, data, received = zip(*found, strict=True)
        is_at_tip = first + len(found) == len(shard.records)
        records = Records([str(number) for number in numbers], data, received)
        return Reading(records, millis_behind=0 if is_at_tip else 1, is_end=is_closed and is_at_tip)

    def put(self, data: bytes, partition_key: str, received: float = 0.0) -> str:
        """Append a record to its partition key's shard; return the sequence number."""
        place = hash_key(partition_key)
        shard = next(each for each in self._stream.shards if place in each.hash_keys and not each.is_closed)
        number = self._stream.next_sequence_number
        self._stream.next_sequence_number += 1
        shard.records.append((number, data, received))
        return str(number)

    def split(self, shard_id: str) -> None:
        """Close a shard, and open two children of it."""
        parent = self._stream.shards[_index(shard_id)]
        parent.is_closed = True
        keys = parent.hash_keys
        middle = (keys.start + keys.stop) // 2
        for part in (range(keys.start, middle), range(middle, keys.stop)):
            self._stream.shards.append(_Shard(part, (shard_id,)))

    def merge(self, shard_id: str, other_id: str) -> None:
        """Close two neighbouring shards, and open a child of both."""
        low, high = sorted(
            (self._stream.shards[_index(each)] for each in (shard_id, other_id)),
            key=lambda each: each.hash_keys.start,
        )
        low.is_closed = high.is_closed = True
        keys = range(low.hash_keys.start, high.hash_keys.stop)
        self._stream.shards.append(_Shard(keys, (shard_id, other_id)))

    def trim(self, shard_id: str, count: int) -> None:
        """Forget a shard's oldest records, as retention does."""
        del self._stream.shards[_index(shard_id)].records[:count]


def _name(index: int) -> str:
    return f"shardId-{index:012}"


def _index(shard_id: str) -> int:
    return int(shard_id.rsplit("-", 1)[1])
