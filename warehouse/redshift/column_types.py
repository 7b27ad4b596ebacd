"""The columns of tables as a session sees them, with Redshift's types: what the dialect asks for.

DuckDB knows one type of text. The length of a VARCHAR, and that a text is a CHAR, are known by the check that
CREATE TABLE made of them: it stays with its column whatever becomes of the table.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache

import duckdb

from warehouse.redshift.dialect.scope import Catalogue, SqlFunction
from warehouse.redshift.dialect.sql_functions import type_from
from warehouse.redshift.dialect.sql_types import Type, type_of_duckdb
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.reasons import as_redshift

_BYTES = r'strlen\("?((?:[^"]|"")+?)"?\)'
_VARCHAR = re.compile(rf"{_BYTES} <= (\d+)")
_CHAR = re.compile(rf"(\d+) >= {_BYTES}")


class SessionCatalogue:
    """What one session sees, in one transaction: what is looked up is kept until it ends."""

    def __init__(self, session: duckdb.DuckDBPyConnection, path: Callable[[], list[str]]) -> None:
        """Look through a session's connection.

        Args:
            session: Its connection.
            path: Where it looks for a table: schemas as the records call them, its temporary one first.
        """
        self._session = session
        self._path = path
        self._columns: dict[tuple[str, str], Mapping[str, Type]] = {}
        self._texts: dict[tuple[str, str], dict[str, Type]] | None = None

    def forget(self, name: str = "") -> None:
        """Look again from now on: a transaction begins or ends, or the session changes what there is.

        Args:
            name: Of the one relation that is new; nothing where any may have changed.
        """
        self._columns = {key: known for key, known in self._columns.items() if name and key[1] != name}
        self._texts = None

    def columns(self, schema: str, table: str) -> Mapping[str, Type]:
        """Return the columns of a table or view; a column of a type that Redshift has not is left out.

        Raises:
            RedshiftError: It is not there.
        """
        key = (schema, table)
        if key not in self._columns:
            self._columns[key] = self._looked_up(schema, table)
        return self._columns[key]

    def _looked_up(self, schema: str, table: str) -> Mapping[str, Type]:
        quoted = ".".join('"' + name.replace('"', '""') + '"' for name in (schema, table) if name)
        try:
            relation = self._session.sql(f"from {quoted}")  # it is bound, and not run
        except duckdb.CatalogException as error:
            raise as_redshift(error) from None
        except duckdb.PermissionException:  # DuckDB takes the name for a file's
            msg = f'relation "{table}" does not exist'
            raise RedshiftError(msg, "42P01") from None
        found = {
            name: type_of_duckdb(str(kind))
            for name, kind in zip(relation.columns, relation.types, strict=True)
        }
        columns = {name: kind for name, kind in found.items() if kind is not None}
        if any(kind.is_text for kind in columns.values()):
            places = [schema] if schema else self._path()
            columns |= next((texts for each in places if (texts := self._texts_of(each, table))), {})
        return columns

    def _texts_of(self, schema: str, table: str) -> dict[str, Type]:
        """DuckDB knows one type of text: the records know lengths, and that a text is a CHAR."""
        if self._texts is None:
            sql = """
                select "schema", "table", "column", "type" from _system.columns
                where starts_with("type", 'character')
            """
            self._texts = {}
            for place, relation, name, kind in self._session.execute(sql).fetchall():
                self._texts.setdefault((place, relation), {})[name] = _text(kind)
        return self._texts.get((schema, table), {})

    def functions(self, name: str) -> tuple[SqlFunction, ...]:
        """Return the scalar SQL functions of a name."""
        sql = "select arguments, result, body from _system.sql_functions where name = $name order by 1"
        rows = self._session.execute(sql, {"name": name}).fetchall()
        return tuple(
            SqlFunction(
                tuple(type_from(each) for each in re.split(r", (?![^(]*\))", arguments) if each),
                type_from(result),
                body,
            )
            for arguments, result, body in rows
        )


@cache
def _text(written: str) -> Type:
    return type_from(written)


@dataclass(frozen=True, slots=True)
class Said:
    """What a catalogue said while a statement was translated."""

    columns: dict[tuple[str, str], Mapping[str, Type]] = field(default_factory=dict)
    functions: dict[str, tuple[SqlFunction, ...]] = field(default_factory=dict)

    def is_as(self, seen: Catalogue) -> bool:
        """Return whether a session's catalogue says the same.

        Raises:
            RedshiftError: A table is no longer there.
        """
        return all(seen.columns(*key) == columns for key, columns in self.columns.items()) and all(
            seen.functions(name) == functions for name, functions in self.functions.items()
        )


class Recorded:
    """A session's catalogue, of which is written down what it says."""

    def __init__(self, seen: Catalogue) -> None:
        """Ask a session's."""
        self._seen = seen
        self.said = Said()

    def columns(self, schema: str, table: str) -> Mapping[str, Type]:
        """See `SessionCatalogue.columns`."""
        self.said.columns[schema, table] = found = self._seen.columns(schema, table)
        return found

    def functions(self, name: str) -> tuple[SqlFunction, ...]:
        """See `SessionCatalogue.functions`."""
        self.said.functions[name] = found = self._seen.functions(name)
        return found
