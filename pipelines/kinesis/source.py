"""Reading Kinesis by position: the contract, and the reader behind it.

boto3's own parser handles 44,000 records a CPU second and would be the dearest step of the stream, hence
`pipelines.kinesis.parser`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Protocol

from botocore.config import Config

from contracts.positions import ResumeAfter, StreamIdentity
from pipelines.kinesis.parser import fast_kinesis
from runtime.settings import Settings
from runtime.streams import stream_identity

LARGEST_READ = 10_000
"""Records that one GetRecords call returns at most."""

PATIENT_ATTEMPTS = 10
"""Of one request: where every fifth fails, one in ten million fails so often; ten take about a minute."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard and where it comes from.

    Attributes:
        shard_id: Its identifier.
        hash_keys: Whose records it takes.
        parents: Of a child, the shards that were split or merged; those that Kinesis still lists.
    """

    shard_id: str
    hash_keys: range
    parents: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What one read of a shard found.

    Attributes:
        records: None of them where nothing is new.
        millis_behind: How far behind the shard's tip the read ended, in milliseconds.
        is_end: Whether the shard was split or merged, and nothing more will ever stand behind.
    """

    records: Records
    millis_behind: int = 0
    is_end: bool = False


class Source(Protocol):
    """One stream, read shard by shard; picklable, so that a function of a Beam pipeline can carry it."""

    @property
    def name(self) -> str:
        """The stream's name."""

    def identity(self) -> StreamIdentity:
        """Return which incarnation of the stream this is."""

    def shards(self) -> list[Shard]:
        """Return the shards, closed ones too, by their identifiers."""

    def read(self, shard_id: str, after: ResumeAfter) -> Reading:
        """Return what stands behind a position, at most `LARGEST_READ` records."""


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
        patient = Config(
            max_pool_connections=32, retries={"mode": "standard", "total_max_attempts": PATIENT_ATTEMPTS}
        )
        return fast_kinesis(self._settings, patient)

    @property
    def name(self) -> str:
        """See `Source.name`."""
        return self._name

    def identity(self) -> StreamIdentity:
        """See `Source.identity`."""
        return stream_identity(self._kinesis, self._name)

    def shards(self) -> list[Shard]:
        """See `Source.shards`."""
        pages = self._kinesis.get_paginator("list_shards").paginate(StreamName=self._name)
        found = {shard["ShardId"]: shard for page in pages for shard in page["Shards"]}
        return [
            Shard(
                shard_id,
                _hash_keys(**shard["HashKeyRange"]),
                tuple(
                    shard[name]
                    for name in ("ParentShardId", "AdjacentParentShardId")
                    if shard.get(name) in found
                ),
            )
            for shard_id, shard in sorted(found.items())
        ]

    def read(self, shard_id: str, after: ResumeAfter) -> Reading:
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
        return Reading(found, answer.get("MillisBehindLatest") or 0, is_end=not following)

    def _iterator(self, shard_id: str, after: ResumeAfter) -> str:
        start: dict[str, Any] = {"ShardIteratorType": "TRIM_HORIZON"}
        if after.sequence_number is not None:
            start = {
                "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
                "StartingSequenceNumber": str(after.sequence_number),
            }
        elif after.since is not None:
            moment = datetime.fromtimestamp(after.since / 1000, UTC)
            start = {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": moment}
        answer = self._kinesis.get_shard_iterator(StreamName=self._name, ShardId=shard_id, **start)
        iterator: str = answer["ShardIterator"]
        return iterator


def _hash_keys(StartingHashKey: str, EndingHashKey: str) -> range:  # noqa: N803  # as Kinesis has them
    return range(int(StartingHashKey), int(EndingHashKey) + 1)
