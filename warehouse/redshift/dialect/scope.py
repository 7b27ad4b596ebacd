"""Which columns a name may mean at one place of a query, and their types."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sqlglot import exp

from warehouse.redshift.dialect.sql_types import Type
from warehouse.redshift.errors import RedshiftError

type Columns = dict[str, Type]
"""Columns of a table or of a query, in their order."""


@dataclass(frozen=True, slots=True)
class SqlFunction:
    """A scalar function in SQL: its arguments' types, its result's, and the expression that it is."""

    arguments: tuple[Type, ...]
    result: Type
    body: str


class Catalogue(Protocol):
    """What the dialect asks of the warehouse's catalogue."""

    def columns(self, schema: str, table: str) -> Mapping[str, Type]:
        """Return the columns of a table or view.

        Raises:
            RedshiftError: It is not there.
        """

    def functions(self, name: str) -> tuple[SqlFunction, ...]:
        """Return the scalar SQL functions of a name."""


@dataclass(slots=True)
class Scope:
    """One SELECT's names.

    Attributes:
        parent: The query around it, whose columns a subquery may use.
        sources: Of the FROM clause, by alias.
        merged: Columns that USING made one of, and what each is.
        queries: Common table expressions, by name.
        aliases: Of the select list, as far as it is read: later expressions may use them.
        is_grouped: Whether an aggregate may stand here.
    """

    parent: "Scope | None" = None
    sources: dict[str, Columns] = field(default_factory=dict)
    merged: dict[str, tuple[exp.Expr, Type]] = field(default_factory=dict)
    queries: dict[str, Columns] = field(default_factory=dict)
    aliases: Columns = field(default_factory=dict)

    def query(self, name: str) -> Columns | None:
        """Return the columns of a common table expression."""
        if name in self.queries:
            return self.queries[name]
        return self.parent.query(name) if self.parent else None

    def source(self, name: str) -> Columns | None:
        """Return the columns of a source, here or around."""
        if name in self.sources:
            return self.sources[name]
        return self.parent.source(name) if self.parent else None

    def find(self, name: str) -> tuple[exp.Expr, Type] | None:
        """Return what a name means and its type.

        Raises:
            RedshiftError: More than one source has it.
        """
        if name in self.merged:
            node, kind = self.merged[name]
            return node.copy(), kind
        found = [(source, columns[name]) for source, columns in self.sources.items() if name in columns]
        if len(found) > 1:
            msg = f'column reference "{name}" is ambiguous'
            raise RedshiftError(msg, "42702")
        if found:
            source, kind = found[0]
            return exp.column(name, table=source, quoted=True), kind
        if name in self.aliases:
            return exp.column(name, quoted=True), self.aliases[name]
        return self.parent.find(name) if self.parent else None
