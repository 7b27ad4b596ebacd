"""What Spark jobs wrote, from the lake into the warehouse: whole days, replaced by their newest run."""

from collections.abc import Collection, Mapping
from datetime import date
from types import MappingProxyType

from contracts.lake import DAILY_ON_TIME, job_day_prefix
from runtime.objects import Objects
from runtime.warehouse import Warehouse
from warehouse.models.copying import CopyManifests
from warehouse.models.errors import NothingToLoadError
from warehouse.models.statements import date_literal, statements

TABLES: Mapping[str, str] = MappingProxyType({DAILY_ON_TIME: "agg_carrier_day"})
"""Where an output is loaded, by its folder in the lake."""


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

    def load(self, output: str, days: Collection[date]) -> None:
        """Replace the New York dates of a job's output.

        Args:
            output: Its folder, one of `TABLES`.
            days: The dates.

        Raises:
            NothingToLoadError: The job wrote nothing for one of them; none is replaced.
            StatementFailedError: The warehouse refused; the days stay as they were.
        """
        keys = [key for day in sorted(set(days)) for key in self._keys(output, day)]
        dates = ", ".join(date_literal(day) for day in sorted(set(days)))
        copied = CopyManifests(self._objects, self._lake, keys).of_keys(output, keys)
        fragments = {"table": TABLES[output], "manifest": copied, "dates": dates}
        self._warehouse.batch(statements("load/job_days.sql", **fragments))

    def _keys(self, output: str, day: date) -> list[str]:
        prefix = job_day_prefix(output, day.isoformat())
        keys = [key for key in self._objects.keys(prefix) if key.endswith(".parquet")]
        if not keys:
            raise NothingToLoadError(prefix)
        return keys
