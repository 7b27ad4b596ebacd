"""What a late arrival does to the aircraft's next departure from New York, on a real Spark session."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pyspark.sql import SparkSession
from pyspark.testing import assertDataFrameEqual

from jobs.delay_propagation import transform
from jobs.shared.archive import flight_events
from jobs.shared.arguments import Arguments
from tests.unit.jobs.conftest import FRIDAY, SATURDAY, Row, event, noon

pytestmark = pytest.mark.timeout(180)
SHOWN = ("tail_number", "leg", "chain", "flight", "arrival_delay_minutes", "inherited_minutes")


def flown(
    flight: int, hours: int, left: int | None, arrived: int | None, tail: str | None = "N1"
) -> list[Row]:
    """Return the events of a flight, some hours after noon."""
    at = noon() + timedelta(hours=hours)
    events = [event("scheduled", flight, at, tail_number=tail)]
    if left is not None:
        events.append(event("departed", flight, at, left, tail_number=tail))
        events.append(event("arrived", flight, at, arrived, tail_number=tail))
    return events


def test_a_leg_inherits_what_both_were_late(spark: SparkSession, archived: Callable[..., Arguments]) -> None:
    """The lesser; nothing where either was in time or the arrival is unknown: there a chain breaks."""
    events = [
        *flown(1, 0, 10, 40),
        *flown(2, 2, 25, 90),  # inherits 25 of 40
        *flown(3, 4, 120, -5),  # all of 90
        *flown(4, 6, 30, None),  # nothing: the one before arrived early
        *flown(5, 8, 30, 30),  # nothing: nobody knows when the one before arrived
        *flown(6, 9, None, None),  # never departed: no leg
        *flown(7, 10, -3, 0),  # nothing: it left early
        *flown(8, 0, 5, 5, tail="N2"),
        *flown(9, 0, 5, 5, tail=None),
    ]
    rows = transform(flight_events(spark, archived(events)))
    expected = [
        ("N1", 1, 1, 1, 40, 0),
        ("N1", 2, 1, 2, 90, 25),
        ("N1", 3, 1, 3, -5, 90),
        ("N1", 4, 2, 4, None, 0),
        ("N1", 5, 3, 5, 30, 0),
        ("N1", 6, 4, 7, 0, 0),
        ("N2", 1, 1, 8, 5, 0),
    ]
    schema = (
        "tail_number string, leg int, chain int, flight int, arrival_delay_minutes int, inherited_minutes int"
    )
    assertDataFrameEqual(rows.select(*SHOWN), spark.createDataFrame(expected, schema).toDF(*SHOWN))


def test_a_date_stands_alone(spark: SparkSession, archived: Callable[..., Arguments]) -> None:
    """What arrived late on Friday night is not Saturday's to inherit, and Friday's last leg has no next."""
    arguments = archived([*flown(1, 10, 50, 80), *flown(2, 18, 40, 40)])  # 22:00 and 06:00 in New York
    schema = "flight_date date, leg int, inherited_minutes int, next_scheduled_departure timestamp"
    expected = [(FRIDAY, 1, 0, None), (SATURDAY, 1, 0, None)]
    rows = transform(flight_events(spark, arguments)).select(
        "flight_date", "leg", "inherited_minutes", "next_scheduled_departure"
    )
    assertDataFrameEqual(rows, spark.createDataFrame(expected, schema))
