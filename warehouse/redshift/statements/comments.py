"""COMMENT ON: what a relation, a column, a schema or the database is for.

Source: https://docs.aws.amazon.com/redshift/latest/dg/r_COMMENT.html.
"""

from dataclasses import dataclass

from warehouse.redshift.dialect.tokens import Relation
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.result import Result
from warehouse.redshift.statements.command import Command, Context
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import columns_of, require, require_schema

_MAY_SAY = {
    "materialized view": ("column", "materialized view", "view"),
    "table": ("column", "table"),
    "view": ("column", "view"),
}
"""How a statement may call what a relation is."""


@dataclass(frozen=True, slots=True)
class Comment:
    """COMMENT ON kind name IS 'text' | NULL.

    Attributes:
        kind: database, schema, table, view, materialized view or column.
        relation: What it is on; of a database nothing, of a schema its name.
        column: Of the relation, or nothing.
        text: The comment; None takes it away.
    """

    kind: str
    relation: Relation
    column: str
    text: str | None

    def run(self, context: Context) -> Result:
        """Put it in the place of the one that is there."""
        kind, schema, name = self.kind, self.relation.schema, self.relation.name
        if kind == "schema":
            schema, name = name, ""
            require_schema(context, schema)
        elif kind != "database":
            found = require(context, self.relation)
            if kind not in _MAY_SAY[found.kind]:
                msg = f'"{name}" is not a {kind}'
                raise RedshiftError(msg, "42809")
            if self.column and self.column not in columns_of(context, found):
                msg = f'column "{self.column}" of relation "{name}" does not exist'
                raise RedshiftError(msg, "42703")
            schema = found.schema
            kind = "view" if kind == "materialized view" else kind
        key = (kind, schema, name, self.column)
        sql = 'delete from _system.comments where kind = ? and "schema" = ? and relation = ? and "column" = ?'
        context.do(sql, *key)
        if self.text:
            context.do("insert into _system.comments values (?, ?, ?, ?, ?)", *key, self.text)
        return Result("COMMENT")


def comment(reader: Reader) -> Command:
    """Read what follows COMMENT."""
    reader.expect("on")
    column = ""
    kind = reader.take_one("column", "database", "schema", "materialized view", "table", "view")
    if not kind:
        feature = f"COMMENT ON {reader.keyword().upper()}"
        raise NotSupportedError(feature)
    if kind == "column":
        relation, column = reader.column()
    elif kind == "database":
        reader.check_database(reader.identifier())
        relation = Relation("")
    else:
        relation = Relation(reader.schema()) if kind == "schema" else reader.relation()
    reader.expect("is")
    text = None if reader.take("null") else reader.text()
    reader.end()
    return Comment(kind, relation, column, text)
