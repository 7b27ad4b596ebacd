"""ANALYZE, VACUUM and EXPLAIN.

Source: AWS, "ANALYZE", "VACUUM", "EXPLAIN". DuckDB keeps rows neither sorted nor in need of room to be won
back by statement, so VACUUM does nothing but look that the table is there. EXPLAIN shows DuckDB's plan.
"""

from dataclasses import dataclass
from datetime import UTC, datetime

from warehouse.redshift.dialect.moments import NOW
from warehouse.redshift.dialect.tokens import Relation, word
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.result import Column, Result
from warehouse.redshift.statements.command import Command, Context, quoted, texts
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import columns_of, require
from warehouse.redshift.statements.show import shown


@dataclass(frozen=True, slots=True)
class Analyze:
    """ANALYZE [VERBOSE] [table [(columns)]]: DuckDB's own, of one table or of all."""

    relation: Relation | None
    columns: tuple[str, ...]

    def run(self, context: Context) -> Result:
        """Have DuckDB count values anew."""
        if self.relation is None:
            context.do("analyze")
            return Result("ANALYZE")
        table = require(context, self.relation, "table", "materialized view")
        there = columns_of(context, table)
        if missing := [name for name in self.columns if name not in there]:
            msg = f'column "{missing[0]}" of relation "{table.name}" does not exist'
            raise RedshiftError(msg, "42703")
        names = f" ({', '.join(map(quoted, self.columns))})" if self.columns else ""
        context.do(f"analyze {table}{names}")
        return Result("ANALYZE")


@dataclass(frozen=True, slots=True)
class Vacuum:
    """VACUUM [kind] [table]."""

    relation: Relation | None

    def run(self, context: Context) -> Result:
        """Look that the table is there."""
        if context.is_in_block():
            msg = "VACUUM cannot run inside a transaction block"
            raise RedshiftError(msg, "25001")
        if self.relation:
            require(context, self.relation, "table", "materialized view")
        return Result("VACUUM")


@dataclass(frozen=True, slots=True)
class Explain:
    """EXPLAIN [VERBOSE] query: the plan of DuckDB, which has no cost of Redshift's."""

    sql: str

    @property
    def columns(self) -> tuple[Column, ...]:
        """Of the result."""
        return texts("QUERY PLAN")

    def run(self, context: Context) -> Result:
        """Return the plan, a row a line."""
        statement = context.translated(self.sql)
        if statement.kind not in {"query", "write", "merge"}:
            feature = "EXPLAIN of other than a query or a change of rows"
            raise NotSupportedError(feature)
        parameters = {NOW: datetime.now(UTC).replace(tzinfo=None)} if statement.is_timed else None
        rows = context.connection.execute(f"explain {statement.sql}", parameters).fetchall()
        lines = [line for _, plan in rows for line in plan.splitlines()]
        return shown(
            self.columns, [("DuckDB's plan, not Redshift's:",), *((line,) for line in lines)], "EXPLAIN"
        )


def analyze(reader: Reader) -> Command:
    """Read what follows ANALYZE."""
    if reader.take("compression"):
        feature = "ANALYZE COMPRESSION"
        raise NotSupportedError(feature)
    reader.take("verbose")
    columns: tuple[str, ...] = ()
    relation = None if reader.is_at_end else reader.relation()
    token = reader.peek()
    if relation and token and word(token) == "(":
        columns = reader.names()
    reader.take_one("predicate columns", "all columns")
    reader.end()
    return Analyze(relation, columns)


def vacuum(reader: Reader) -> Command:
    """Read what follows VACUUM."""
    reader.take_one("full", "sort only", "delete only", "reindex", "recluster")
    relation = None if reader.is_at_end else reader.relation()
    if reader.take("to"):
        reader.number()
        reader.expect("percent")
    reader.take("boost")
    reader.end()
    return Vacuum(relation)


def explain(reader: Reader) -> Command:
    """Read what follows EXPLAIN."""
    reader.take("verbose")
    return Explain(reader.rest())
