"""How much of a late arrival an aircraft carries into its next departure from New York.

The source has departures from New York's three airports and no flight back, so what is compared is an
aircraft's flight away and its next departure from New York: the way back lies between. What it inherits is
what both were late: the lesser of the arrival delay and of the next departure's delay, if both are above 0.

Grain: one row a flight that departed, of a known aircraft; `next_scheduled_departure` is NULL where the
aircraft does not leave New York again on that date.
Guarantee: chains stay within a New York date, so a date's rows are the same whatever other dates are asked
for; a re-run replaces exactly its days.
"""

import sys
from collections.abc import Sequence

from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from contracts.lake import DELAY_PROPAGATION, events_prefix
from jobs.shared.archive import flight_events
from jobs.shared.arguments import Arguments
from jobs.shared.checks import check, flight_event_rules
from jobs.shared.days import write_days
from jobs.shared.flights import flights_of
from jobs.shared.record import Record
from jobs.shared.session import run

NAME = "delay_propagation"


def transform(events: DataFrame) -> DataFrame:
    """Put the legs of each aircraft and date in order, and say what each inherits from the one before.

    Args:
        events: The archive, as `contracts.schema.FLIGHT_EVENTS` with `flight_date`.

    Returns:
        Rows as `contracts.schema.DELAY_PROPAGATION`. `leg` counts an aircraft's departures of the date from
        1; `chain` numbers the runs of legs in which each inherits from the one before; the share of delay
        that is explained is sum(inherited_minutes) / sum(departure_delay_minutes where it is above 0).
    """
    flown = flights_of(events).where(F.col("departure_delay").isNotNull() & F.col("tail_number").isNotNull())
    day = Window.partitionBy("flight_date", "tail_number").orderBy(
        "scheduled_departure", "carrier", "flight", "origin"
    )
    before = F.lag("arrival_delay").over(day)
    inherited = F.least(F.greatest(before, F.lit(0)), F.greatest(F.col("departure_delay"), F.lit(0)))
    legs = (
        flown.withColumn("leg", F.row_number().over(day))
        .withColumn("inherited", F.when(before.isNull(), F.lit(0)).otherwise(inherited))
        .withColumn("is_first", F.when(F.col("inherited") > 0, F.lit(0)).otherwise(F.lit(1)))
        .withColumn("chain", F.sum("is_first").over(day.rowsBetween(Window.unboundedPreceding, 0)))
        .withColumn("next_departure", F.lead("scheduled_departure").over(day))
    )
    return legs.select(
        F.col("flight_date"),
        F.col("tail_number"),
        F.col("leg").cast("int"),
        F.col("chain").cast("int"),
        F.col("carrier"),
        F.col("flight").cast("int"),
        F.col("origin"),
        F.col("destination"),
        F.col("scheduled_departure"),
        F.col("departure_delay").cast("int").alias("departure_delay_minutes"),
        F.col("arrival_delay").cast("int").alias("arrival_delay_minutes"),
        F.col("inherited").cast("int").alias("inherited_minutes"),
        F.col("next_departure").alias("next_scheduled_departure"),
    )


def job(spark: SparkSession, arguments: Arguments) -> None:
    """Write each date's rows to `delay_propagation/day=YYYY-MM-DD/`.

    Raises:
        JobError: There is no archive, or its rows are not what they must be; nothing was written.
    """
    record = Record(NAME, arguments)
    events = flight_events(spark, arguments)
    legs = transform(events)
    if arguments.is_explained:
        legs.explain("formatted")
        return
    record.read(arguments.uri(events_prefix("flight-events")), check(events, flight_event_rules()))
    output = arguments.uri(f"{DELAY_PROPAGATION}/")
    record.wrote(output, write_days(legs, output, ("tail_number", "leg")))
    record.finish(spark)


def main(argv: Sequence[str]) -> int:
    """Run the job, and return its exit code."""
    return run(NAME, __doc__, argv, job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
