"""The stream's windows against the archive: what the one counted and the other holds otherwise, and why.

The stream counts departures by the hour in which they left, airport and airline, as additive partials; here
they are counted again from the archive, each event once.

Grain: one row a window that differs; none where all agree.
Guarantee: a re-run replaces exactly its days, and a day that agrees by now has no rows any more. Windows
belong to the New York date of their hour.
"""

import sys
from collections.abc import Sequence

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from contracts.lake import AIRPORT_HOUR_PARTIALS, STREAM_DIFFERENCES, events_prefix
from jobs.shared.archive import between, new_york_date, newest, read_parquet
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


def transform(partials: DataFrame, events: DataFrame) -> DataFrame:
    """Compare the windows.

    Args:
        partials: Of the stream, as `contracts.schema.AIRPORT_HOURS`; a window is the sum of its partials.
        events: The archive, as `contracts.schema.FLIGHT_EVENTS`.

    Returns:
        Rows as `contracts.schema.STREAM_DIFFERENCES`. `reason` is `duplicate` where the stream counts
        every copy of an event that the archive holds more than once, `late` where it lacks an event or counts
        an older version of one, and `reject` where it counts what the archive does not hold.
    """
    streamed = partials.groupBy(*_WINDOW).agg(*(F.sum(name).alias(f"streamed_{name}") for name in _COUNTS))
    departed = events.where(F.col("kind") == "departed").withColumn(
        "window_start", F.date_trunc("hour", F.col("event_time"))
    )
    both = (
        streamed.join(_counted(newest(departed), "archived"), list(_WINDOW), how="full")
        .join(_counted(departed, "copies"), list(_WINDOW), how="left")
        .fillna(0)
    )
    reason = (
        F.when((F.col("copies_departures") > F.col("archived_departures")) & _agree("copies"), "duplicate")
        .when(F.col("streamed_departures") <= F.col("archived_departures"), "late")
        .otherwise("reject")
    )
    counts = [f"{side}_{name}" for side in ("streamed", "archived") for name in _COUNTS]
    return both.where(~_agree("archived")).select(
        new_york_date("window_start").alias("flight_date"),
        *_WINDOW,
        *(F.col(name).cast("bigint") for name in counts),
        reason.alias("reason"),
    )


def _counted(departed: DataFrame, side: str) -> DataFrame:
    return departed.groupBy(*_WINDOW).agg(
        F.count(F.lit(1)).alias(f"{side}_departures"),
        F.count_if(F.col("delay_minutes") < LATE_MINUTES).alias(f"{side}_on_time"),
        F.sum("delay_minutes").alias(f"{side}_delay_minutes"),
    )


def _agree(side: str) -> Column:
    """Return whether the stream counts a window as another side does."""
    streamed = F.struct(*(F.col(f"streamed_{name}") for name in _COUNTS))
    return streamed == F.struct(*(F.col(f"{side}_{name}") for name in _COUNTS))


def job(spark: SparkSession, arguments: Arguments) -> None:
    """Write each date's differences to `stream_differences/day=YYYY-MM-DD/`.

    Raises:
        JobError: The archive or the partials are not there, or not what they must be; nothing was written.
    """
    record = Record(NAME, arguments)
    events_uri = arguments.uri(events_prefix("flight-events"))
    partials_uri = arguments.uri(AIRPORT_HOUR_PARTIALS)
    events = read_parquet(spark, events_uri, FLIGHT_EVENTS, "archive")
    partials = read_parquet(spark, partials_uri, AIRPORT_HOURS, "partials of windows")
    # Of all dates, and cut afterwards: the newest version of an event may lie on another date than an older.
    is_asked = F.col("flight_date").between(F.lit(arguments.first), F.lit(arguments.last))
    differences = transform(partials, events).where(is_asked)
    if arguments.is_explained:
        differences.explain("formatted")
        return
    of_dates = between(events, "event_time", arguments)
    record.read(events_uri, check(of_dates, flight_event_rules()))
    is_lacking = F.expr("window_start is null or origin is null or carrier is null")
    rules = {"a window has its hour, airport and airline": is_lacking}
    record.read(partials_uri, check(between(partials, "window_start", arguments), rules))
    output = arguments.uri(f"{STREAM_DIFFERENCES}/")
    record.wrote(output, write_days(differences, output, _WINDOW))
    clear_days(spark, output, arguments, differences)
    record.finish(spark)


def main(argv: Sequence[str]) -> int:
    """Run the job, and return its exit code."""
    return run(NAME, __doc__, argv, job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
