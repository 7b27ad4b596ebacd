"""The limit: the stream's steps in plain pyarrow."""

import io
from collections.abc import Callable, Sequence
from itertools import batched
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json
from pyarrow import parquet

from benchmarks.stream.lines import WARM, read_events
from contracts.parse import LARGEST_DELAY, MOST_BYTES
from contracts.schema import FLIGHT_FIELDS
from pipelines.legs import LEGS, RangeEvents, legs_of
from pipelines.sessions import aircraft_sessions

AT_ONCE = 50_000
"""Events that plain pyarrow takes at once, as many as a range of the stream holds."""

_LARGE = 10**55
"""As many digits as Kinesis's sequence numbers have."""

_UNIQUE = {"event_id", "event_time", "sequence_number"}
_HOUR = ["hour", "origin", "carrier"]
_TEXTS = pa.schema(
    [(field.name, pa.string() if "time" in str(field.type) else field.type) for field in FLIGHT_FIELDS]
)


def pyarrow(file: Path, events: int) -> Callable[[], dict[str, int]]:
    """Do the stream's steps as a script would."""
    data = read_events(file, events)
    _kept(data[:WARM])
    return lambda: {"kept": _kept(data)}


def _kept(data: Sequence[bytes]) -> int:
    """Do the stream's steps as a script would that trusts its machine: the limit.

    JSON to columns, every rule, duplicates, provenance, Parquet, windows, what was seen; no bad record,
    plan or manifest. Sessions are the stream's own function: it is plain pyarrow. Returns how many events
    were kept.
    """
    seen: dict[str, int] = {}
    legs = LEGS.empty_table()
    kept = 0
    for part in batched(data, AT_ONCE, strict=False):
        lines = b"\n".join(part)
        read = arrow_json.read_json(
            io.BytesIO(lines),
            read_options=arrow_json.ReadOptions(use_threads=False, block_size=len(lines) + 1),
            parse_options=arrow_json.ParseOptions(explicit_schema=_TEXTS),
        )
        table = read.filter(_right(read)).cast(pa.schema(FLIGHT_FIELDS))
        table = table.filter(_possible(table))
        ids, seconds = table["event_id"].to_pylist(), table["event_time"].cast(pa.int64()).to_pylist()
        new = pa.array([each not in seen for each in ids], pa.bool_())
        seen.update(zip(ids, seconds, strict=True))
        table = _placed(table.filter(new), kept)
        kept += table.num_rows
        sessions = aircraft_sessions(RangeEvents("0" * 32, table, legs))
        fresh_legs = legs_of(table)
        legs = pa.concat_tables([legs, fresh_legs])
        state = table.select(["event_id", "event_time"])
        for each in (table, state, fresh_legs, *_windows(table), sessions):
            repeated = [name for name in each.column_names if name not in _UNIQUE]
            parquet.write_table(each, io.BytesIO(), compression="zstd", use_dictionary=repeated)
    return kept


def _placed(table: pa.Table, first: int) -> pa.Table:
    """Give rows the provenance that the archive has: batch, shard, sequence number and arrival."""
    numbers = pa.array([str(_LARGE + first + number) for number in range(table.num_rows)])
    columns = {
        "batch_id": "0" * 32,
        "shard_id": "shardId-000000000000",
        "sub_sequence_number": 0,
        "received_at": 1.0,
    }
    for name, value in columns.items():
        table = table.append_column(name, pa.repeat(value, table.num_rows))
    return table.append_column("sequence_number", numbers)


def _right(read: pa.Table) -> pa.Array:
    time, hour = r"^(19[7-9]\d|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ$", read["time_hour"]
    spelled = pc.binary_join_element_wise(
        read["carrier"],
        read["flight"].cast(pa.string()),
        read["origin"],
        pc.binary_join_element_wise(
            *(pc.utf8_slice_codeunits(hour, *each) for each in ((0, 4), (5, 7), (8, 13))), ""
        ),
        read["kind"],
        "-",
    )
    right = pc.equal(read["event_id"], spelled)
    for name in ("event_time", "time_hour", "scheduled_departure"):
        right = pc.and_(right, pc.match_substring_regex(read[name], time))
    for name, most in MOST_BYTES.items():
        fits = pc.less_equal(pc.binary_length(read[name]), most)
        right = pc.and_(right, fits.fill_null(True))  # noqa: FBT003  # Arrow's
    for field in FLIGHT_FIELDS:
        if not field.nullable:
            right = pc.and_(right, read[field.name].is_valid())
    delayed = pc.or_(pc.not_equal(read["kind"], "departed"), read["delay_minutes"].is_valid())
    right = pc.and_(pc.and_(right, delayed), pc.ends_with(hour, ":00:00Z"))
    return pc.and_(right, pc.is_in(read["kind"], pa.array(["scheduled", "departed", "arrived"])))


def _possible(table: pa.Table) -> pa.Array:
    behind = pc.subtract(table["event_time"], table["scheduled_departure"]).cast(pa.int64())
    return pc.less_equal(pc.abs(behind), int(LARGEST_DELAY.total_seconds()) * 1_000_000)


def _windows(table: pa.Table) -> list[pa.Table]:
    departed = table.filter(pc.equal(table["kind"], "departed"))
    departed = departed.append_column("hour", pc.floor_temporal(departed["event_time"], unit="hour"))
    departed = departed.append_column("minute", pc.floor_temporal(departed["event_time"], unit="minute"))
    sums: list[Any] = [([], "count_all"), ("delay_minutes", "sum")]
    return [
        departed.group_by(keys, use_threads=False).aggregate(sums)
        for keys in (_HOUR, [*_HOUR, "delay_minutes"], ["minute", "origin"])
    ]
