"""What the weather at departure costs: delays and cancellations by wind, visibility and precipitation.

Grain: one row a New York date, airport of departure, measure and band of it.
Guarantee: for each measure every flight of a date is in exactly one band; a flight without an observation of
its date within `MOST_APART` is in the band `unknown`. A date's rows are the same whatever other dates are in
the archive. An event counts once; a re-run replaces exactly its days.
"""

import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from contracts.lake import WEATHER_IMPACT, events_prefix
from jobs.shared.archive import flight_events, newest, weather_observations
from jobs.shared.arguments import Arguments
from jobs.shared.checks import check, flight_event_rules
from jobs.shared.days import write_days
from jobs.shared.flights import LATE_MINUTES, flights_of
from jobs.shared.record import Record
from jobs.shared.session import run

NAME = "weather_impact"
MOST_APART = 90
"""Minutes between a scheduled departure and the observation that stands for its weather."""

UNKNOWN = "unknown"
Bands = Sequence[tuple[str, float]]

BANDS: Mapping[str, Bands] = MappingProxyType(
    {
        "wind_speed": (("calm: under 10 mph", 10), ("10 to 20 mph", 20), ("20 to 30 mph", 30)),
        "visib": (("under 1 mile", 1), ("1 to 3 miles", 3), ("3 to 10 miles", 10)),
        "precip": (("none", 0.001), ("under 0.1 inch", 0.1), ("0.1 to 0.3 inch", 0.3)),
    }
)
"""Of each measure, the bands and where each ends; `TOP` is what lies above."""

TOP: Mapping[str, str] = MappingProxyType(
    {"wind_speed": "30 mph and more", "visib": "10 miles", "precip": "0.3 inch and more"}
)


def transform(events: DataFrame, observations: DataFrame) -> DataFrame:
    """Join flights with the nearest observation at their airport, and count them by band.

    Args:
        events: The archive, as `contracts.schema.FLIGHT_EVENTS` with `flight_date`.
        observations: The archive of the weather, as `contracts.schema.WEATHER_OBSERVATIONS`.

    Returns:
        Rows as `contracts.schema.WEATHER_IMPACT`.
    """
    flights = _with_weather(flights_of(events), newest(observations))
    measures = [
        F.struct(
            F.lit(measure).alias("measure"),
            _band(measure, bands).alias("band"),
            _place(measure, bands).alias("band_order"),
        )
        for measure, bands in BANDS.items()
    ]
    has_departed = F.col("departure_delay").isNotNull()
    counted = (
        flights.withColumn("of", F.explode(F.array(*measures)))
        .groupBy("flight_date", "origin", "of.measure", "of.band", "of.band_order")
        .agg(
            F.count(F.lit(1)).alias("flights"),
            F.count_if(~has_departed).alias("cancelled"),
            F.count_if(has_departed).alias("departed"),
            F.count_if(F.col("departure_delay") >= LATE_MINUTES).alias("late"),
            F.coalesce(F.sum("departure_delay"), F.lit(0)).alias("delay_minutes"),
        )
    )
    return counted.select(
        F.col("flight_date"),
        F.col("origin"),
        F.col("measure"),
        F.col("band"),
        F.col("band_order").cast("int"),
        F.col("flights").cast("bigint"),
        F.col("cancelled").cast("bigint"),
        F.col("departed").cast("bigint"),
        F.col("late").cast("bigint"),
        F.col("delay_minutes").cast("bigint"),
    )


def _with_weather(flights: DataFrame, observations: DataFrame) -> DataFrame:
    """Give each flight the observation nearest to its schedule, the earlier of two; none stays NULL."""
    observed = observations.groupBy("origin", "flight_date").agg(
        F.collect_list(F.struct("event_time", *BANDS)).alias("observed")
    )
    apart = F.abs(F.unix_timestamp("scheduled_departure") - F.unix_timestamp(F.col("nearest.event_time")))
    nearest = F.array_min(F.transform("observed", _apart_first))["observation"]
    joined = flights.join(F.broadcast(observed), ["origin", "flight_date"], how="left")
    return (
        joined.withColumn("nearest", nearest)
        .withColumn("nearest", F.when(apart <= MOST_APART * 60, F.col("nearest")))
        .select(*flights.columns, "nearest.*")
    )


def _apart_first(observation: Column) -> Column:
    """Return an observation behind how many seconds it is from the schedule: the least of them is nearest."""
    apart = F.abs(F.unix_timestamp("scheduled_departure") - F.unix_timestamp(observation["event_time"]))
    return F.struct(apart.alias("apart"), observation.alias("observation"))


def _band(measure: str, bands: Bands) -> Column:
    value = F.col(measure)
    band = F.when(value.isNull(), F.lit(UNKNOWN))
    for name, end in bands:
        band = band.when(value < end, F.lit(name))
    return band.otherwise(F.lit(TOP[measure]))


def _place(measure: str, bands: Bands) -> Column:
    value = F.col(measure)
    place = F.when(value.isNull(), F.lit(len(bands) + 1))
    for number, (_, end) in enumerate(bands):
        place = place.when(value < end, F.lit(number))
    return place.otherwise(F.lit(len(bands)))


def job(spark: SparkSession, arguments: Arguments) -> None:
    """Write each date's rows to `weather_impact/day=YYYY-MM-DD/`.

    Raises:
        JobError: There is no archive, or its rows are not what they must be; nothing was written.
    """
    record = Record(NAME, arguments)
    events, observations = flight_events(spark, arguments), weather_observations(spark, arguments)
    days = transform(events, observations)
    if arguments.is_explained:
        days.explain("formatted")
        return
    record.read(arguments.uri(events_prefix("flight-events")), check(events, flight_event_rules()))
    rules = {
        "an observation has its airport and hour": F.col("origin").isNull() | F.col("event_time").isNull()
    }
    record.read(arguments.uri(events_prefix("weather-observations")), check(observations, rules))
    output = arguments.uri(f"{WEATHER_IMPACT}/")
    record.wrote(output, write_days(days, output, ("origin", "measure", "band_order")))
    record.finish(spark)


def main(argv: Sequence[str]) -> int:
    """Run the job, and return its exit code."""
    return run(NAME, __doc__, argv, job)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
