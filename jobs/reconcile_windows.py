"""The stream's windows against the archive: what the one counted and the other holds otherwise, and why.

The stream counts departures by the hour in which they left, airport and airline, as additive partials; here
they are counted again from the archive, each event once.

Grain: one row a window that differs; none where all agree.
Guarantee: a re-run replaces exactly its days, and a day that agrees by now has no rows any more. Windows
belong to the New York date of their hour.
"""

import sys
from collections.abc import Mapping, Sequence

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from contracts.lake import AIRPORT_HOUR_PARTIALS, STREAM_DIFFERENCES, events_prefix
from jobs.shared.archive import between, is_between, new_york_date, newest_first, read_parquet
from jobs.shared.arguments import Arguments
from jobs.shared.checks import check, flight_event_rules
from jobs.shared.days import clear_days, write_days
from jobs.shared.flights import LATE_MINUTES
from jobs.shared.record import Record
from jobs.shared.schemas import AIRPORT_HOURS, FLIGHT_EVENTS
from jobs.shared.session import run

NAME = "reconcile_windows"
_WINDOW = ("window_start", "origin", "carrier")
_COUNTS = ("departures", "on_time", "delay_minutes")
_SIDES = tuple(f"{side}_{name}" for side in ("streamed", "archived") for name in _COUNTS)


def transform(partials: DataFrame, events: DataFrame) -> DataFrame:
    """Compare the windows, and of those that differ what each range adds to them.

    A range's partials and its events have the same `batch_id`. An event is expected of the first range that
    tells it as its newest copy does. Its other copies are repeated, or older where they tell it otherwise.

    Args:
        partials: Of the stream, as `contracts.schema.AIRPORT_HOURS`; a window is the sum of its partials.
        events: The archive, as `contracts.schema.FLIGHT_EVENTS`.

    Returns:
        Rows as `contracts.schema.STREAM_DIFFERENCES`. `reason` holds all that apply, in this order:
        `duplicate` where the stream counts repeated copies, `late` where it lacks an event or counts an older
        copy, and `reject` where it counts what the archive does not hold.
    """
    counts = (F.col(name).alias(f"streamed_{name}") for name in _COUNTS)
    streamed = partials.select(*_WINDOW, "batch_id", *counts)
    sides = streamed.unionByName(_archived(events), allowMissingColumns=True).fillna(0)
    shares = sides.groupBy(*_WINDOW, "batch_id").agg(
        *(F.sum(name).alias(name) for name in (*_SIDES, "repeated", "older"))
    )
    reasons = _reasons()
    windows = shares.groupBy(*_WINDOW).agg(
        *(F.sum(name).alias(name) for name in _SIDES),
        *(F.bool_or(applies).alias(reason) for reason, applies in reasons.items()),
    )
    return windows.where(_differ(*_COUNTS)).select(
        new_york_date("window_start").alias("flight_date"),
        *_WINDOW,
        *(F.col(name).cast("bigint") for name in _SIDES),
        F.concat_ws(", ", *(F.when(F.col(reason), reason) for reason in reasons)).alias("reason"),
    )


def _archived(events: DataFrame) -> DataFrame:
    """Return the copies of departures that the archive holds, each with what it adds to its window."""
    departed = events.where(F.col("kind") == "departed").withColumn(
        "window_start", F.date_trunc("hour", F.col("event_time"))
    )
    told = F.struct(*_WINDOW, "delay_minutes")
    oldest_first = Window.partitionBy("event_id", "is_newest").orderBy(F.col("place").desc())
    is_expected = F.col("is_newest") & (F.col("age") == 1)
    copies = (
        departed.withColumn("is_newest", told.eqNullSafe(F.first(told).over(newest_first())))
        .withColumn("place", F.row_number().over(newest_first()))
        .withColumn("age", F.row_number().over(oldest_first))
    )
    adds = {
        "archived_departures": F.when(is_expected, 1),
        "archived_on_time": F.when(is_expected & (F.col("delay_minutes") < LATE_MINUTES), 1),
        "archived_delay_minutes": F.when(is_expected, F.col("delay_minutes")),
        "repeated": F.when(F.col("is_newest") & ~is_expected, 1),
        "older": F.when(~F.col("is_newest"), 1),
    }
    return copies.select(*_WINDOW, "batch_id", *(value.alias(name) for name, value in adds.items()))


def _reasons() -> Mapping[str, Column]:
    """Return of each reason whether it applies to what a range adds to a window."""
    more = F.col("streamed_departures") - F.col("archived_departures")
    repeated, older = F.col("repeated"), F.col("older")
    is_told_otherwise = (more == 0) & _differ("on_time", "delay_minutes")
    return {
        "duplicate": (more > 0) & (repeated > 0),
        "late": (more < 0) | is_told_otherwise | ((more > repeated) & (older > 0)),
        "reject": more > repeated + older,
    }


def _differ(*names: str) -> Column:
    """Return whether the stream and the archive count otherwise."""
    streamed, archived = (
        F.struct(*(f"{side}_{name}" for name in names)) for side in ("streamed", "archived")
    )
    return streamed != archived


def job(spark: SparkSession, arguments: Arguments) -> None:
    """Write each date's differences to `stream_differences/day=YYYY-MM-DD/`.

    Raises:
        JobError: The archive or the partials are not there, or not what they must be; nothing was written.
    """
    record = Record(NAME, arguments)
    events_uri = arguments.uri(events_prefix("flight-events"))
    partials_uri = arguments.uri(AIRPORT_HOUR_PARTIALS)
    # Events of all dates: the newest copy of one may lie on another date than an older.
    events = read_parquet(spark, events_uri, FLIGHT_EVENTS, "archive")
    partials = between(
        read_parquet(spark, partials_uri, AIRPORT_HOURS, "partials of windows"), "window_start", arguments
    )
    differences = transform(partials, events).where(is_between("window_start", arguments))
    if arguments.is_explained:
        differences.explain("formatted")
        return
    record.read(events_uri, check(between(events, "event_time", arguments), flight_event_rules()))
    is_lacking = F.expr("window_start is null or origin is null or carrier is null")
    record.read(partials_uri, check(partials, {"a window has its hour, airport and airline": is_lacking}))
    output = arguments.uri(f"{STREAM_DIFFERENCES}/")
    kept = differences.persist()  # both look at it, and the second lets it go
    clear_days(spark, output, arguments, kept)
    record.wrote(output, write_days(kept, output, _WINDOW))
    record.finish(spark)


def main(argv: Sequence[str]) -> int:
    """Run the job, and return its exit code."""
    return run(NAME, __doc__, argv, job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
