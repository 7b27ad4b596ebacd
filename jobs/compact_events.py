"""The archive's many small files as few large ones, sorted, a New York date of the scheduled departure each.

Grain: one row an event, the newest of its copies.
Guarantee: `compacted/flight-events/day=YYYY-MM-DD.json` names the files of a date, and is put last, at once:
who reads by it (`jobs.shared.compacted`) sees the files before or the files after, never a mixture. The
version that it named before stays for readers that have begun, and goes with the next that is written. A run
may be killed anywhere: what no pointer names is litter, and goes with it. Unchanged events make the same
version, and nothing is written.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from contracts.lake import COMPACTED_EVENTS, compacted_pointer_key, events_prefix
from jobs.shared import files
from jobs.shared.archive import flight_events, newest
from jobs.shared.arguments import Arguments
from jobs.shared.checks import check, flight_event_rules
from jobs.shared.errors import QualityError
from jobs.shared.record import Record
from jobs.shared.session import run

NAME = "compact_events"
ROWS_OF_A_FILE = 5_000_000
"""About 128 MB of events."""

_ORDER = ("scheduled_departure", "carrier", "flight", "origin", "event_time", "event_id")


@dataclass(frozen=True, slots=True)
class Version:
    """The events of a date.

    Attributes:
        day: YYYY-MM-DD.
        name: Follows from the events, whatever their order and their files.
        rows: How many.
    """

    day: str
    name: str
    rows: int

    @property
    def folder(self) -> str:
        """Where its files lie, from the root of the lake."""
        return f"{COMPACTED_EVENTS}/day={self.day}/version={self.name}"


def transform(events: DataFrame) -> DataFrame:
    """Keep one row an event, with the `day` and the `version` whose files it belongs to.

    Args:
        events: The archive, as `contracts.schema.FLIGHT_EVENTS` with `flight_date`.

    Returns:
        The columns of the archive, and those two.
    """
    columns = [name for name in events.columns if name != "flight_date"]
    kept = newest(events).withColumn("day", F.col("flight_date").cast("string")).drop("flight_date")
    versions = kept.groupBy("day").agg(
        F.lower(F.hex(F.expr(f"bit_xor(xxhash64({', '.join(columns)}))"))).alias("version")
    )
    return kept.join(F.broadcast(versions), "day", how="inner").select(*columns, "day", "version")


def versions_of(compacted: DataFrame) -> list[Version]:
    """Return the versions of what `transform` returned, by day."""
    counted = compacted.groupBy("day", "version").agg(F.count(F.lit(1)).alias("rows")).orderBy("day")
    return [Version(row.day, row.version, row["rows"]) for row in counted.collect()]


def job(spark: SparkSession, arguments: Arguments) -> None:
    """Write the versions that are new, have the pointers name them, and remove what nobody reads.

    Raises:
        JobError: There is no archive, or its rows are not what they must be; no pointer has moved.
    """
    record = Record(NAME, arguments)
    events = flight_events(spark, arguments)
    compacted = transform(events)
    if arguments.is_explained:
        compacted.explain("formatted")
        return
    read = check(events, flight_event_rules())
    record.read(arguments.uri(events_prefix("flight-events")), read)
    kept = compacted.persist()
    try:
        versions = versions_of(kept)
        pointers = {each.day: _pointer(spark, arguments, each.day) for each in versions}
        new = [each for each in versions if pointers[each.day].get("version") != each.name]
        # What readers may still read lies there, whole: it is not written again under them.
        if unwritten := [each for each in new if pointers[each.day].get("before") != each.name]:
            write(kept, arguments, unwritten)
    finally:
        kept.unpersist()
    check_written(spark, arguments, new)
    for each in new:
        move(spark, arguments, each, pointers[each.day])
    record.wrote(arguments.uri(f"{COMPACTED_EVENTS}/"), sum(each.rows for each in new))
    record.finish(spark)


def write(compacted: DataFrame, arguments: Arguments, versions: Sequence[Version]) -> None:
    """Write the files of versions; no pointer names them yet."""
    (
        compacted.where(F.col("day").isin([each.day for each in versions]))
        .repartition("day")
        .sortWithinPartitions("day", *_ORDER)
        .write.partitionBy("day", "version")
        .option("maxRecordsPerFile", ROWS_OF_A_FILE)
        .mode("overwrite")
        .parquet(arguments.uri(COMPACTED_EVENTS))
    )


def check_written(spark: SparkSession, arguments: Arguments, versions: Sequence[Version]) -> None:
    """Count what lies in the files of versions.

    Raises:
        QualityError: It is another number of rows than they have.
    """
    if not versions:
        return
    root = arguments.uri(COMPACTED_EVENTS)
    folders = [arguments.uri(each.folder) for each in versions]
    rows = spark.read.option("basePath", root).parquet(*folders).groupBy(F.col("day").cast("string")).count()
    written: dict[str, int] = dict(rows.collect())
    for each in versions:
        if written.get(each.day) != each.rows:
            rule = f"the files of {each.folder} hold {each.rows} rows"
            raise QualityError(rule, abs(written.get(each.day, 0) - each.rows))


def move(spark: SparkSession, arguments: Arguments, version: Version, before: Mapping[str, Any]) -> None:
    """Have a date's pointer name a version, whose files are whole, and remove all but it and the last."""
    folder = arguments.uri(version.folder)
    names = [name for name in files.names(spark, folder) if name.endswith(".parquet")]
    pointer = {
        "version": version.name,
        "before": before.get("version"),
        "rows": version.rows,
        "files": [f"{version.folder}/{name}" for name in names],
    }
    files.write_json(spark, arguments.uri(compacted_pointer_key(version.day)), pointer)
    day = arguments.uri(f"{COMPACTED_EVENTS}/day={version.day}")
    needed = {f"version={version.name}", f"version={before.get('version')}"}
    for name in files.names(spark, day):
        if name not in needed:
            files.delete(spark, f"{day}/{name}")


def _pointer(spark: SparkSession, arguments: Arguments, day: str) -> Mapping[str, Any]:
    return files.read_json(spark, arguments.uri(compacted_pointer_key(day))) or {}


def main(argv: Sequence[str]) -> int:
    """Run the job, and return its exit code."""
    return run(NAME, __doc__, argv, job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
