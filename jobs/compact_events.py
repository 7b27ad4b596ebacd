"""The archive's many small files as few large ones, sorted, a New York date of the scheduled departure each.

Grain: one row an event, the newest of its copies.
Parallelism: one run of a date at a time; another would remove what this one has not named yet.
Guarantee: `compacted/flight-events/day=YYYY-MM-DD.json` names the files of a date, the archive's files that
they were made of, and the rows of both. It is put last, at once: who reads by it (`jobs.shared.compacted`)
sees the files before or the files after, never a mixture. The version that it named before stays for readers
that have begun. A run may be killed anywhere: what no pointer names is litter, and goes with the next run of
the date, whatever else that does. Unchanged events make the same version, and nothing is written. A date that
has no events any more has no pointer any more.
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from contracts.lake import COMPACTED_EVENTS, events_prefix
from jobs.shared.archive import flight_events, newest
from jobs.shared.arguments import Arguments
from jobs.shared.checks import check, flight_event_rules
from jobs.shared.compacted import Pointer, Version, point, pointers_of, tidy, withdraw
from jobs.shared.errors import QualityError
from jobs.shared.files import side_by_side
from jobs.shared.record import Record
from jobs.shared.session import run

NAME = "compact_events"
ROWS_OF_A_FILE = 5_000_000
"""About 128 MB of events."""

_ORDER = ("scheduled_departure", "carrier", "flight", "origin", "event_time", "event_id")


@dataclass(frozen=True, slots=True)
class Source:
    """What the archive holds of a date.

    Attributes:
        files: Their keys, in order.
        rows: How many, copies too.
        duplicates: Copies of an event beyond its first.
    """

    files: tuple[str, ...]
    rows: int
    duplicates: int


def transform(events: DataFrame) -> DataFrame:
    """Keep one row an event, with the `day` and the `version` whose files it belongs to.

    Args:
        events: The archive, as `contracts.schema.FLIGHT_EVENTS` with `flight_date`.

    Returns:
        The columns of the archive, and those two; the rows of a day are in one partition.
    """
    columns = [name for name in events.columns if name != "flight_date"]
    kept = newest(events).withColumn("day", F.col("flight_date").cast("string"))
    of_day = F.bit_xor(F.xxhash64(*columns)).over(Window.partitionBy("day"))
    return kept.withColumn("version", F.lower(F.hex(of_day))).select(*columns, "day", "version")


def versions_of(compacted: DataFrame) -> list[Version]:
    """Return the versions of what `transform` returned, by day."""
    counted = compacted.groupBy("day", "version").agg(F.count(F.lit(1)).alias("rows")).orderBy("day")
    return [Version(row.day, row.version, row["rows"]) for row in counted.collect()]


def sources_of(events: DataFrame, lake: str) -> dict[str, Source]:
    """Return what of the archive at a lake `transform` is given, by day."""
    dated = events.select(F.col("flight_date").cast("string").alias("day"), "event_id")
    counted = dated.withColumn("file", F.input_file_name()).groupBy("day", "file").count().collect()
    files: dict[str, list[str]] = {}
    rows: dict[str, int] = {}
    for row in counted:
        files.setdefault(row.day, []).append(unquote(row.file).removeprefix(f"{lake}/"))
        rows[row.day] = rows.get(row.day, 0) + row["count"]
    distinct = dated.groupBy("day").agg(F.count_distinct("event_id").alias("events")).collect()
    return {
        row.day: Source(tuple(sorted(files[row.day])), rows[row.day], rows[row.day] - row.events)
        for row in distinct
    }


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
    sources = sources_of(events, arguments.lake)
    pointers = pointers_of(spark, arguments)
    kept = compacted.persist()
    try:
        versions = versions_of(kept)
        check_kept(sources, versions)
        new = [each for each in versions if pointers.get(each.day, {}).get("version") != each.name]
        # What readers may still read lies there, whole: it is not written again under them.
        if unwritten := [each for each in new if pointers.get(each.day, {}).get("before") != each.name]:
            write(kept, arguments, unwritten)
    finally:
        kept.unpersist()
    check_written(spark, arguments, new)
    move(spark, arguments, {each: sources[each.day] for each in versions}, pointers)
    record.wrote(arguments.uri(f"{COMPACTED_EVENTS}/"), sum(each.rows for each in new))
    record.finish(spark)


def write(compacted: DataFrame, arguments: Arguments, versions: Sequence[Version]) -> None:
    """Write the files of versions, each day by the task that has its rows; no pointer names them yet."""
    (
        compacted.where(F.col("day").isin([each.day for each in versions]))
        .sortWithinPartitions("day", "version", *_ORDER)  # by its folders first, or the writer sorts again
        .write.partitionBy("day", "version")
        .option("maxRecordsPerFile", ROWS_OF_A_FILE)
        .mode("overwrite")
        .parquet(arguments.uri(COMPACTED_EVENTS))
    )


def check_kept(sources: Mapping[str, Source], versions: Sequence[Version]) -> None:
    """Hold the rows of versions against those that they are made of.

    Raises:
        QualityError: Of a date, rows in are not rows out and duplicates.
    """
    kept = {each.day: each.rows for each in versions}
    for day, source in sources.items():
        if lacking := source.rows - source.duplicates - kept.get(day, 0):
            rule = (
                f"the {source.rows} rows of {day} are {kept.get(day, 0)} and {source.duplicates} duplicates"
            )
            raise QualityError(rule, abs(lacking))


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


def move(
    spark: SparkSession,
    arguments: Arguments,
    made: Mapping[Version, Source],
    before: Mapping[str, Pointer],
) -> None:
    """Have the dates' pointers name their versions, whose files are whole, and remove what nobody reads.

    Args:
        spark: The session.
        arguments: The dates; one without a version has no events.
        made: The versions, and of what.
        before: The pointers in force, by date.
    """
    gone = before.keys() - {each.day for each in made}
    kept = {day: {before[day]["version"]} for day in gone}  # until the next run, which finds no pointer

    def pointed(version: Version) -> Pointer:
        source = made[version]
        said = {"sources": list(source.files), "source_rows": source.rows, "duplicates": source.duplicates}
        return point(spark, arguments, version, said, before.get(version.day))

    for version, pointer in side_by_side(pointed, made).items():
        kept[version.day] = {pointer["version"], pointer["before"]}
    for day in gone:
        withdraw(spark, arguments, day)
    tidy(spark, arguments, kept)


def main(argv: Sequence[str]) -> int:
    """Run the job, and return its exit code."""
    return run(NAME, __doc__, argv, job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
