"""Translations that are kept: loads, marts and tools say the same again and again."""

from collections import OrderedDict
from collections.abc import Mapping
from threading import Lock

from warehouse.redshift.column_types import Recorded, Said, SessionCatalogue
from warehouse.redshift.dialect.translate import Statement, translate

MOST, LONGEST = 512, 8192
"""Translations that are kept, and the longest text of one."""


class Kept:
    """The translations of one database.

    One is used again where every table that it asked for has the columns that it had: so it needs not be told
    of changes, whoever makes them, committed or not.
    """

    def __init__(self, database: str) -> None:
        """Keep none."""
        self._database = database
        self._kept: OrderedDict[str, tuple[Statement, Said]] = OrderedDict()
        self._lock = Lock()

    def translated(self, sql: str, seen: SessionCatalogue, parameters: Mapping[str, str] | None) -> Statement:
        """Return a statement for DuckDB.

        Raises:
            RedshiftError: It is not supported, or names what is not there.
        """
        if parameters or len(sql) > LONGEST:
            return translate(sql, self._database, seen, parameters)
        with self._lock:
            found = self._kept.get(sql)
        if found and found[1].is_as(seen):
            return found[0]
        recorded = Recorded(seen)
        statement = translate(sql, self._database, recorded)
        with self._lock:
            self._kept[sql] = (statement, recorded.said)
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)
        return statement
