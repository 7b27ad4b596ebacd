"""What the stream would have left in the lake: batches of events, made by hand."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from contracts.lake import (
    MANIFESTS,
    events_key,
    job_day_prefix,
    manifest_key,
    partials_key,
    reference_key,
)
from contracts.manifest import LakeObject, RangeManifest
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from contracts.schema import AIRPORT_HOURS, DAILY_ON_TIME, FLIGHT_EVENTS, WEATHER_OBSERVATIONS
from contracts.streams import FLIGHT_EVENTS_STREAM, WEATHER_STREAM
from pipelines.legs import LEGS, RangeEvents, legs_of
from pipelines.windows import Window
from runtime.objects import Objects

type Row = dict[str, Any]

NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
WINDOW = datetime(2013, 2, 8, 13, tzinfo=UTC)


def flight_event(kind: str, minute: int, flight: int = 1, **changes: Any) -> Row:
    """Make an event of flight UA `flight` from EWR, `minute` minutes behind noon UTC of 8 February 2013."""
    return {
        "event_id": f"UA-{flight}-EWR-20130208T12-{kind}",
        "kind": kind,
        "event_time": NOON + timedelta(minutes=minute),
        "carrier": "UA",
        "flight": flight,
        "origin": "EWR",
        "time_hour": NOON,
        "destination": "IAH",
        "tail_number": "N14228",
        "scheduled_departure": NOON + timedelta(minutes=15),
        "delay_minutes": None if kind == "scheduled" else minute,
    } | changes


def observation(hour: int, temp: float) -> Row:
    """Make an observation at EWR; all that it measures is null but the temperature."""
    measures = dict.fromkeys(WEATHER_OBSERVATIONS.names[4:-5])
    time = NOON + timedelta(hours=hour)
    return {"event_id": f"EWR-{hour}", "event_time": time, "origin": "EWR", "temp": temp} | measures


def partial(departures: int, on_time: int, delay_minutes: int, **changes: Any) -> Row:
    """Make a partial of UA's departures from EWR in one hour."""
    counts = {"departures": departures, "on_time": on_time, "delay_minutes": delay_minutes}
    return {"window_start": WINDOW, "origin": "EWR", "carrier": "UA"} | counts | changes


class LakeWriter:
    """Writes batches as the stream writes them: each lies behind the last one of its shard."""

    def __init__(self, objects: Objects) -> None:
        """Take the lake."""
        self._objects = objects
        self._last: dict[tuple[str, str], int] = {}
        self._legs: dict[str, pa.Table] = {}

    def flights(  # noqa: PLR0913, PLR0917  # what a batch may have
        self,
        events: Sequence[Row],
        partials: Sequence[Row] = (),
        shard_id: str = "shardId-0",
        watermark: datetime | None = NOON,
        windows: Sequence[Window] = (),
        parents: tuple[str, ...] = (),
    ) -> str:
        """Write a batch of flight-events and return its id; `sequence_number`s may stand in the rows.

        Of `windows` the events' own partials are written.
        """
        shard_range = self._range(FLIGHT_EVENTS_STREAM, shard_id, len(events))
        objects = []
        if events:
            key = events_key(shard_range, 0)
            placed = _placed(events, shard_range, FLIGHT_EVENTS)
            objects.append(self._put("events", key, placed))
            known = self._legs.get(shard_id, LEGS.empty_table())
            self._legs[shard_id] = pa.concat_tables([known, legs_of(placed)])
            for window in windows:
                table = window.partials(RangeEvents(shard_range.batch_id(), placed, known))
                objects.append(self._put(window.dataset, partials_key(shard_range, window.dataset), table))
        if partials:
            rows = [row | {"batch_id": shard_range.batch_id()} for row in partials]
            table = pa.Table.from_pylist(rows, AIRPORT_HOURS)
            objects.append(self._put("partials", partials_key(shard_range, "partials"), table))
        return self._manifest(shard_range, len(events), watermark, objects, parents)

    def manifest(self, batch_id: str) -> tuple[str, bytes]:
        """Return the key and the bytes of a batch's manifest, as it is now."""
        found = ((key, self._objects.get(key)) for key in self._objects.keys(MANIFESTS))
        return next(each for each in found if RangeManifest.from_json(each[1]).batch_id == batch_id)

    def rewrite(self, batch_id: str, partials: Sequence[Row]) -> None:
        """Rewrite a batch of flight-events as a backfill does, with other partials."""
        key, data = self.manifest(batch_id)
        manifest = RangeManifest.from_json(data)
        rows = [row | {"batch_id": batch_id} for row in partials]
        table = pa.Table.from_pylist(rows, AIRPORT_HOURS)
        now = self._put("partials", partials_key(manifest.shard_range, "partials"), table)
        objects = (*(each for each in manifest.objects if each.key != now.key), now)
        self._objects.put(key, replace(manifest, objects=objects).to_json())

    def weather(self, observations: Sequence[Row]) -> str:
        """Write a batch of weather-observations and return its id."""
        shard_range = self._range(WEATHER_STREAM, "shardId-0", len(observations))
        table = _placed(observations, shard_range, WEATHER_OBSERVATIONS)
        written = self._put("events", events_key(shard_range, 0), table)
        return self._manifest(shard_range, len(observations), NOON, [written])

    def rejects(self, count: int) -> str:
        """Write a batch of flight-events of which nothing could be read, and return its id."""
        return self._manifest(self._range(FLIGHT_EVENTS_STREAM, "shardId-0", count), count, None, [])

    def daily_on_time(self, rows: Sequence[Row], name: str = "part-0.parquet") -> None:
        """Write what the Spark job writes: a file a date, and its mark of success."""
        for day in {row["flight_date"] for row in rows}:
            table = pa.Table.from_pylist([row for row in rows if row["flight_date"] == day], DAILY_ON_TIME)
            self._put("events", f"{job_day_prefix('daily_on_time', day.isoformat())}{name}", table)
        self._objects.put("daily_on_time/_SUCCESS", b"")

    def reference(self, table: str, rows: pa.Table) -> None:
        """Write the rows of a dimension."""
        self._put("events", reference_key(table), rows)

    def _range(self, stream: str, shard_id: str, count: int) -> ShardRange:
        after = self._last.get((stream, shard_id))
        last = (after or 0) + max(count, 1)
        self._last[stream, shard_id] = last
        identity = StreamIdentity(f"arn:aws:kinesis:us-east-1:000000000000:stream/{stream}", 1767225600123)
        return ShardRange(identity, shard_id, ResumeAfter(after), last)

    def _put(self, dataset: Any, key: str, table: pa.Table) -> LakeObject:
        sink = BytesIO()
        parquet.write_table(table, sink)
        self._objects.put(key, sink.getvalue())
        return LakeObject.of(dataset, key, table.num_rows, sink.getvalue())

    def _manifest(
        self,
        shard_range: ShardRange,
        records: int,
        watermark: datetime | None,
        objects: list[LakeObject],
        parents: tuple[str, ...] = (),
    ) -> str:
        events = sum(each.rows for each in objects if each.dataset == "events")
        manifest = RangeManifest(
            shard_range, records, 0, records - events, watermark, tuple(objects), parents
        )
        self._objects.put(manifest_key(shard_range), manifest.to_json())
        return manifest.batch_id


def _placed(rows: Sequence[Row], shard_range: ShardRange, schema: pa.Schema) -> pa.Table:
    """Give rows the provenance that the stream gives them."""
    first = shard_range.last - len(rows) + 1
    return pa.Table.from_pylist(
        [
            {
                "batch_id": shard_range.batch_id(),
                "shard_id": shard_range.shard_id,
                "sequence_number": str(first + index),
                "sub_sequence_number": 0,
                "received_at": NOON,
            }
            | row
            for index, row in enumerate(rows)
        ],
        schema,
    )
