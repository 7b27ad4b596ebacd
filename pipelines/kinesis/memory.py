"""A stream in memory: the twin of `KinesisSource`, for tests that need no cloud."""

from dataclasses import dataclass, field
from typing import ClassVar
from zlib import crc32

from contracts.positions import ResumeAfter, StreamIdentity
from pipelines.kinesis.source import LARGEST_READ, NO_RECORDS, Records

_Shard = list[tuple[str, bytes, float]]


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
        self._stream = self._streams.setdefault(name, _Stream([[] for _ in range(shard_count)]))

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

    def shards(self) -> list[str]:
        """See `Source.shards`."""
        return [f"shardId-{index:012}" for index in range(len(self._stream.shards))]

    def read(self, shard_id: str, after: ResumeAfter) -> Records:
        """See `Source.read`."""
        lower = -1 if after.sequence_number is None else after.sequence_number
        shard = self._stream.shards[self.shards().index(shard_id)]
        found = [record for record in shard if int(record[0]) > lower][:LARGEST_READ]
        if not found:
            return NO_RECORDS
        numbers, data, received = zip(*found, strict=True)
        return Records(numbers, data, received)

    def put(self, data: bytes, partition_key: str, received: float = 0.0) -> str:
        """Append a record to its partition key's shard; return the sequence number."""
        number = str(self._stream.next_sequence_number)
        self._stream.next_sequence_number += 1
        shard = self._stream.shards[crc32(partition_key.encode()) % len(self._stream.shards)]
        shard.append((number, data, received))
        return number

    def trim(self, shard_id: str, count: int) -> None:
        """Forget a shard's oldest records, as retention does."""
        del self._stream.shards[self.shards().index(shard_id)][:count]
