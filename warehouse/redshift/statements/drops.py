"""DROP TABLE, DROP VIEW, DROP MATERIALIZED VIEW.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_DROP_TABLE.html, r_DROP_VIEW.html.
"""

from dataclasses import dataclass

from warehouse.redshift.dialect.names import check_written
from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import Kind, drop, find


@dataclass(frozen=True, slots=True)
class DropRelations:
    """DROP kind [IF EXISTS] name [, …] [CASCADE | RESTRICT]."""

    kind: Kind
    relations: tuple[Relation, ...]
    is_if_there: bool
    is_cascade: bool

    def run(self, context: Context) -> Result:
        """Drop them all, or none."""
        for relation in self.relations:
            check_written(relation)
            found = find(context, relation)
            if found is None:
                if self.is_if_there:
                    continue
                msg = f'{self.kind} "{relation.name}" does not exist'
                raise RedshiftError(msg, "42P01")
            if found.kind != self.kind:
                right = f"use DROP {found.kind.upper()} to remove a {found.kind}"
                msg = f'"{found.name}" is not a {self.kind}; {right}'
                raise RedshiftError(msg, "42809")
            drop(context, found, is_cascade=self.is_cascade)
        return Result(f"DROP {self.kind.upper()}")


def drop_relations(reader: Reader, kind: Kind) -> Command:
    """Read what follows DROP and the kind."""
    is_if_there = reader.take("if", "exists")
    relations = reader.relations()
    is_cascade = reader.take_one("cascade", "restrict") == "cascade"
    reader.end()
    return DropRelations(kind, relations, is_if_there, is_cascade)
