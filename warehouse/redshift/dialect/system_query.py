"""Queries of the system's relations only, with PostgreSQL's words that no other query may use.

psql, drivers and dbt read the catalogue with casts to `regclass`, OPERATOR(pg_catalog.~), arrays and table
functions. They are read here, where nothing but the catalogue is asked; a query that says anything else is
left to the common way. https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html
"""

from collections.abc import Callable, Mapping

from sqlglot import ErrorLevel, exp, parse_one
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token

from warehouse.redshift.catalogue.views import FUNCTIONS
from warehouse.redshift.dialect.names import SYSTEM, is_system_name, settle_names
from warehouse.redshift.dialect.system_labels import label_columns
from warehouse.redshift.dialect.tokens import word

_ALLOWED: frozenset[type[exp.Expr]] = frozenset(
    getattr(exp, name)
    for name in """
    Select From Join Where Group Having Order Ordered Limit With CTE Subquery Union Distinct Star Table
    TableAlias Column ColumnDef Identifier Alias Literal Null Boolean ByteString Parameter Placeholder
    Paren Tuple Unnest Array Bracket Any And Or Not EQ NEQ GT GTE LT LTE Is In Exists Between Like ILike
    RegexpLike Case If Coalesce Nullif Add Sub Mul Neg BitwiseRightShift BitwiseAnd DPipe Upper Lower
    Left Replace Trim SplitPart StrPosition RegexpExtract RegexpReplace ArrayToString Count Max Min Cast
    DataType DataTypeParam ObjectIdentifier CurrentDatabase CurrentSchema CurrentSchemas CurrentUser
    CurrentUserId CurrentVersion SessionUser
    """.split()  # noqa: SIM905  # a list of a word each would be 70 lines
)
_NAMED: Mapping[type[exp.Expr], str] = {
    exp.CurrentDatabase: "current_database",
    exp.CurrentSchema: "current_schema",
    exp.CurrentSchemas: "current_schemas",
    exp.CurrentUser: "current_user",
    exp.CurrentUserId: "current_user_id",
    exp.CurrentVersion: "version",
    exp.SessionUser: "session_user",
}
"""Functions of the system that sqlglot has a class for."""

_TABLE_FUNCTIONS = {"pg_get_cols", "pg_get_late_binding_view_cols"}
_ESCAPES = {r"\n": "\n", r"\t": "\t", r"\'": "'", r"\\": "\\"}


def read_system_query(sql: str, tokens: list[Token], database: str) -> exp.Expr | None:
    """Return a query of the system's relations for DuckDB; None where it is any other statement.

    Raises:
        NotSupportedError: It names a relation of the system that is not there.
    """
    if word(tokens[0]) not in {"select", "with", "("} or not any(map(_is_of_the_system, tokens)):
        return None
    try:
        tree: exp.Expr = parse_one(_plain(sql, tokens), read="redshift", error_level=ErrorLevel.RAISE)
    except SqlglotError:
        return None
    for each in tree.find_all(exp.Identifier):
        each.set("this", each.name.lower())
    if (
        not isinstance(tree, exp.Query)
        or not _reads_the_system(tree)
        or not all(map(_is_allowed, tree.walk()))
    ):
        return None
    for node in list(tree.walk(bfs=False))[::-1]:  # the innermost first
        change = _CHANGES.get(type(node))
        new = change(node) if change else None
        if new is not None and new is not node:
            node.replace(new)
    settle_names(tree, database)
    label_columns(tree)
    _call_the_system(tree)
    return tree


def _is_of_the_system(token: Token) -> bool:
    name = word(token)
    return is_system_name(name) or name in FUNCTIONS or name in {"information_schema", "regclass", "user"}


def _plain(sql: str, tokens: list[Token]) -> str:
    """Return a statement without `pg_catalog.`, which nothing here needs, and with OPERATOR(~) as `~`."""
    words = [word(token) for token in tokens]
    cuts = []
    for place, name in enumerate(words):
        if name == "pg_catalog" and words[place + 1 : place + 2] == ["."]:
            cuts.append((tokens[place].start, tokens[place + 1].end + 1))
        elif name == "operator" and words[place + 1 : place + 2] == ["("]:
            cuts.append((tokens[place].start, tokens[place + 1].end + 1))
            end = words.index(")", place)
            cuts.append((tokens[end].start, tokens[end].end + 1))
        elif name == "collate" and words[place + 1 : place + 4] == ["pg_catalog", ".", "default"]:
            cuts.append((tokens[place].start, tokens[place + 3].end + 1))
    for start, end in sorted(cuts, reverse=True):
        sql = sql[:start] + " " * (end - start) + sql[end:]
    return sql


def _reads_the_system(tree: exp.Query) -> bool:
    """Whether all that it reads is the system's; with no relation, whether it calls one of its functions."""
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    tables = [table for table in tree.find_all(exp.Table) if table.db or table.name not in ctes]
    for table in tables:
        if isinstance(table.this, exp.Identifier) and not table.catalog:
            if table.db != "information_schema" and (table.db or not is_system_name(table.name)):
                return False
        elif table.this.name.lower() not in _TABLE_FUNCTIONS and not isinstance(
            table.this, exp.CurrentDatabase
        ):
            return False
    return bool(tables) or any(
        isinstance(node, (*_NAMED, exp.ObjectIdentifier)) or _system_function(node) for node in tree.walk()
    )


def _system_function(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        return name if name in FUNCTIONS else ""
    return _NAMED.get(type(node), "")


def _is_allowed(node: exp.Expr) -> bool:
    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
        return name in FUNCTIONS or name in _TABLE_FUNCTIONS
    return type(node) in _ALLOWED


def _call_the_system(tree: exp.Expr) -> None:
    for node in list(tree.walk(bfs=False))[::-1]:
        if name := _system_function(node):
            arguments = node.expressions or [
                value for value in node.args.values() if isinstance(value, exp.Expr)
            ]
            called = exp.Anonymous(this=name, expressions=[each.copy() for each in arguments])
            node.replace(exp.Dot(this=exp.to_identifier(SYSTEM), expression=called))


def _cast(node: exp.Cast) -> exp.Expr | None:
    """A cast to a name of the catalogue's types; texts are cut after so many characters, which are ASCII."""
    kind = node.to
    name = str(getattr(kind.this, "value", kind.this)).lower()
    value = node.this.copy()
    if name in {"regclass", "regtype"}:
        is_name = isinstance(value, exp.Literal) and value.is_string
        return exp.Anonymous(this=f"{name}_{'oid' if is_name else 'name'}", expressions=[value])
    if name == "oid":
        return exp.cast(value, "int")
    if name in {"name", "text", "varchar", "char", "bpchar"}:
        text = exp.cast(value, "text")
        length = kind.expressions[0].name if kind.expressions else ""
        return exp.Left(this=text, expression=exp.Literal.number(length)) if length.isdigit() else text
    return None


def _element(node: exp.Bracket) -> exp.Expr:
    """An element of an array, from 1: sqlglot would count from 0."""
    return exp.Anonymous(this="list_extract", expressions=[node.this.copy(), node.expressions[0].copy()])


def _escaped(node: exp.ByteString) -> exp.Expr:
    text = node.name
    for written, meant in _ESCAPES.items():
        text = text.replace(written, meant)
    return exp.Literal.string(text)


def _pattern(node: exp.Expr) -> exp.Expr | None:
    """A backslash escapes."""
    if isinstance(node.expression, exp.Literal) and "\\" in node.expression.name:
        return exp.Escape(this=node.copy(), expression=exp.Literal.string("\\"))
    return None


def _replace(node: exp.RegexpReplace) -> exp.Expr | None:
    """Every match is replaced; a backslash is written twice in Redshift's strings."""
    if isinstance(node.expression, exp.Literal):
        node.expression.set("this", node.expression.name.replace("\\\\", "\\"))
    node.set("replacement", node.args.get("replacement") or exp.Literal.string(""))
    node.set("modifiers", exp.Literal.string("g"))
    return None


def _condition(node: exp.Expr) -> exp.Expr | None:
    """A number as a condition, as in WHERE 1."""
    for side in ("this", "expression"):
        value = node.args.get(side)
        if isinstance(value, exp.Literal) and not value.is_string:
            node.set(side, exp.Boolean(this=value.name != "0"))
    return None


def _table(node: exp.Table) -> exp.Expr | None:
    """A table function is a view of its name here, whose columns the query may name anew."""
    if not isinstance(node.this, (exp.Anonymous, exp.CurrentDatabase)):
        return None
    if isinstance(node.this, exp.CurrentDatabase):
        column = exp.alias_(exp.CurrentDatabase(), "current_database", quoted=True)
        return exp.Subquery(this=exp.select(column), alias=node.args.get("alias"))
    name = node.this.name.lower()
    alias = node.args.get("alias") or exp.TableAlias(this=exp.to_identifier(name))
    columns = [each.this if isinstance(each, exp.ColumnDef) else each for each in alias.columns]
    new = exp.Table(
        this=exp.to_identifier(name), alias=exp.TableAlias(this=alias.this.copy(), columns=columns)
    )
    if not node.this.expressions:
        return new
    relation = exp.Anonymous(this="regclass_oid", expressions=[node.this.expressions[0].copy()])
    inner = exp.select("* exclude (relation)").from_(exp.Table(this=exp.to_identifier(name)))
    return exp.Subquery(this=inner.where(exp.column("relation").eq(relation)), alias=new.args["alias"])


def _unnest(node: exp.Unnest) -> exp.Expr | None:
    """The alias of an array's elements names each element."""
    alias = node.args.get("alias")
    if alias and not alias.columns:
        alias.set("columns", [alias.this.copy()])
    return None


_CHANGES: Mapping[type[exp.Expr], Callable[..., exp.Expr | None]] = {
    exp.And: _condition,
    exp.Bracket: _element,
    exp.ByteString: _escaped,
    exp.Cast: _cast,
    exp.ILike: _pattern,
    exp.Like: _pattern,
    exp.RegexpReplace: _replace,
    exp.Table: _table,
    exp.Unnest: _unnest,
    exp.Where: _condition,
}
