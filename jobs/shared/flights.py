"""Flights, put together from their events: one row each, with what became of them."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from jobs.shared.archive import newest

FLIGHT = ("carrier", "flight", "origin", "time_hour")
"""What tells two flights apart."""

LATE_MINUTES = 15
"""A departure is on time when it leaves less than this behind its schedule (the US DOT's rule)."""


def flights_of(events: DataFrame) -> DataFrame:
    """Return the flights that were scheduled, from events with `flight_date`.

    Returns:
        `flight_date`, the columns of `FLIGHT`, `destination`, `tail_number`, `scheduled_departure`, and
        `departure_delay` and `arrival_delay` in minutes: NULL where it never departed, or where its arrival
        is unknown.
    """
    flights = (
        newest(events)
        .groupBy("flight_date", *FLIGHT)
        .agg(
            F.max(F.col("kind") == "scheduled").alias("was_scheduled"),
            F.max("destination").alias("destination"),
            F.max("tail_number").alias("tail_number"),
            F.max("scheduled_departure").alias("scheduled_departure"),
            _delay("departed").alias("departure_delay"),
            _delay("arrived").alias("arrival_delay"),
        )
    )
    return flights.where(F.col("was_scheduled")).drop("was_scheduled")


def _delay(kind: str) -> Column:
    return F.max(F.when(F.col("kind") == kind, F.col("delay_minutes")))
