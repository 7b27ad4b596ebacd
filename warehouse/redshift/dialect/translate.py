"""From Redshift's SQL to DuckDB's: what a statement is, and what DuckDB is told in its place.

sqlglot does most. The first word decides, `allowed` refuses by name what is not known to mean the same, and
`meaning` puts right what sqlglot leaves with another meaning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token

from warehouse.redshift.dialect.allowed import check, check_written
from warehouse.redshift.dialect.copy_statement import CopyStatement, parse_copy
from warehouse.redshift.dialect.create_table import NewTable, new_table
from warehouse.redshift.dialect.labels import label_columns
from warehouse.redshift.dialect.meaning import NOW, bind, lower_names, mean_as_redshift
from warehouse.redshift.dialect.physical import Layout, split_layout
from warehouse.redshift.dialect.tokens import Tokens, tokenize, word
from warehouse.redshift.errors import NotSupportedError, ParameterError, RedshiftError

Kind = Literal["copy", "create table", "drop table", "lock", "merge", "query", "truncate", "write"]

_TRANSACTION = {"abort", "begin", "commit", "end", "rollback", "start"}
_WORDS = {"select", "with", "(", "insert", "update", "delete", "merge", "create", "drop", "truncate"}
_CONFUSED = {"add_months", "current_timestamp", "localtimestamp", "now"}
"""Functions that sqlglot takes for others, which mean something else."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, ready for the engine.

    Attributes:
        kind: What the engine has to do with it.
        sql: In DuckDB's dialect; empty where `kind` says it all.
        tables: What a LOCK names, or the table that is created or dropped.
        merge_check: For a MERGE, a query that returns a row when two source rows match one target.
        new_table: For a CREATE TABLE, what DuckDB's statement does not say.
        copy: For a COPY, what it asks for.
        is_timed: Whether `sql` takes the time at which it starts, as parameter `NOW`.
    """

    kind: Kind
    sql: str = ""
    tables: tuple[str, ...] = ()
    merge_check: str = ""
    new_table: NewTable | None = None
    copy: CopyStatement | None = None
    is_timed: bool = False


def translate(sql: str, parameters: Mapping[str, str] | None = None) -> Statement:
    """Return one statement of Redshift's SQL for DuckDB, each `:name` replaced by its parameter.

    Raises:
        NotSupportedError: It holds something that is not on the allow list.
        ParameterError: A parameter is missing, or is not used.
        RedshiftError: It is no statement, or more than one.
    """
    tokens = tokenize(sql)
    first = word(tokens[0])
    if first in {"copy", "lock"}:
        if parameters:
            msg = f"{first.upper()} takes no parameters"
            raise ParameterError(msg)
        return _copy(tokens) if first == "copy" else _lock(tokens)
    if first in _TRANSACTION:
        feature = f"{first.upper()}: a statement is a transaction, and so is a batch"
        raise NotSupportedError(feature)
    if first not in _WORDS:
        feature = f"{tokens[0].text.split()[0].upper()} statements"
        raise NotSupportedError(feature)
    for token in tokens:
        if word(token) in _CONFUSED:
            feature = f"function {token.text.upper()}"
            raise NotSupportedError(feature)
    layout = Layout()
    if first == "create" and "table" in {word(token) for token in tokens[1:4]}:
        sql, layout = split_layout(sql, tokens)
    tree = _parse(sql)
    _read_insert_values(tree)
    lower_names(tree)
    bind(tree, parameters or {})
    check(tree)
    label_columns(tree)
    return _statement(tree, layout)


def _parse(sql: str) -> exp.Expr:
    try:
        tree: exp.Expr = parse_one(sql, read="redshift", error_level=ErrorLevel.RAISE)
    except SqlglotError as error:
        msg = f"syntax error: {str(error).splitlines()[0]}"
        raise RedshiftError(msg) from None
    return tree


def _read_insert_values(tree: exp.Expr) -> None:
    """Take INSERT VALUES (…) of a MERGE for what it is: sqlglot sees a function in a list of columns."""
    for when in tree.find_all(exp.When):
        insert = when.args["then"]
        columns = insert.this if isinstance(insert, exp.Insert) else None
        values = columns.expressions[0] if isinstance(columns, exp.Tuple) else None
        if isinstance(values, exp.Anonymous) and values.name.lower() == "values":
            insert.set("this", None)
            insert.set("expression", exp.Tuple(expressions=values.expressions))


def _copy(tokens: list[Token]) -> Statement:
    copy = parse_copy(tokens)
    check_written(copy.table)
    return Statement("copy", copy=copy)


def _lock(tokens: list[Token]) -> Statement:
    # sqlglot takes all that follows for one text.
    rest = Tokens(tokenize(tokens[1].text) if len(tokens) > 1 else [])
    rest.take("table")
    tables = [rest.table()]
    while rest.take(","):
        tables.append(rest.table())
    if rest.peek():
        rest.fail()
    return Statement("lock", tables=tuple(tables))


def _statement(tree: exp.Expr, layout: Layout) -> Statement:
    match tree:
        case exp.Create() if tree.kind == "TABLE":
            statement = _create_table(tree, layout)
        case exp.Drop():
            statement = _drop(tree)
        case exp.TruncateTable():
            statement = _written(tree, tree.expressions[0], "truncate")
        case exp.Merge():
            statement = _merge(tree)
        case exp.Create() | exp.Insert() | exp.Update() | exp.Delete():
            if tables := tree.args.get("tables"):  # DELETE without FROM, which Redshift has
                tree.set("this", tables[0])
                tree.set("tables", None)
            statement = _written(tree, tree.this)
        case _:
            mean_as_redshift(tree)
            statement = _ready("query", tree)
    return statement


def _ready(kind: Kind, tree: exp.Expr, tables: tuple[str, ...] = ()) -> Statement:
    is_timed = any(each.name == NOW for each in tree.find_all(exp.Placeholder))
    return Statement(kind, _duckdb(tree), tables, is_timed=is_timed)


def _duckdb(tree: exp.Expr) -> str:
    sql: str = tree.sql("duckdb", identify=True, comments=False)
    return sql


def _written(tree: exp.Expr, target: exp.Expr, kind: Kind = "write") -> Statement:
    table = target.find(exp.Table)
    name = table.name if table else ""
    check_written(name)
    mean_as_redshift(tree)
    return _ready(kind, tree, (name,))


def _drop(tree: exp.Drop) -> Statement:
    tables = tree.args["tables"]
    if len(tables) != 1:
        feature = "DROP of more than one table"
        raise NotSupportedError(feature)
    return _written(tree, tables[0], "drop table" if tree.kind == "TABLE" else "write")


def _create_table(tree: exp.Create, layout: Layout) -> Statement:
    if tree.args.get("replace"):
        feature = "CREATE OR REPLACE TABLE"
        raise NotSupportedError(feature)
    table = new_table(tree, layout)
    check_written(table.name)
    if table.like:
        return Statement("create table", tables=(table.name,), new_table=table)
    mean_as_redshift(tree)
    ready = _ready("create table", tree, (table.name,))
    return Statement(ready.kind, ready.sql, ready.tables, new_table=table, is_timed=ready.is_timed)


def _merge(tree: exp.Merge) -> Statement:
    """Read MERGE as Redshift has it: two tables, and a row that matches is changed, another inserted.

    Redshift fails where two source rows match one target row; DuckDB would take either.
    """
    target, source = tree.this, tree.args["using"]
    if not isinstance(source, exp.Table):
        feature = "MERGE from a query; make it a temporary table"
        raise NotSupportedError(feature)
    if target.alias:
        msg = f'syntax error at or near "{target.alias}"; the target of a MERGE has no alias'
        raise RedshiftError(msg)
    matched = [bool(when.args.get("matched")) for when in tree.args["whens"].expressions]
    if matched != [True, False]:
        msg = "MERGE must have WHEN MATCHED and then WHEN NOT MATCHED, one of each"
        raise RedshiftError(msg)
    ready = _written(tree, target, "merge")
    matches = exp.select("1").from_(target.copy()).join(source.copy(), on=tree.args["on"].copy())
    row = exp.column("rowid", table=target.name, quoted=True)
    twice = matches.group_by(row).having("count(*) > 1").limit(1)
    return Statement("merge", ready.sql, ready.tables, merge_check=_duckdb(twice), is_timed=ready.is_timed)
