"""Columns of a table: as CREATE and ALTER TABLE write them, as DuckDB enforces them, as they are recorded.

Source: AWS, "CREATE TABLE". NOT NULL and the lengths of texts, which are bytes, are enforced; an encoding is
recorded, and no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.statements.column_types import ColumnType, read_type
from warehouse.redshift.statements.command import Context, literal, quoted
from warehouse.redshift.statements.reader import Reader
from warehouse.redshift.statements.relations import Found

_ENDS = (
    "collate", "default", "distkey", "encode", "generated", "identity", "not", "null", "primary",
    "references", "sortkey", "unique",
)  # fmt: skip
_ENCODINGS = frozenset(
    {
        *("az64", "bytedict", "delta", "delta32k", "lzo", "mostly8", "mostly16", "mostly32", "raw"),
        *("runlength", "text255", "text32k", "zstd"),
    }
)
_INTEGERS = {"integer", "bigint"}


@dataclass(frozen=True, slots=True)
class Identity:
    """A column that counts.

    Attributes:
        kind: always, or by default, where a statement may give a value of its own.
        seed: The first value.
        step: What is added for the next one.
    """

    kind: str
    seed: int
    step: int


@dataclass(frozen=True, slots=True)
class ColumnDefinition:
    """One column.

    Attributes:
        name: Of the column.
        type: Of its values.
        default: An expression of Redshift's SQL, or None.
        is_not_null: Whether it is enforced.
        encoding: As SVV_COLUMNS says it.
        identity: How it counts, or None.
        sequence: DuckDB's of an identity, as its SQL names it.
    """

    name: str
    type: ColumnType
    default: str | None = None
    is_not_null: bool = False
    encoding: str = "none"
    identity: Identity | None = None
    sequence: str | None = None


@dataclass(slots=True)
class Hints:
    """What a column's definition says beside the column.

    Attributes:
        is_distkey: Whether it is the distribution key.
        is_sortkey: Whether it is the sort key.
        constraints: Kind, and for a foreign key its table and columns.
    """

    is_distkey: bool = False
    is_sortkey: bool = False
    constraints: list[tuple[str, "tuple[str, str, tuple[str, ...]] | None"]] | None = None


def read_column(reader: Reader) -> tuple[ColumnDefinition, Hints]:
    """Step over the definition of a column.

    Raises:
        NotSupportedError: Its type or its collation is not there.
        RedshiftError: It is no definition.
    """
    column = ColumnDefinition(reader.identifier(), read_type(reader))
    hints = Hints(constraints=[])
    while (longer := _attribute(reader, column, hints)) is not None:
        column = longer
    if column.identity and column.type.written not in _INTEGERS:
        msg = f"identity column {column.name} must be of type integer or bigint"
        raise RedshiftError(msg, "42601")
    return column, hints


def _attribute(reader: Reader, column: ColumnDefinition, hints: Hints) -> ColumnDefinition | None:
    longer: ColumnDefinition | None = column
    if reader.take("default"):
        longer = replace(column, default=reader.expression(*_ENDS))
    elif reader.take("identity"):
        longer = _identity(reader, column, "always")
    elif reader.take("generated", "by", "default", "as", "identity"):
        longer = _identity(reader, column, "by default")
    elif reader.take("encode"):
        longer = replace(column, encoding=read_encoding(reader))
    elif reader.take("not", "null"):
        longer = replace(column, is_not_null=True)
    elif reader.take("collate"):
        if reader.keyword() not in {"case_sensitive", "cs"}:
            feature = "COLLATE CASE_INSENSITIVE"
            raise NotSupportedError(feature)
    elif not reader.take("null") and not _hint(reader, hints):
        longer = None
    return longer


def _hint(reader: Reader, hints: Hints) -> bool:
    constraints = hints.constraints if hints.constraints is not None else []
    if reader.take("distkey"):
        hints.is_distkey = True
    elif reader.take("sortkey"):
        hints.is_sortkey = True
    elif reader.take("primary", "key"):
        constraints.append(("p", None))
    elif reader.take("unique"):
        constraints.append(("u", None))
    elif reader.take("references"):
        constraints.append(("f", read_reference(reader)))
    else:
        return False
    return True


def read_reference(reader: Reader) -> tuple[str, str, tuple[str, ...]]:
    """Step over what follows REFERENCES; return schema, table and columns."""
    relation = reader.relation()
    token = reader.peek()
    columns = reader.names() if token and token.text == "(" else ()
    return relation.schema, relation.name, columns


def read_encoding(reader: Reader) -> str:
    """Step over an encoding and return it as the catalogue says it."""
    found = reader.keyword()
    if found not in _ENCODINGS:
        msg = f'encoding "{found}" is not there'
        raise RedshiftError(msg, "42601")
    return "none" if found == "raw" else found


def _identity(reader: Reader, column: ColumnDefinition, kind: str) -> ColumnDefinition:
    reader.expect("(")
    seed = reader.number()
    reader.expect(",")
    step = reader.number()
    reader.expect(")")
    if not step:
        msg = "the step of an identity must not be 0"
        raise RedshiftError(msg, "22023")
    return replace(column, identity=Identity(kind, seed, step), is_not_null=True)


def with_sequence(context: Context, column: ColumnDefinition, table: Found) -> ColumnDefinition:
    """Give an identity the sequence that it counts by; other columns are returned as they are."""
    if column.identity is None:
        return column
    ((number,),) = context.rows("select nextval('_system.ids')")
    schema = "temp.main" if table.is_temporary else "_system"
    sequence = f'{schema}."identity {number}"'
    seed, step = column.identity.seed, column.identity.step
    bounds = "minvalue -9223372036854775808 maxvalue 9223372036854775807"
    temporary = "temporary " if table.is_temporary else ""
    context.do(f"create {temporary}sequence {sequence} start {seed} increment {step} {bounds}")
    return replace(column, sequence=sequence)


def duckdb_default(context: Context, column: ColumnDefinition) -> str:
    """Return a column's default in DuckDB's SQL; nothing where it has none."""
    if column.sequence:
        return f"nextval({literal(column.sequence)})"
    if column.default is None:
        return ""
    tree, _ = context.lasting(f"select {column.default}")
    if not isinstance(tree, exp.Select) or len(tree.expressions) != 1 or tree.args.get("from_"):
        msg = f"a default must be one expression; got `{column.default}`"
        raise RedshiftError(msg, "42601")
    value = tree.expressions[0].unalias()
    if value.find(exp.Column, exp.Query):
        msg = f"cannot use columns or queries in a default; got `{column.default}`"
        raise RedshiftError(msg, "42P10")
    sql: str = value.sql("duckdb", identify=True)
    return f"cast({sql} as {column.type.duckdb})"


def duckdb_column(context: Context, column: ColumnDefinition) -> str:
    """Return the definition of a column for DuckDB's CREATE TABLE."""
    name = quoted(column.name)
    parts = [name, column.type.duckdb]
    if default := duckdb_default(context, column):
        parts.append(f"default ({default})")
    if column.is_not_null:
        parts.append("not null")
    size = f"strlen({name})"  # DuckDB's number of bytes, which costs nothing
    if column.type.is_char:  # the errors of these tell the types apart
        parts += [f"check ({column.type.length} >= {size})", f"check ({name} = rtrim({name}))"]
    elif column.type.length:
        parts.append(f"check ({size} <= {column.type.length})")
    return " ".join(parts)


_KINDS = (
    *("varchar", "integer", "varchar", "boolean", "varchar"),
    *("varchar", "bigint", "bigint", "varchar", "varchar"),
)
_RECORD = f"""insert into _system.columns select $1, $2,
    {", ".join(f"unnest(${place}::{kind}[])" for place, kind in enumerate(_KINDS, start=3))}, false, 0"""
"""Columns as lists: many rows of parameters would cost DuckDB more to read than to write."""


def record_columns(
    context: Context, table: Found, columns: Sequence[ColumnDefinition], first: int = 1
) -> None:
    """Write down columns, from a position on; their keys come with the layout."""
    if not columns:
        return
    rows = [
        (
            *(column.name, position, column.type.written, column.is_not_null, column.default),
            *(column.identity.kind if column.identity else "", column.identity and column.identity.seed),
            *(column.identity and column.identity.step, column.sequence, column.encoding),
        )
        for position, column in enumerate(columns, start=first)
    ]
    context.do(_RECORD, table.schema, table.name, *map(list, zip(*rows, strict=True)))


def recorded_columns(context: Context, table: Found) -> list[ColumnDefinition]:
    """Return the columns of a table as they are written down."""
    sql = """
        select "column", "type", "default", is_not_null, encoding, identity, seed, step, sequence
        from _system.columns where "schema" = ? and "table" = ? order by position
    """
    return [
        ColumnDefinition(
            name,
            read_type(Reader(kind, context.database)),
            default,
            is_not_null,
            encoding,
            Identity(identity, seed, step) if identity else None,
            sequence,
        )
        for name, kind, default, is_not_null, encoding, identity, seed, step, sequence in context.rows(
            sql, table.schema, table.name
        )
    ]
