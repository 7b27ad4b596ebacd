"""Spark Structured Streaming through a Python data source: parse, drop duplicates, archive, count by hour."""

import os
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as sf
from pyspark.sql.datasource import DataSource, DataSourceStreamReader, InputPartition

from app.stack.java import find_java
from benchmarks.stream.lines import read_events

AT_ONCE = 50_000
"""Events of one micro-batch, as many as a range of the stream holds."""

_BATCH_ROWS = 10_000
_FIELDS = """event_id string, kind string, event_time timestamp, carrier string, flight int, origin string,
    time_hour timestamp, destination string, tail_number string, scheduled_departure timestamp,
    delay_minutes int"""


class EventSource(DataSource):
    """Events of a file, as a stream."""

    @classmethod
    def name(cls) -> str:
        """See `DataSource.name`."""
        return "flight_events"

    def schema(self) -> str:
        """See `DataSource.schema`."""
        return "value string"

    def streamReader(self, schema: Any) -> "EventReader":  # noqa: ARG002, N802  # Spark's names
        """See `DataSource.streamReader`."""
        return EventReader(Path(self.options["path"]), int(self.options["events"]))


class EventReader(DataSourceStreamReader):
    """Reads `AT_ONCE` more events with each micro-batch; an offset is a number of events."""

    def __init__(self, path: Path, events: int) -> None:
        """Read nothing yet."""
        self._path = path
        self._events = events

    def initialOffset(self) -> dict[str, int]:  # noqa: N802  # Spark's name
        """See `DataSourceStreamReader.initialOffset`."""
        return {"events": 0}

    def latestOffset(self, start: dict[str, int], limit: Any) -> dict[str, int]:  # noqa: ARG002, N802  # as above
        """See `DataSourceStreamReader.latestOffset`."""
        return {"events": min(start["events"] + AT_ONCE, self._events)}

    def partitions(self, start: dict[str, int], end: dict[str, int]) -> list[InputPartition]:
        """See `DataSourceStreamReader.partitions`: as many as there are cores."""
        first, count = start["events"], end["events"] - start["events"]
        cuts = [first + count * part // _CORES for part in range(_CORES + 1)]
        return [InputPartition(pair) for pair in pairwise(cuts)]

    def read(self, partition: InputPartition) -> Iterator[pa.RecordBatch]:
        """See `DataSourceStreamReader.read`."""
        first, end = partition.value
        lines = read_events(self._path, end - first, first)
        for start in range(0, len(lines), _BATCH_ROWS):
            values = pa.array(lines[start : start + _BATCH_ROWS], pa.binary()).cast(pa.string())
            yield pa.RecordBatch.from_arrays([values], ["value"])


def run(file: Path, events: int) -> Callable[[], dict[str, int]]:
    """Run the query until all events of the file are through; Spark has started before."""
    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["JAVA_HOME"] = str(find_java(Path(".millrace")))
    made = TemporaryDirectory(prefix="spark-", dir=file.parent)
    folder = Path(made.name).absolute()
    spark = (
        SparkSession.builder.master(f"local[{_CORES}]")
        .config("spark.sql.shuffle.partitions", str(_CORES))
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.memory", "4g")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.streaming.checkpointLocation", str(folder / "checkpoint"))
        .getOrCreate()
    )
    spark.dataSource.register(EventSource)
    spark.range(1).count()
    kept = [0]

    def deliver(batch: DataFrame, _number: int) -> None:
        batch.persist()
        batch.write.mode("append").parquet(str(folder / "events"))
        departed = batch.where("kind = 'departed'")
        hours = departed.groupBy(sf.date_trunc("hour", "event_time").alias("hour"), "origin", "carrier").agg(
            sf.count("*").alias("departures"), sf.sum("delay_minutes").alias("delay_minutes")
        )
        hours.write.mode("append").parquet(str(folder / "hours"))
        kept[0] += batch.count()
        batch.unpersist()

    def work() -> dict[str, int]:
        stream = (
            spark.readStream.format("flight_events").option("path", str(file)).option("events", events).load()
        )
        rows = stream.select(sf.from_json("value", _FIELDS).alias("row")).select("row.*")
        right = rows.where("event_id is not null and kind in ('scheduled', 'departed', 'arrived')")
        once = right.dropDuplicates(["event_id"])
        query = once.writeStream.foreachBatch(deliver).start()
        query.processAllAvailable()
        query.stop()
        made.cleanup()
        return {"kept": kept[0]}

    return work


_CORES = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
