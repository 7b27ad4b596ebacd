"""Kinesis as a source of Beam: two transforms, which any pipeline may use.

Both take a `Source`: `KinesisSource` asks Kinesis, `MemorySource` is its twin for tests. Neither needs Java,
nor a runner that knows unbounded sources: each reads what is bounded, a stream as it is now, or ranges.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

import apache_beam as beam
from apache_beam.coders.coder_impl import CallbackCoderImpl
from apache_beam.coders.typecoders import registry
from apache_beam.transforms.window import TimestampedValue

from contracts.batches import unpack
from contracts.errors import MillraceError
from contracts.positions import ResumeAfter, ShardRange
from pipelines.kinesis.cache import cached
from pipelines.kinesis.source import Records, Source, join
from runtime.clock import SystemClock


class RangeLostError(MillraceError):
    """Kinesis no longer gives the records that a plan counted."""

    def __init__(self, shard_range: ShardRange, planned: int, found: int) -> None:
        """Keep the range and both counts."""
        super().__init__(shard_range, planned, found)
        self.shard_range = shard_range
        self.planned = planned
        self.found = found

    def __str__(self) -> str:
        """Say what is missing, and why that may be."""
        return (
            f"range {self.shard_range} was planned with {self.planned} records, Kinesis gives {self.found}; "
            "its retention may have run out, and going on would lose data in silence"
        )


class Counted(Protocol):
    """A range, and how many records it holds."""

    @property
    def shard_range(self) -> ShardRange:
        """Which."""

    @property
    def count(self) -> int:
        """How many."""


@dataclass(frozen=True, slots=True)
class RangeRead:
    """A range that was read whole.

    Attributes:
        asked: What asked for it: whatever `ReadAllFromKinesis` was given.
        records: All of its records, in their order.
    """

    asked: Any
    records: Records


@dataclass(frozen=True, slots=True)
class KinesisRecord:
    """One record.

    Attributes:
        shard_id: Its shard.
        sequence_number: Its place there, as Kinesis writes it: Beam's own coders take no int of 186 bits.
        received_at: Its approximate arrival, UTC.
        data: Its bytes.
    """

    shard_id: str
    sequence_number: str
    received_at: datetime
    data: bytes

    def events(self) -> Sequence[bytes]:
        """Return the events that it holds; the place of each is its sub-sequence number.

        A zstd frame or gzip of JSON lines and a KPL aggregate are taken apart; anything else is one event.

        Raises:
            BadBatchError: It is a batch, and damaged.
        """
        return unpack(self.data)


class ReadFromKinesis(beam.PTransform[Any, Any]):
    """The root of a pipeline: a stream's records from a position to where the stream ends now.

    Elements are `KinesisRecord`, with their arrival as Beam's timestamp. Closed shards are read, too; what
    arrives after the run has begun is left to the next one.

    **Parallelism**: a shard an element, on runners that have workers to give. **Delivery**: as often as the
    runner repeats a bundle. **Order**: the shard's, where the runner keeps it. **On failure**: botocore
    retries, then raises; an expired iterator is taken anew.
    """

    def __init__(self, source: Source, after: ResumeAfter | None = None) -> None:
        """Take the stream, and where in each shard to begin.

        Args:
            source: The stream.
            after: `ResumeAfter(since=…)` is AT_TIMESTAMP, in milliseconds since 1970; None is TRIM_HORIZON.
        """
        super().__init__()
        self._source = source
        self._after = after or ResumeAfter()

    def expand(self, root: Any) -> Any:
        """Return the records."""
        return (
            root
            | beam.Impulse()
            | "Shards" >> beam.FlatMap(self._shards)
            | "Read to the tip" >> beam.FlatMap(self._read).with_output_types(KinesisRecord)
        )

    def _shards(self, _impulse: bytes) -> list[tuple[str, float]]:
        now = SystemClock().now().timestamp()
        return [(shard.shard_id, now) for shard in self._source.shards()]

    def _read(self, shard: tuple[str, float]) -> Iterator[TimestampedValue[KinesisRecord]]:
        shard_id, until = shard
        after = self._after
        while True:
            reading = self._source.read(shard_id, after)
            records = reading.records
            for number, data, received in zip(
                records.sequence_numbers, records.data, records.received, strict=True
            ):
                if received > until:
                    return
                arrived = datetime.fromtimestamp(received, UTC)
                yield TimestampedValue(KinesisRecord(shard_id, number, arrived, data), received)
            if reading.is_end or not (records or reading.millis_behind):
                return
            if records:
                after = ResumeAfter(records.last)


class ReadAllFromKinesis(beam.PTransform[Any, Any]):
    """From planned ranges to their records, each whole: elements are `RangeRead`.

    **Parallelism**: a range an element. **Delivery**: a range is read whole, or the run fails. **Order**: the
    shard's, within a range. **On failure**: `RangeLostError` where Kinesis no longer has what was planned;
    the rest as `ReadFromKinesis`.
    """

    def __init__(self, source: Source) -> None:
        """Take the stream."""
        super().__init__()
        self._source = source

    def expand(self, ranges: Any) -> Any:
        """Return a `RangeRead` for each of the ranges, which are anything `Counted`."""
        read = beam.Map(self.read).with_input_types(Any)  # Beam cannot check a protocol of attributes
        return ranges | "Read ranges" >> read.with_output_types(RangeRead)

    def read(self, asked: Counted) -> RangeRead:
        """Read one range, from memory where it was read ahead.

        Raises:
            RangeLostError: There are not as many records as were counted.
        """
        records = cached(asked.shard_range)
        if records is None:
            records = _read_range(self._source, asked.shard_range, asked.count)
        return RangeRead(asked, records)


def _read_range(source: Source, shard_range: ShardRange, count: int) -> Records:
    parts: list[Records] = []
    after, found = shard_range.after, 0
    while found < count:
        part = source.read(shard_range.shard_id, after).records
        part = part[: sum(int(number) <= shard_range.last for number in part.sequence_numbers)]
        if not part:
            break
        parts.append(part)
        found += len(part)
        after = ResumeAfter(part.last)
    if found != count:
        raise RangeLostError(shard_range, count, found)
    return join(parts)


class _RangeReadCoder(beam.coders.PickleCoder):
    """Beam's own coder, which guesses sizes: Beam asks for them, and would pickle each range for it."""

    def _create_impl(self) -> Any:
        coder = super()._create_impl()  # type: ignore[no-untyped-call]  # Beam's
        return CallbackCoderImpl(coder.encode, coder.decode, lambda read: sum(map(len, read.records.data)))


registry.register_coder(RangeRead, _RangeReadCoder)
