"""The warehouse without its server: the engine in memory, whose S3 is a lake in memory."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from runtime.objects import NoSuchObjectError, Objects
from runtime.warehouse import Rows, StatementFailedError, Warehouse
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError


class MemoryWarehouse(Warehouse):
    """Runs statements at once, and remembers them."""

    def __init__(self, objects: Objects) -> None:
        """Take the lake that COPY reads, whatever its bucket is called."""
        self._engine = Engine(Path(":memory:"), _MemoryS3(objects))
        self.queries: list[str] = []
        self.batches: list[list[str]] = []

    def query(self, sql: str) -> Rows:
        """See `Warehouse.query`."""
        self.queries.append(sql)
        (result,) = self._engine.execute([sql])
        columns = tuple(each.name for each in result.columns or ())
        return Rows(columns, tuple(tuple(map(_cell, row)) for row in result.rows))

    def batch(self, sqls: Sequence[str]) -> None:
        """See `Warehouse.batch`."""
        self.batches.append(list(sqls))
        try:
            self._engine.execute(sqls)
        except RedshiftError as error:
            raise StatementFailedError("FAILED", str(error), "; ".join(sqls)) from error


class _MemoryS3:
    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: ARG002, N803  # AWS's names
        try:
            return {"Body": io.BytesIO(self._objects.get(Key))}
        except NoSuchObjectError:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject") from None


def _cell(value: Any) -> Any:
    return str(value) if isinstance(value, date) else value  # a datetime is a date
