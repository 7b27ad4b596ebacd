"""Reading Kinesis by position: the contract, and the reader behind it.

boto3's own parser handles 44,000 records a CPU second and would be the dearest step of the stream, hence
`pipelines.kinesis.parser`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from botocore.config import Config

from contracts.errors import ShardError
from contracts.positions import ResumeAfter, StreamIdentity
from pipelines.kinesis.parser import fast_kinesis
from runtime.settings import Settings
from runtime.streams import stream_identity

LARGEST_READ = 10_000
"""Records that one GetRecords call returns at most."""


class ReshardedStreamError(ShardError):
    """A shard has a parent; reading children behind their parents is not supported yet."""

    def __str__(self) -> str:
        """Say what is not supported, and what to do."""
        return (
            f"stream `{self.stream}` was resharded: `{self.shard_id}` has a parent, and reading it in order "
            "is not supported; make the stream anew with the number of shards it needs"
        )


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one shard in their order, column by column.

    Attributes:
        sequence_numbers: As Kinesis writes them.
        data: Bytes of each record.
        received: Approximate arrival of each, in seconds since 1970.
    """

    sequence_numbers: Sequence[str]
    data: Sequence[bytes]
    received: Sequence[float]

    def __len__(self) -> int:
        """Count the records."""
        return len(self.sequence_numbers)

    def __getitem__(self, part: slice) -> "Records":
        """Return a part of them."""
        return Records(self.sequence_numbers[part], self.data[part], self.received[part])

    @property
    def last(self) -> int:
        """The last sequence number.

        Raises:
            IndexError: There is no record.
        """
        return int(self.sequence_numbers[-1])


NO_RECORDS = Records((), (), ())


def join(parts: Sequence[Records]) -> Records:
    """Return the records of consecutive parts as one."""
    return Records(
        [each for part in parts for each in part.sequence_numbers],
        [each for part in parts for each in part.data],
        [each for part in parts for each in part.received],
    )


class Source(Protocol):
    """One stream, read shard by shard; picklable, so that a function of a Beam pipeline can carry it."""

    @property
    def name(self) -> str:
        """The stream's name."""

    def identity(self) -> StreamIdentity:
        """Return which incarnation of the stream this is."""

    def shards(self) -> list[str]:
        """Return the identifiers of the shards, in their order.

        Raises:
            ReshardedStreamError: A shard has a parent.
        """

    def read(self, shard_id: str, after: ResumeAfter) -> Records:
        """Return what stands behind a position, at most `LARGEST_READ` records; none where nothing is new."""


class KinesisSource:
    """One Kinesis stream.

    **Parallelism**: any thread may read any shard. **Delivery**: from the position given, as often as asked.
    **Order**: the shard's. **On failure**: botocore retries, then raises; an expired iterator is taken anew.
    """

    def __init__(self, settings: Settings, name: str) -> None:
        """Take the stream of that name."""
        self._settings = settings
        self._name = name
        self._iterators: dict[tuple[str, ResumeAfter], str] = {}

    def __reduce__(self) -> tuple[type["KinesisSource"], tuple[Settings, str]]:
        """Travel as settings; the client is made anew on arrival."""
        return KinesisSource, (self._settings, self._name)

    @cached_property
    def _kinesis(self) -> Any:
        return fast_kinesis(self._settings, Config(max_pool_connections=32))

    @property
    def name(self) -> str:
        """See `Source.name`."""
        return self._name

    def identity(self) -> StreamIdentity:
        """See `Source.identity`."""
        return stream_identity(self._kinesis, self._name)

    def shards(self) -> list[str]:
        """See `Source.shards`."""
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._name)
        shards = [shard for page in pages for shard in page["Shards"]]
        for shard in shards:
            if "ParentShardId" in shard:
                raise ReshardedStreamError(self._name, shard["ShardId"])
        return sorted(shard["ShardId"] for shard in shards)

    def read(self, shard_id: str, after: ResumeAfter) -> Records:
        """See `Source.read`."""
        iterator = self._iterators.pop((shard_id, after), None) or self._iterator(shard_id, after)
        while True:
            try:
                answer = self._kinesis.get_records(ShardIterator=iterator, Limit=LARGEST_READ)
            except self._kinesis.exceptions.ExpiredIteratorException:
                iterator = self._iterator(shard_id, after)
                continue
            records = answer["Records"]
            following = answer.get("NextShardIterator")
            if records or not answer.get("MillisBehindLatest") or not following:
                break
            iterator = following  # Kinesis may answer with nothing before the tip
        found = Records(
            [each["SequenceNumber"] for each in records],
            [each["Data"] for each in records],
            [each["ApproximateArrivalTimestamp"] for each in records],
        )
        if following:
            self._iterators[shard_id, ResumeAfter(found.last) if records else after] = following
        return found

    def _iterator(self, shard_id: str, after: ResumeAfter) -> str:
        start = {"ShardIteratorType": "TRIM_HORIZON"}
        if after.sequence_number is not None:
            start = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": str(after.sequence_number),
            }
        answer = self._kinesis.get_shard_iterator(StreamName=self._name, ShardId=shard_id, **start)
        iterator: str = answer["ShardIterator"]
        return iterator
