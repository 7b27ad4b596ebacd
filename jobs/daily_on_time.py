"""Daily on-time performance by airline, with the cancellations that a stream cannot know in time.

spark-submit jobs/daily_on_time.py --events s3a://…/events/flight-events/ --output s3a://…/daily_on_time/ \
        --from 2013-02-08 --to 2013-02-08
"""

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

LATE_MINUTES = 15
"""A departure is on time when it leaves less than this behind its schedule (the US DOT's rule)."""

FLIGHT = ("carrier", "flight", "origin", "time_hour")
NEW_YORK = "America/New_York"


def transform(events: DataFrame, first: date, last: date) -> DataFrame:
    """Count the flights scheduled on the New York dates from `first` to `last`, both included.

    Args:
        events: The archive, as `contracts.schema.FLIGHT_EVENTS`; an event in it twice counts once.
        first: First date.
        last: Last date.

    Returns:
        One row a date and carrier, as `contracts.schema.DAILY_ON_TIME`; `cancelled` flights were scheduled
        and never departed.
    """
    dated = events.withColumn(
        "flight_date", F.to_date(F.from_utc_timestamp(F.col("scheduled_departure"), NEW_YORK))
    ).where(F.col("flight_date").between(F.lit(first), F.lit(last)))
    flights = (
        newest_events(dated)
        .groupBy("flight_date", *FLIGHT)
        .agg(
            F.max(F.col("kind") == "scheduled").alias("was_scheduled"),
            F.max(F.col("kind") == "departed").alias("has_departed"),
            F.max(F.when(F.col("kind") == "departed", F.col("delay_minutes"))).alias("delay"),
        )
    )
    is_on_time = F.col("has_departed") & (F.col("delay") < LATE_MINUTES)
    days = (
        flights.where(F.col("was_scheduled"))
        .groupBy("flight_date", "carrier")
        .agg(
            F.count(F.lit(1)).alias("scheduled"),
            F.count_if(F.col("has_departed")).alias("departed"),
            F.count_if(~F.col("has_departed")).alias("cancelled"),
            F.count_if(is_on_time).alias("on_time"),
            F.coalesce(F.sum("delay"), F.lit(0)).alias("delay_minutes"),
        )
    )
    return days.select(
        F.col("flight_date"),
        F.col("carrier"),
        F.col("scheduled").cast("bigint"),
        F.col("departed").cast("bigint"),
        F.col("cancelled").cast("bigint"),
        F.col("on_time").cast("bigint"),
        F.col("delay_minutes").cast("bigint"),
    )


def newest_events(events: DataFrame) -> DataFrame:
    """Keep one row an event: the newest, by event time and then by its place in the stream."""
    newest_first = Window.partitionBy("event_id").orderBy(
        F.col("event_time").desc(),
        F.length("sequence_number").desc(),
        F.col("sequence_number").desc(),
        F.col("sub_sequence_number").desc(),
    )
    return (
        events.withColumn("place", F.row_number().over(newest_first)).where(F.col("place") == 1).drop("place")
    )


def main(argv: Sequence[str]) -> int:
    """Write each date's rows to `day=YYYY-MM-DD/` of the output, replacing that day and no other.

    A date without flights writes nothing and replaces nothing.
    """
    parser = argparse.ArgumentParser(prog="daily_on_time", description=__doc__.splitlines()[0])
    parser.add_argument("--events", required=True, help="folder of the archive of flight-events")
    parser.add_argument("--output", required=True, help="folder of the result")
    parser.add_argument("--from", dest="first", type=date.fromisoformat, required=True, metavar="DATE")
    parser.add_argument("--to", dest="last", type=date.fromisoformat, required=True, metavar="DATE")
    options = parser.parse_args(argv)
    if options.last < options.first:
        parser.error(f"--to {options.last} is before --from {options.first}")
    spark = SparkSession.builder.appName("daily_on_time").getOrCreate()
    try:
        events = spark.read.option("recursiveFileLookup", "true").parquet(options.events)
    except AnalysisException as error:
        print(f"error: no archive at {options.events}: {error.getCondition()}", file=sys.stderr)  # noqa: T201
        return 1
    days = transform(events, options.first, options.last)
    (
        days.withColumn("day", F.col("flight_date").cast("string"))
        .repartition(1)
        .sortWithinPartitions("day", "carrier")
        .write.partitionBy("day")
        .mode("overwrite")
        .parquet(options.output)
    )
    spark.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
