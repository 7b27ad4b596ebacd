"""One Spark session for every test of a job, and a lake on the disk."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession

from contracts.schema import FLIGHT_EVENTS
from jobs.shared.arguments import Arguments

Row = dict[str, Any]
FRIDAY, SATURDAY = date(2013, 2, 8), date(2013, 2, 9)


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """Give a session without a UI, quick to start, with what jobs.shared.session sets."""
    session = (
        SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.sources.partitionOverwriteMode", "dynamic")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("spark")))
        .getOrCreate()
    )
    yield session
    session.stop()


def event(kind: str, flight: int, scheduled: datetime, delay: int | None = None, **others: Any) -> Row:
    """Return one event of a flight of UA from EWR to ORD, by N1 where nothing else is said."""
    row: Row = {
        "kind": kind,
        "event_time": scheduled + timedelta(minutes=delay or 0),
        "carrier": "UA",
        "flight": flight,
        "origin": "EWR",
        "time_hour": scheduled.replace(minute=0),
        "destination": "ORD",
        "tail_number": "N1",
        "scheduled_departure": scheduled,
        "delay_minutes": delay,
        "batch_id": "b",
        "shard_id": "s",
        "sequence_number": "1",
        "sub_sequence_number": 0,
        "received_at": scheduled,
        **others,
    }
    name = f"{row['carrier']}-{flight}-{row['origin']}-{row['time_hour']:%Y%m%dT%H}-{kind}"
    return {"event_id": name} | row


def noon(day: date = FRIDAY) -> datetime:
    """Return noon in New York, in winter."""
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def nullable(schema: pa.Schema) -> pa.Schema:
    """Return a contract as a file may break it: with NULLs where there must be none."""
    return pa.schema([pa.field(field.name, field.type) for field in schema])


@pytest.fixture
def archived(tmp_path: Path) -> Callable[..., Arguments]:
    """Give what writes events to an archive on the disk, and returns arguments for Friday and Saturday."""

    def write(rows: Sequence[Row], first: date = FRIDAY, last: date = SATURDAY) -> Arguments:
        folder = tmp_path / "events" / "flight-events" / "stream" / "shard"
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{len(list(folder.iterdir())):05}.parquet"
        parquet.write_table(pa.Table.from_pylist(list(rows), nullable(FLIGHT_EVENTS)), folder / name)
        return Arguments(tmp_path.as_uri(), first, last)

    return write
