"""The manifest of a range: what one run made of it, as JSON in the lake."""

import hashlib
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Literal

import orjson

from contracts.positions import ResumeAfter, ShardRange, StreamIdentity

Dataset = Literal[
    "events", "partials", "delay_buckets", "departure_minutes", "aircraft_sessions", "rejects", "state"
]


@dataclass(frozen=True, slots=True)
class LakeObject:
    """One object that a run wrote.

    Attributes:
        dataset: What its rows are.
        key: Its key in the lake's bucket.
        rows: How many rows it holds.
        size_bytes: Its length.
        digest: SHA-256 of its bytes, hexadecimal.
    """

    dataset: Dataset
    key: str
    rows: int
    size_bytes: int
    digest: str

    @classmethod
    def of(cls, dataset: Dataset, key: str, rows: int, data: bytes) -> "LakeObject":
        """Describe an object of these bytes."""
        return cls(dataset, key, rows, len(data), hashlib.sha256(data).hexdigest())


@dataclass(frozen=True, slots=True)
class RangeManifest:
    """The objects of one shard range, and the count of its records by what became of them.

    Attributes:
        shard_range: What was read.
        records: Records read; always events + duplicates + rejects.
        duplicates: Records dropped because their event is already in the shard's archive.
        rejects: Records that cannot be events.
        watermark: Event time up to which the shard is believed complete, UTC; None before its first event.
        objects: What was written, in the order of the keys.
        parents: Of a child's first range, the shards that it goes on from: they have ended, and so have their
            watermarks.
        first_event: Smallest event time among the events, UTC; None where there is none.
        last_event: The largest.
    """

    shard_range: ShardRange
    records: int
    duplicates: int
    rejects: int
    watermark: datetime | None
    objects: tuple[LakeObject, ...]
    parents: tuple[str, ...] = ()
    first_event: datetime | None = None
    last_event: datetime | None = None

    @property
    def batch_id(self) -> str:
        """The name of the range in the warehouse's ledger."""
        return self.shard_range.batch_id()

    @property
    def events(self) -> int:
        """Records that became rows of the archive."""
        return sum(each.rows for each in self.objects if each.dataset == "events")

    def to_json(self) -> bytes:
        """Write the manifest; sequence numbers are strings, since JSON's numbers end sooner."""
        stream = self.shard_range.stream
        return orjson.dumps(
            {
                "batch_id": self.batch_id,
                "stream_arn": stream.arn,
                "stream_created_millis": stream.created_millis,
                "shard_id": self.shard_range.shard_id,
                "after": self.shard_range.after.to_word(),
                "last": str(self.shard_range.last),
                "records": self.records,
                "events": self.events,
                "duplicates": self.duplicates,
                "rejects": self.rejects,
                "watermark": self.watermark,
                "objects": [asdict(each) for each in self.objects],
                "parents": self.parents,
                "first_event": self.first_event,
                "last_event": self.last_event,
            },
            option=orjson.OPT_UTC_Z | orjson.OPT_INDENT_2,
        )

    @classmethod
    def from_json(cls, data: bytes) -> "RangeManifest":
        """Read what `to_json` wrote."""
        fields = orjson.loads(data)
        return cls(
            shard_range=ShardRange(
                StreamIdentity(fields["stream_arn"], fields["stream_created_millis"]),
                fields["shard_id"],
                ResumeAfter.from_word(fields["after"]),
                int(fields["last"]),
            ),
            records=fields["records"],
            duplicates=fields["duplicates"],
            rejects=fields["rejects"],
            watermark=_time(fields["watermark"]),
            objects=tuple(LakeObject(**each) for each in fields["objects"]),
            parents=tuple(fields["parents"]),
            first_event=_time(fields["first_event"]),
            last_event=_time(fields["last_event"]),
        )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
