"""The columns that a COPY fills."""

import re
from dataclasses import dataclass

import duckdb

from warehouse.redshift.catalogue import tables as catalogue
from warehouse.redshift.dialect.copy_statement import CopyStatement
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError

_LENGTH = re.compile(r"\((\d+)\)")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is filled.

    Attributes:
        name: Of the column.
        kind: DuckDB's type, without its modifiers; CHAR for a text that is kept without blanks at its end.
        modifiers: Precision and scale of a DECIMAL, bytes of a text; empty for other types.
        is_required: Whether it is NOT NULL.
    """

    name: str
    kind: str
    modifiers: tuple[int, ...]
    is_required: bool

    @property
    def type_name(self) -> str:
        """What Redshift calls its type."""
        found = catalogue.type_of(self.kind)
        return found[0] if found else "super" if self.kind == "JSON" else self.kind.lower()

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return self.kind in {"CHAR", "VARCHAR"}

    @property
    def length(self) -> str:
        """Its length, or precision and scale, as STL_LOAD_ERRORS shows them."""
        return ", ".join(map(str, self.modifiers))


def filled_columns(session: duckdb.DuckDBPyConnection, copy: CopyStatement) -> list[Column]:
    """Return the columns that a COPY fills, in the order in which it names them.

    AWS, "Column mapping options": without a list they are all columns but those that are IDENTITY.

    Raises:
        NotSupportedError: It names a column that is IDENTITY.
        RedshiftError: There is no such table or column, or a column is named twice.
    """
    table = catalogue.require(session, copy.table)
    sql = """
        select name, type, not "notnull", coalesce(dflt_value, '') like 'nextval(%'
        from pragma_table_info(?) order by cid
    """
    place = "temp.main." if table.schema == "main" else ""
    named = f"{place}{Relation(table.name)}" if place else str(table)
    found = session.execute(sql, [named]).fetchall()
    written = _written(session, table)
    columns = {
        name: _column(name, kind, written.get(name, ""), is_required=not is_nullable)
        for name, kind, is_nullable, _ in found
    }
    counted = {name for name, *_, is_identity in found if is_identity}
    names = copy.columns or tuple(name for name in columns if name not in counted)
    if unknown := [name for name in names if name not in columns]:
        msg = f'column "{unknown[0]}" of relation "{table.name}" does not exist'
        raise RedshiftError(msg, "42703")
    if len(set(names)) < len(names):
        msg = "a column is named more than once in the column list"
        raise RedshiftError(msg, "42701")
    if given := sorted(counted & set(names)):
        feature = f"COPY into IDENTITY column `{given[0]}`, which takes EXPLICIT_IDS"
        raise NotSupportedError(feature)
    return [columns[name] for name in names]


def _written(session: duckdb.DuckDBPyConnection, table: Relation) -> dict[str, str]:
    """Return the types of columns as they were declared: DuckDB knows one type of text."""
    sql = """
        select "column", "type" from _system.columns where "table" = $name and "schema" =
            case when $schema = 'main' then 'pg_temp_' || getvariable('backend_pid') else $schema end
    """
    return dict(session.execute(sql, {"name": table.name, "schema": table.schema}).fetchall())


def _column(name: str, kind: str, written: str, *, is_required: bool) -> Column:
    bare, _, rest = kind.partition("(")
    if bare != "VARCHAR":
        modifiers = tuple(int(each) for each in rest.rstrip(")").split(",")) if rest else ()
        return Column(name, bare, modifiers, is_required)
    length = _LENGTH.search(written)
    kind = "CHAR" if written.startswith("character(") else bare
    return Column(name, kind, (int(length[1]),) if length else (), is_required)
