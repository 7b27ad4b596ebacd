"""A lake and a warehouse, for stories about both."""

from dataclasses import dataclass, field
from typing import Any

from runtime.objects import Objects
from runtime.warehouse import Warehouse
from tests.support.lake import LakeWriter
from warehouse.models.job_days import JobDays
from warehouse.models.loader import Loader


@dataclass
class World:
    """A lake and a warehouse whose tables are there and empty."""

    objects: Objects
    warehouse: Warehouse
    bucket: str
    lake: LakeWriter = field(init=False)

    def __post_init__(self) -> None:
        """Be ready to write batches."""
        self.lake = LakeWriter(self.objects)

    def loader(self) -> Loader:
        """Start a loader, which knows nothing of others."""
        return Loader(self.objects, self.warehouse, self.bucket)

    def job_days(self) -> JobDays:
        """Start a loader of what the Spark jobs wrote."""
        return JobDays(self.objects, self.warehouse, self.bucket)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query, in some order of their own."""
        return sorted(self.warehouse.query(sql).rows, key=str)

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        ((count,),) = self.rows(f"select count(*) from {table}")  # noqa: S608  # a name of ours
        return int(count)
