"""CREATE TABLE and CREATE TABLE AS.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_CREATE_TABLE_NEW.html, r_CREATE_TABLE_AS.html. Keys
are hints on Redshift, which enforces none: they are recorded.
"""

from dataclasses import dataclass, replace

from warehouse.redshift.dialect.tokens import Relation, word
from warehouse.redshift.errors import NotSupportedError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.columns import (
    ColumnDefinition,
    duckdb_column,
    read_column,
    read_reference,
    record_columns,
    recorded_columns,
    with_sequence,
)
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.layout import Layout, read_layout
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import check_free, check_once, find, place_of, require
from warehouse.redshift.statements.tables import (
    Constraint,
    fill_from_query,
    record_constraints,
    record_layout,
    record_table,
    recorded_layout,
)
from warehouse.redshift.statements.views import bind_late


@dataclass(frozen=True, slots=True)
class Like:
    """LIKE table [INCLUDING DEFAULTS], in the place of columns."""

    relation: Relation
    has_defaults: bool


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE [TEMP] TABLE [IF NOT EXISTS] name (columns, constraints, LIKE …) [attributes]."""

    relation: Relation
    parts: tuple[ColumnDefinition | Like, ...]
    constraints: tuple[Constraint, ...]
    layout: Layout
    is_temporary: bool
    is_if_missing: bool

    @property
    def has_identity(self) -> bool:
        """Whether a column counts by itself; one of a table that it is like never does."""
        return any(isinstance(part, ColumnDefinition) and part.identity for part in self.parts)

    def run(self, context: Context) -> Result:
        """Create it, and write down what DuckDB does not keep."""
        table = place_of(context, self.relation, is_temporary=self.is_temporary)
        if self.is_if_missing and find(context, Relation(table.name, table.schema)):
            return Result("CREATE TABLE")
        check_free(context, table)
        layout, columns = self.layout, []
        for part in self.parts:
            if isinstance(part, Like):
                other = require(context, part.relation, "table")
                columns += [_like(each, part) for each in recorded_columns(context, other)]
                layout = recorded_layout(context, other)
            else:
                columns.append(part)
        names = tuple(column.name for column in columns)
        check_once(names)
        layout.check(names)
        columns = [with_sequence(context, column, table) for column in columns]
        definitions = ", ".join(duckdb_column(context, column) for column in columns)
        temporary = "temporary " if table.is_temporary else ""
        context.do(f"create {temporary}table {table} ({definitions})")
        record_table(context, table, layout)
        record_columns(context, table, columns)
        if layout.has_keys:
            record_layout(context, table, layout)
        record_constraints(context, table, self.constraints)
        bind_late(context, table)
        return Result("CREATE TABLE")


@dataclass(frozen=True, slots=True)
class CreateTableAs:
    """CREATE [TEMP] TABLE [IF NOT EXISTS] name [(names)] [attributes] AS query."""

    relation: Relation
    names: tuple[str, ...]
    query: str
    layout: Layout
    is_temporary: bool
    is_if_missing: bool

    @property
    def has_identity(self) -> bool:
        """Whether a column counts by itself: none that a query makes."""
        return False

    def run(self, context: Context) -> Result:
        """Create it from the rows of its query."""
        table = place_of(context, self.relation, is_temporary=self.is_temporary)
        if self.is_if_missing and find(context, Relation(table.name, table.schema)):
            return Result("CREATE TABLE AS")
        check_free(context, table)
        count = fill_from_query(context, table, self.names, context.stored(self.query), self.layout)
        bind_late(context, table)
        return Result("SELECT", affected=count)


def create_table(reader: Reader, *, is_temporary: bool) -> Command:
    """Read what follows CREATE TABLE."""
    is_if_missing = reader.take("if", "not", "exists")
    relation = reader.relation()
    is_temporary = is_temporary or relation.name.startswith("#")
    if _has_only_names(reader):
        names = reader.names() if _is_open(reader) else ()
        layout = read_layout(reader)
        reader.expect("as")
        return CreateTableAs(relation, names, reader.rest(), layout, is_temporary, is_if_missing)
    parts, constraints, layout = _definitions(reader)
    layout = read_layout(reader, layout)
    reader.end()
    return CreateTable(relation, parts, constraints, layout, is_temporary, is_if_missing)


def _is_open(reader: Reader) -> bool:
    token = reader.peek()
    return token is not None and word(token) == "("


def _has_only_names(reader: Reader) -> bool:
    """Whether no definition of columns follows: then it is made from a query."""
    ahead = [word(token) for token in reader.ahead(3)]
    return ahead[:1] != ["("] or ahead[2:3] in ([","], [")"])


def _definitions(
    reader: Reader,
) -> tuple[tuple[ColumnDefinition | Like, ...], tuple[Constraint, ...], Layout]:
    parts: list[ColumnDefinition | Like] = []
    constraints: list[Constraint] = []
    layout = Layout()
    reader.expect("(")
    while True:
        if reader.take("like"):
            relation = reader.relation()
            has_defaults = reader.take_one("including defaults", "excluding defaults").startswith("including")
            parts.append(Like(relation, has_defaults))
        elif (constraint := read_constraint(reader)) is not None:
            constraints.append(constraint)
        else:
            column, hints = read_column(reader)
            parts.append(column)
            for kind, reference in hints.constraints or ():
                constraints.append(Constraint("", kind, (column.name,), reference))
            if hints.is_distkey:
                layout = replace(layout, dist_key=column.name)
            if hints.is_sortkey:
                keys = (*layout.sort_keys, column.name)
                layout = replace(layout, sort_style="COMPOUND", sort_keys=keys)
        if not reader.take(","):
            break
    reader.expect(")")
    return tuple(parts), tuple(constraints), layout


def read_constraint(reader: Reader) -> Constraint | None:
    """Step over a constraint of a table and return it; None where none comes next.

    Raises:
        NotSupportedError: It is a CHECK, which Redshift has not.
    """
    name = reader.identifier() if reader.take("constraint") else ""
    if reader.take("primary", "key"):
        return Constraint(name, "p", reader.names())
    if reader.ahead_is("unique", "("):
        reader.expect("unique")
        return Constraint(name, "u", reader.names())
    if reader.take("foreign", "key"):
        columns = reader.names()
        reader.expect("references")
        return Constraint(name, "f", columns, read_reference(reader))
    if name:
        feature = "a constraint that is no PRIMARY KEY, UNIQUE or FOREIGN KEY"
        raise NotSupportedError(feature)
    return None


def _like(column: ColumnDefinition, like: Like) -> ColumnDefinition:
    """AWS: LIKE takes over names, types and NOT NULL, and defaults where it says so; no identity."""
    default = column.default if like.has_defaults else None
    return replace(column, default=default, identity=None, sequence=None)
