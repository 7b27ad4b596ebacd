"""What Spark jobs wrote, from the lake into the warehouse: whole days, replaced by their newest run."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from contracts.lake import (
    DAILY_ON_TIME,
    DELAY_PROPAGATION,
    STREAM_DIFFERENCES,
    WEATHER_IMPACT,
    job_day_prefix,
)
from runtime.objects import Objects
from runtime.warehouse import Warehouse
from warehouse.models.copying import CopyManifests
from warehouse.models.errors import NothingToLoadError
from warehouse.models.statements import date_literal, statements


@dataclass(frozen=True, slots=True)
class JobTable:
    """Where a job's output is loaded.

    Attributes:
        output: Its folder in the lake.
        table: Of the warehouse.
        may_be_empty: Whether a day without a file is one without rows, and not one that was never computed.
    """

    output: str
    table: str
    may_be_empty: bool = False


TABLES: Mapping[str, JobTable] = MappingProxyType(
    {
        "daily_on_time": JobTable(DAILY_ON_TIME, "agg_carrier_day"),
        "weather_impact": JobTable(WEATHER_IMPACT, "agg_weather_impact"),
        "delay_propagation": JobTable(DELAY_PROPAGATION, "fact_leg"),
        "reconcile_windows": JobTable(STREAM_DIFFERENCES, "stream_difference", may_be_empty=True),
    }
)
"""The jobs whose output is loaded."""


class JobDays:
    """Loads days that a Spark job wrote.

    **Parallelism**: any number; the table's lock lets one at a time replace. **Delivery**: a day is
    replaced as a whole, so loading it again changes nothing. **On failure**: all is rolled back; load again.
    """

    def __init__(self, objects: Objects, warehouse: Warehouse, lake: str) -> None:
        """Take the lake, the warehouse, and the name of the lake's bucket, which COPY has to be told."""
        self._objects = objects
        self._warehouse = warehouse
        self._lake = lake

    def load(self, job: str, days: Collection[date]) -> None:
        """Replace the New York dates that a job was run for.

        Args:
            job: Its name, one of `TABLES`.
            days: The dates.

        Raises:
            NothingToLoadError: The job wrote nothing for one of them; none is replaced.
            StatementFailedError: The warehouse refused; the days stay as they were.
        """
        to = TABLES[job]
        keys = [key for day in sorted(set(days)) for key in self._keys(to, day)]
        dates = ", ".join(date_literal(day) for day in sorted(set(days)))
        batch = statements("load/job_days.sql", table=to.table, dates=dates)
        if keys:
            copied = CopyManifests(self._objects, self._lake, keys).of_keys(to.output, keys)
            batch += statements("load/job_rows.sql", table=to.table, manifest=copied)
        self._warehouse.batch(batch)

    def _keys(self, to: JobTable, day: date) -> list[str]:
        prefix = job_day_prefix(to.output, day.isoformat())
        keys = [key for key in self._objects.keys(prefix) if key.endswith(".parquet")]
        if not keys and not to.may_be_empty:
            raise NothingToLoadError(prefix)
        return keys
