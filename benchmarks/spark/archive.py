"""The lake that is measured: the year as the stream archives it, and its flights under shifted years."""

import shutil
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import batched
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import parquet

from app.replay.replay import outgoing
from benchmarks.stream.events import YEAR_EVENTS
from contracts.lake import AIRPORT_HOUR_PARTIALS, events_prefix
from contracts.parse import parse_flight_event, parse_weather_observation
from contracts.rejects import Reject
from contracts.schema import AIRPORT_HOURS, FLIGHT_EVENTS, WEATHER_OBSERVATIONS
from contracts.streams import FLIGHT_EVENTS_STREAM

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


_PARTIALS = """
select 'b' as batch_id, date_trunc('hour', event_time) as window_start, origin, carrier,
    count(*) as departures, count(*) filter (delay_minutes < 15) as on_time,
    sum(delay_minutes)::bigint as delay_minutes
from read_parquet('{year}') where kind = 'departed' group by all
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
    flights: list[bytes] = []
    weather: list[bytes] = []
    for each in outgoing(date(2013, 1, 1), date(2013, 12, 31)):
        (flights if each.stream == FLIGHT_EVENTS_STREAM else weather).append(each.data)
    rows = _rows(map(parse_flight_event, flights))
    for number, some in enumerate(batched(rows, _EVENTS_OF_A_FILE, strict=False), start=1):
        _write(pa.Table.from_pylist(list(some), FLIGHT_EVENTS), folder / f"2013-{number:04}.parquet")
    observed = pa.Table.from_pylist(
        list(_rows(map(parse_weather_observation, weather))), WEATHER_OBSERVATIONS
    )
    _write(observed, lake / events_prefix("weather-observations") / "2013.parquet")
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        partials = connection.sql(_PARTIALS.format(year=folder / "2013-*.parquet")).to_arrow_table()
    _write(partials.cast(AIRPORT_HOURS), lake / AIRPORT_HOUR_PARTIALS / "2013.parquet")


def _rows(parsed: Iterable[Mapping[str, Any] | Reject]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(parsed, start=1):
        if isinstance(row, Reject):
            raise TypeError(row.detail)
        place = {"batch_id": "b", "shard_id": "s", "sequence_number": str(number), "sub_sequence_number": 0}
        yield {**row, **place, "received_at": row["event_time"]}


def _write(table: pa.Table, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, path, compression="zstd")
