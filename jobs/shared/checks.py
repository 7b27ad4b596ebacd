"""Rules that rows must keep before anything is written: broken ones are shown, and end the job."""

from collections.abc import Mapping
from functools import reduce
from operator import or_

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812  # Spark's own convention

from jobs.shared.errors import QualityError

MOST_SHOWN = 10
_KEYS = (
    "event_id",
    "kind",
    "event_time",
    "carrier",
    "flight",
    "origin",
    "time_hour",
    "scheduled_departure",
)


def check(rows: DataFrame, broken: Mapping[str, Column]) -> int:
    """Count rows, and refuse them where one breaks a rule; ten of those that do are printed.

    Args:
        rows: To look at, in one pass where all is well.
        broken: What is true of a row that breaks a rule, by the rule in words.

    Raises:
        QualityError: A rule is broken, the first of them.
    """
    counts = [F.count_if(condition).alias(f"rule {place}") for place, condition in enumerate(broken.values())]
    total, *offending = rows.agg(F.count(F.lit(1)), *counts).first() or (0,)
    for number, (rule, condition) in zip(offending, broken.items(), strict=True):
        if number:
            print(f"rows that break the rule: {rule}")  # noqa: T201  # a job's output
            rows.where(condition).show(MOST_SHOWN, truncate=False)
            raise QualityError(rule, number)
    return int(total)


def flight_event_rules() -> Mapping[str, Column]:
    """Return the rules of the archive of flight events: what every job over it stands on."""
    is_departure = F.col("kind") == "departed"  # of an arrival the source does not always know
    return {
        "an event has its id, kind, times and flight": reduce(or_, (F.col(name).isNull() for name in _KEYS)),
        "a kind is scheduled, departed or arrived": ~F.col("kind").isin("scheduled", "departed", "arrived"),
        "a departure says by how much it was late": is_departure & F.col("delay_minutes").isNull(),
    }
