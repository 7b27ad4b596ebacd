"""From Redshift's SQL to DuckDB's: what a statement is, and what DuckDB is told in its place.

sqlglot does most. The first word decides, `allowed` refuses by name what is not known to mean the same, and
`meaning` puts right what sqlglot leaves with another meaning.
"""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Literal

from sqlglot import ErrorLevel, exp
from sqlglot.errors import UnsupportedError
from sqlglot.tokenizer_core import Token, TokenType

from warehouse.redshift.dialect.allowed import check
from warehouse.redshift.dialect.copy_statement import CopyStatement, parse_copy
from warehouse.redshift.dialect.grammar import parse
from warehouse.redshift.dialect.meaning import bind, lower_names, mean_as_redshift, mean_as_stored
from warehouse.redshift.dialect.merging import REMOVED, merge_check, replaced, split_remove_duplicates
from warehouse.redshift.dialect.moments import NOW
from warehouse.redshift.dialect.names import check_written, settle_names
from warehouse.redshift.dialect.scope import Catalogue, Columns
from warehouse.redshift.dialect.select_into import split_into
from warehouse.redshift.dialect.sql_functions import sql_function_change
from warehouse.redshift.dialect.sql_types import Type
from warehouse.redshift.dialect.system_query import read_system_query
from warehouse.redshift.dialect.tokens import Relation, Tokens, first_word, tokenize, word
from warehouse.redshift.dialect.unload_statement import UnloadStatement, parse_unload
from warehouse.redshift.errors import NotSupportedError, ParameterError, RedshiftError
from warehouse.redshift.statements.binding import filled
from warehouse.redshift.statements.command import Command, literal
from warehouse.redshift.statements.router import OF_SESSION, is_command, read_command
from warehouse.redshift.statements.sql_functions import SqlFunctionChange

Kind = Literal[
    "begin",
    "command",
    "commit",
    "copy",
    "lock",
    "merge",
    "query",
    "rollback",
    "session",
    "truncate",
    "unload",
    "write",
]

_TRANSACTION: dict[str, Kind] = {
    "abort": "rollback",
    "begin": "begin",
    "commit": "commit",
    "end": "commit",
    "rollback": "rollback",
    "start": "begin",
}
_LEVELS = ("serializable", "repeatable read", "read committed", "read uncommitted")
_WORDS = {"select", "with", "(", "insert", "update", "delete", "merge", "truncate"}


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, ready for the engine.

    Attributes:
        kind: What the engine has to do with it.
        sql: In DuckDB's dialect; empty where `kind` says it all.
        tag: The words that PostgreSQL's protocol ends it with.
        relations: What a LOCK names, or the table that is written.
        columns: Of that table, as an INSERT names them.
        merge_check: For a MERGE, a query that returns a row when two source rows match one target.
        command: For what is neither a query nor a change of rows, what runs it.
        copy: For a COPY, what it asks for.
        unload: For an UNLOAD, what becomes of the rows of `sql`.
        made: For a query of other than the system's relations, its columns.
        read_only: For a BEGIN, on or off; empty where it is not said.
        is_timed: Whether `sql` takes the time at which it starts, as parameter `NOW`.
    """

    kind: Kind
    sql: str = ""
    tag: str = ""
    relations: tuple[Relation, ...] = ()
    merge_check: str = ""
    columns: tuple[str, ...] = ()
    command: Command | None = None
    copy: CopyStatement | None = None
    unload: UnloadStatement | None = None
    made: tuple[tuple[str, Type], ...] = ()
    read_only: Literal["", "off", "on"] = ""
    is_timed: bool = False


def translate(  # noqa: PLR0911  # one way a kind of statement
    sql: str, database: str, catalogue: Catalogue, parameters: Mapping[str, str] | None = None
) -> Statement:
    """Return one statement of Redshift's SQL for DuckDB, each `:name` replaced by its parameter.

    Args:
        sql: The statement.
        database: That it is run in; it may stand before the names of schemas.
        catalogue: Knows the columns of tables, as the session sees them.
        parameters: Values by name.

    Raises:
        NotSupportedError: It holds something that is not on the allow list.
        ParameterError: A parameter is missing, or is not used.
        RedshiftError: It is no statement, or more than one.
    """
    tokens = tokenize(sql)
    first = word(tokens[0])
    if first in {"copy", "lock", "unload"}:
        if parameters:
            msg = f"{first.upper()} takes no parameters"
            raise ParameterError(msg)
        if first == "unload":
            return _unload(tokens, database, catalogue)
        return _copy(sql, tokens) if first == "copy" else _lock(tokens)
    if first in _TRANSACTION:
        return _control(tokens)
    if change := sql_function_change(tokens, catalogue):
        return Statement("command", command=SqlFunctionChange(change, f"{first.upper()} FUNCTION"))
    if is_command(first):
        kind: Kind = "session" if first in OF_SESSION else "command"
        return Statement(kind, command=read_command(_bound(sql, database, parameters), first, database))
    if first not in _WORDS:
        feature = f"{tokens[0].text.split()[0].upper()} statements"
        raise NotSupportedError(feature)
    if not parameters and (system := read_system_query(sql, tokens, database)):
        return _ready("query", system)
    if into := split_into(sql, tokens):
        return Statement("command", command=read_command(into, "create", database))
    written = split_remove_duplicates(sql, tokens) if first == "merge" else sql
    tree = parse(written, tokens if written is sql else None)
    _read_insert_values(tree)
    bind(tree, parameters or {})
    _settle(tree, database)
    return _statement(tree, catalogue)


def stored(query: str, database: str, catalogue: Catalogue) -> Statement:
    """Return a query whose rows are kept in a table, not shown: a CHAR is kept without blanks at its end.

    Raises:
        NotSupportedError: It holds something that is not on the allow list.
        RedshiftError: It is no query.
    """
    tree, columns = mean_as_stored(_query(query, database), catalogue, is_lasting=False)
    return _with_columns(tree, columns)


def _with_columns(tree: exp.Expr, columns: Columns) -> Statement:
    made = tuple((name.rstrip(" "), kind) for name, kind in columns.items())
    return replace(_ready("query", tree), made=made)


def lasting(query: str, database: str, catalogue: Catalogue) -> tuple[exp.Expr, Columns]:
    """Return a query for DuckDB that is kept, for a view or a default, and its columns; GETDATE() is at use.

    Raises:
        NotSupportedError: It holds something that is not on the allow list.
        RedshiftError: It is no query.
    """
    return mean_as_stored(_query(query, database), catalogue, is_lasting=True)


def _query(query: str, database: str) -> exp.Expr:
    tree = parse(query, tokenize(query))
    if not isinstance(tree, exp.Query):
        msg = "syntax error: a query is expected"
        raise RedshiftError(msg, "42601")
    _settle(tree, database)
    return tree


def _settle(tree: exp.Expr, database: str) -> None:
    lower_names(tree)
    check(tree)
    settle_names(tree, database)


def _bound(sql: str, database: str, parameters: Mapping[str, str] | None) -> str:
    """Put the values of `:name` in, as texts."""
    if not parameters:
        return sql
    unused = dict.fromkeys(parameters)

    def value(name: str) -> str:
        if name not in parameters:
            msg = f"there is no value for parameter `:{name}`"
            raise ParameterError(msg)
        unused.pop(name, None)
        return literal(parameters[name])

    bound = filled(sql, database, TokenType.COLON, value)
    if unused:
        msg = f"the statement does not use parameter `{next(iter(unused))}`"
        raise ParameterError(msg)
    return bound


def _read_insert_values(tree: exp.Expr) -> None:
    """Take INSERT VALUES (…) of a MERGE for what it is: sqlglot sees a function in a list of columns."""
    for when in tree.find_all(exp.When):
        insert = when.args["then"]
        columns = insert.this if isinstance(insert, exp.Insert) else None
        values = columns.expressions[0] if isinstance(columns, exp.Tuple) else None
        if isinstance(values, exp.Anonymous) and values.name.lower() == "values":
            insert.set("this", None)
            insert.set("expression", exp.Tuple(expressions=values.expressions))


def _copy(sql: str, tokens: list[Token]) -> Statement:
    copy = parse_copy(sql, tokens)
    check_written(copy.table)
    return Statement("copy", copy=copy)


def _unload(tokens: list[Token], database: str, catalogue: Catalogue) -> Statement:
    # sqlglot takes all that follows for one text.
    query, unload = parse_unload(tokens[1].text if len(tokens) > 1 else "")
    inner = translate(query, database, catalogue)
    if inner.kind != "query":
        msg = "UNLOAD takes a query"
        raise RedshiftError(msg, "42601")
    return replace(inner, kind="unload", unload=unload)


def _lock(tokens: list[Token]) -> Statement:
    # sqlglot takes all that follows for one text.
    rest = Tokens(tokenize(tokens[1].text) if len(tokens) > 1 else [])
    rest.take("table")
    relations = [rest.relation()]
    while rest.take(","):
        relations.append(rest.relation())
    if rest.peek():
        rest.fail()
    return Statement("lock", relations=tuple(relations))


def _control(tokens: list[Token]) -> Statement:
    """Read BEGIN, COMMIT, ROLLBACK and their other words; every isolation level is SERIALIZABLE here."""
    rest = Tokens(tokens)
    first = word(rest.next())
    read_only: Literal["", "off", "on"] = ""
    if first == "start":
        rest.expect("transaction")
    elif not rest.take("transaction"):
        rest.take("work")
    if _TRANSACTION[first] == "begin":
        if rest.take("isolation", "level") and not any(rest.take(*level.split()) for level in _LEVELS):
            rest.fail()
        read_only = "on" if rest.take("read", "only") else "off" if rest.take("read", "write") else ""
    if rest.peek():
        rest.fail()
    return Statement(_TRANSACTION[first], read_only=read_only)


def is_control(sql: str) -> bool:
    """Return whether a statement begins or ends a transaction."""
    return first_word(sql) in _TRANSACTION


def copies_of(sqls: Iterable[str]) -> list[CopyStatement]:
    """Return the COPYs among statements, up to the first that cannot be read: it is told when it runs."""
    copies = []
    for sql in sqls:
        if first_word(sql) == "copy":
            try:
                copies.append(parse_copy(sql, tokenize(sql)))
            except RedshiftError:
                break
    return copies


def locked_by(sqls: Iterable[str]) -> list[str]:
    """Return the names of what statements LOCK; one that cannot be read is told when it runs."""
    names: list[str] = []
    for sql in sqls:
        if first_word(sql) == "lock":
            with suppress(RedshiftError):
                names += [relation.name for relation in _lock(tokenize(sql)).relations]
    return names


def _statement(tree: exp.Expr, catalogue: Catalogue) -> Statement:
    match tree:
        case exp.TruncateTable():
            statement = _written(tree, tree.expressions[0], catalogue, "truncate")
        case exp.Merge():
            statement = _merge(tree, catalogue)
        case exp.Insert() | exp.Update() | exp.Delete():
            if tables := tree.args.get("tables"):  # DELETE without FROM, which Redshift has
                tree.set("this", tables[0])
                tree.set("tables", None)
            statement = _written(tree, tree.this, catalogue)
        case _:
            statement = _with_columns(*mean_as_redshift(tree, catalogue))
    return statement


def _ready(kind: Kind, tree: exp.Expr, tag: str = "SELECT", *relations: Relation) -> Statement:
    is_timed = any(each.name == NOW for each in tree.find_all(exp.Placeholder))
    return Statement(kind, _duckdb(tree), tag, relations, is_timed=is_timed)


def _duckdb(tree: exp.Expr) -> str:
    try:
        sql: str = tree.sql("duckdb", identify=True, comments=False, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise NotSupportedError(str(error)) from None
    return sql


def _written(tree: exp.Expr, target: exp.Expr, catalogue: Catalogue, kind: Kind = "write") -> Statement:
    table = target.find(exp.Table)
    relation = Relation(table.name, table.text("db")) if table else Relation("")
    check_written(relation)
    columns = tuple(each.name for each in target.expressions) if isinstance(target, exp.Schema) else ()
    mean_as_redshift(tree, catalogue)
    return replace(_ready(kind, tree, _tag(tree), relation), columns=columns)


def _tag(tree: exp.Expr) -> str:
    """Return the words that end a statement; a number of rows may follow."""
    if isinstance(tree, exp.Insert):
        return "INSERT 0"
    return "TRUNCATE TABLE" if isinstance(tree, exp.TruncateTable) else tree.key.upper()


def _merge(tree: exp.Merge, catalogue: Catalogue) -> Statement:
    """Read MERGE as Redshift has it: two tables, and a row that matches is changed, another inserted."""
    target, source = tree.this, tree.args["using"]
    if not isinstance(source, exp.Table):
        feature = "MERGE from a query; make it a temporary table"
        raise NotSupportedError(feature)
    if target.alias:
        msg = f'syntax error at or near "{target.alias}"; the target of a MERGE has no alias'
        raise RedshiftError(msg)
    whens = tree.args["whens"].expressions
    is_simple = len(whens) == 1 and whens[0].text("then") == REMOVED
    if is_simple:
        whens[0].set("then", exp.Delete())
    elif [bool(when.args.get("matched")) for when in whens] != [True, False]:
        msg = "MERGE must have WHEN MATCHED and then WHEN NOT MATCHED, one of each"
        raise RedshiftError(msg)
    ready = _written(tree, target, catalogue, "merge")
    twice = _duckdb(merge_check(tree))
    sql = "; ".join(map(_duckdb, replaced(tree))) if is_simple else ready.sql
    return replace(ready, sql=sql, merge_check=twice)
