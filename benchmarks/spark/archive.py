"""The archive that is measured: the year's flight events as the stream archives them, under shifted years."""

import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from benchmarks.stream.events import YEAR_EVENTS, write_events
from contracts.lake import events_prefix
from contracts.parse import parse_flight_event
from contracts.rejects import Reject
from contracts.schema import FLIGHT_EVENTS

_FOLDER = Path(events_prefix("flight-events"))
_EVENTS_OF_A_FILE = 50_000
"""As many as a range of the stream holds."""

_SHIFT = """
copy (
    select * replace (
        regexp_replace(event_id, '-20(\\d\\d)', '-' || (2013 + {years})::varchar) as event_id,
        event_time + interval {years} year as event_time, time_hour + interval {years} year as time_hour,
        scheduled_departure + interval {years} year as scheduled_departure
    )
    from read_parquet('{year}')
) to '{to}' (format parquet, compression zstd)
"""


def build(lake: Path, years: int) -> int:
    """Write an archive of so many years under a lake on the disk, and return its events; it stays there.

    The first year is in files as the stream leaves them; each further year is one file.
    """
    folder = lake / _FOLDER / "stream" / "shard"
    done = lake / "years"
    if done.exists() and done.read_text(encoding="utf-8") == str(years):
        return years * YEAR_EVENTS
    shutil.rmtree(lake, ignore_errors=True)
    folder.mkdir(parents=True)
    _write_year(lake, folder)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        for number in range(1, years):
            year, to = folder / "2013-*.parquet", folder / f"{2013 + number}.parquet"
            connection.execute(_SHIFT.format(years=number, year=year, to=to))
    done.write_text(str(years), encoding="utf-8")
    return years * YEAR_EVENTS


def _write_year(lake: Path, folder: Path) -> None:
    lines = lake / "events.jsonl"
    write_events(lines, YEAR_EVENTS)
    rows = []
    with lines.open("rb") as file:
        for number, line in enumerate(file, start=1):
            row = parse_flight_event(line)
            if isinstance(row, Reject):
                raise TypeError(row.detail)
            place = {
                "batch_id": "b",
                "shard_id": "s",
                "sequence_number": str(number),
                "sub_sequence_number": 0,
            }
            rows.append(row | place | {"received_at": row["event_time"]})
            if len(rows) == _EVENTS_OF_A_FILE or number == YEAR_EVENTS:
                name = f"2013-{number:08}.parquet"
                table = pa.Table.from_pylist(rows, FLIGHT_EVENTS)
                parquet.write_table(table, folder / name, compression="zstd")
                rows = []
    lines.unlink()
