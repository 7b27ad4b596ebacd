"""CREATE TABLE: columns and constraints as Redshift means them, written as DuckDB enforces them."""

from dataclasses import dataclass

from sqlglot import exp, parse_one

from warehouse.redshift.dialect.meaning import DEFAULT_LENGTH, text_length
from warehouse.redshift.dialect.physical import Layout
from warehouse.redshift.errors import NotSupportedError

_HINTS = (exp.PrimaryKey, exp.ForeignKey, exp.UniqueColumnConstraint)
_COLUMN_HINTS = (exp.PrimaryKeyColumnConstraint, exp.UniqueColumnConstraint, exp.Reference)


@dataclass(frozen=True, slots=True)
class NewTable:
    """What a CREATE TABLE says beside its columns.

    Attributes:
        name: Of the table.
        layout: How it would lie on Redshift's nodes.
        is_temporary: Whether it ends with its session.
        is_if_missing: Whether one that is there already is left as it is.
        is_query: Whether its rows and columns are those of a query.
        like: The table whose columns it has, or nothing.
    """

    name: str
    layout: Layout
    is_temporary: bool
    is_if_missing: bool
    is_query: bool
    like: str = ""


def new_table(tree: exp.Create, layout: Layout) -> NewTable:
    """Return what a CREATE TABLE says, and leave in it what DuckDB is to see.

    Keys are hints on Redshift, which enforces none: they are taken out. Lengths are bytes, and are enforced.

    Raises:
        NotSupportedError: Columns of a table mixed with others, or a key that a column refers to itself.
    """
    properties = tree.args.get("properties")
    is_temporary = bool(properties and properties.find(exp.TemporaryProperty))
    schema, like = tree.this, ""
    if isinstance(schema, exp.Schema):
        if found := schema.find(exp.LikeProperty):
            if len(schema.expressions) != 1 or tree.expression:
                feature = "LIKE beside columns"
                raise NotSupportedError(feature)
            like = found.this.name
        for each in list(schema.expressions):
            if isinstance(each, _HINTS):
                each.pop()
            elif isinstance(each, exp.ColumnDef):
                _column(each)
    table = schema.this if isinstance(schema, exp.Schema) else schema
    is_if_missing = bool(tree.args.get("exists"))
    return NewTable(table.name, layout, is_temporary, is_if_missing, tree.expression is not None, like)


def copy_of(definition: str, name: str, *, is_temporary: bool) -> str:
    """Return DuckDB's statement for an empty table with the columns of another, without their defaults.

    >>> copy_of("CREATE TABLE t(a INTEGER NOT NULL DEFAULT(1));", "u", is_temporary=True)
    'CREATE TEMPORARY TABLE "u" ("a" INT NOT NULL)'
    """
    tree = parse_one(definition, read="duckdb")
    table = tree.find(exp.Table)
    if table:
        table.replace(exp.table_(name))
    for constraint in list(tree.find_all(exp.ColumnConstraint)):
        if isinstance(constraint.kind, exp.DefaultColumnConstraint):
            constraint.pop()
    temporary = [exp.TemporaryProperty()] if is_temporary else []
    tree.set("properties", exp.Properties(expressions=temporary))
    sql: str = tree.sql("duckdb", identify=True)
    return sql


def _column(column: exp.ColumnDef) -> None:
    for constraint in list(column.constraints):
        if isinstance(constraint.kind, _COLUMN_HINTS):
            constraint.pop()
    length = text_length(column.kind) if column.kind else None
    if length is not None:
        name = exp.column(column.name, quoted=True).sql("duckdb")
        fits = parse_one(f"octet_length(encode({name})) <= {length or DEFAULT_LENGTH}", read="duckdb")
        column.append("constraints", exp.ColumnConstraint(kind=exp.CheckColumnConstraint(this=fits)))
        column.set("kind", exp.DataType.build("text"))
