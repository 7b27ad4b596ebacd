"""One client of the warehouse, in short words."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.session import Session


@dataclass(frozen=True, slots=True)
class Client:
    """A session that runs a statement at a time."""

    session: Session

    def run(self, *sqls: str) -> Result:
        """Run statements, each on its own, and return what the last one gave."""
        result = Result("")
        for sql in sqls:
            (result,) = self.session.run([sql])
        return result

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Run a query."""
        return self.run(sql).rows

    def first(self, sql: str) -> list[Any]:
        """Run a query and return its first column."""
        return [row[0] for row in self.rows(sql)]

    def record(self, sql: str) -> list[tuple[Any, ...]]:
        """Read the warehouse's own records."""
        return self.session._connection.execute(sql).fetchall()  # noqa: SLF001  # no SQL of users reaches them

    def fails(self, sql: str, sqlstate: str, reason: str = "") -> None:
        """Run a statement that fails."""
        with pytest.raises(RedshiftError, match=re.escape(reason) or None) as caught:
            self.run(sql)
        assert caught.value.sqlstate == sqlstate, caught.value
