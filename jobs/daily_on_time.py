"""Daily on-time performance by airline and airport, with the cancellations that a stream cannot know in time.

Grain: one row a New York date, carrier and airport of departure.
Guarantee: every flight scheduled on the dates counts once, however often its events stand in the archive; a
re-run replaces exactly its days.
"""

import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from contracts.lake import DAILY_ON_TIME, events_prefix
from jobs.shared.archive import flight_events
from jobs.shared.arguments import Arguments
from jobs.shared.checks import check, flight_event_rules
from jobs.shared.days import write_days
from jobs.shared.flights import LATE_MINUTES, flights_of
from jobs.shared.record import Record
from jobs.shared.session import run

NAME = "daily_on_time"


def transform(events: DataFrame) -> DataFrame:
    """Count flights by what became of them.

    Args:
        events: The archive, as `contracts.schema.FLIGHT_EVENTS` with `flight_date`; an event in it twice
            counts once.

    Returns:
        One row a date, carrier and airport, as `contracts.schema.DAILY_ON_TIME`; `cancelled` flights were
        scheduled and never departed.
    """
    delay = F.col("departure_delay")
    days = (
        flights_of(events)
        .groupBy("flight_date", "carrier", "origin")
        .agg(
            F.count(F.lit(1)).alias("scheduled"),
            F.count_if(delay.isNotNull()).alias("departed"),
            F.count_if(delay.isNull()).alias("cancelled"),
            F.count_if(delay < LATE_MINUTES).alias("on_time"),
            F.coalesce(F.sum(delay), F.lit(0)).alias("delay_minutes"),
        )
    )
    return days.select(
        F.col("flight_date"),
        F.col("carrier"),
        F.col("origin"),
        F.col("scheduled").cast("bigint"),
        F.col("departed").cast("bigint"),
        F.col("cancelled").cast("bigint"),
        F.col("on_time").cast("bigint"),
        F.col("delay_minutes").cast("bigint"),
    )


def job(spark: SparkSession, arguments: Arguments) -> None:
    """Write each date's rows to `daily_on_time/day=YYYY-MM-DD/`.

    Raises:
        JobError: There is no archive, or its rows are not what they must be; nothing was written.
    """
    record = Record(NAME, arguments)
    events = flight_events(spark, arguments)
    days = transform(events)
    if arguments.is_explained:
        days.explain("formatted")
        return
    record.read(arguments.uri(events_prefix("flight-events")), check(events, flight_event_rules()))
    output = arguments.uri(f"{DAILY_ON_TIME}/")
    record.wrote(output, write_days(days, output, ("carrier", "origin")))
    record.finish(spark)


def main(argv: Sequence[str]) -> int:
    """Run the job, and return its exit code."""
    return run(NAME, __doc__, argv, job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
