"""Scalar functions in SQL: CREATE FUNCTION … LANGUAGE sql, whose expression is put in the place of its calls.

Source: AWS, Amazon Redshift Database Developer Guide, "CREATE FUNCTION" and "Creating a scalar SQL UDF".
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from sqlglot import exp
from sqlglot.tokenizer_core import Token, TokenType

from warehouse.redshift.dialect.allowed import check
from warehouse.redshift.dialect.build import Typed, cast
from warehouse.redshift.dialect.casts import cast_to, coerce
from warehouse.redshift.dialect.grammar import parse
from warehouse.redshift.dialect.names import PUBLIC
from warehouse.redshift.dialect.scope import Catalogue, Scope, SqlFunction
from warehouse.redshift.dialect.sql_types import Type, written_type
from warehouse.redshift.dialect.tokens import Tokens, word
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader

TABLE = """
create table if not exists _system.sql_functions (
    name varchar, arguments varchar, result varchar, body varchar
);
"""
"""Where the functions are, in the warehouse's own schema."""

_DEEPEST = 20
_VOLATILITIES = ("volatile", "stable", "immutable")


def type_from(written: str) -> Type:
    """Return the type that a text names."""
    return written_type(exp.DataType.build(written, dialect="redshift"))


def sql_function_change(tokens: list[Token], catalogue: Catalogue) -> str:
    """Return DuckDB's statements for CREATE FUNCTION and DROP FUNCTION; nothing for any other statement.

    Raises:
        NotSupportedError: A language other than SQL.
        RedshiftError: It is there already, or is not there, or its expression is not one.
    """
    words = [word(token) for token in tokens[:4]]
    if words[:2] == ["create", "function"] or words == ["create", "or", "replace", "function"]:
        return _creation(tokens, catalogue)
    return _drop(tokens, catalogue) if words[:2] == ["drop", "function"] else ""


def _creation(tokens: list[Token], catalogue: Catalogue) -> str:
    """Return DuckDB's statements for a CREATE FUNCTION, whose expression is read once to see that it is one.

    Raises:
        NotSupportedError: A language other than SQL, or an expression that is not supported.
        RedshiftError: It is there already, or its expression is not one.
    """
    rest = Tokens(tokens)
    rest.expect("create")
    is_replaced = rest.take("or", "replace")
    rest.expect("function")
    name = _name(rest)
    arguments = _types(rest)
    rest.expect("returns")
    result = _type(rest, {*_VOLATILITIES, "as"})
    for each in _VOLATILITIES:
        rest.take(each)
    rest.expect("as")
    token = rest.next()
    if token.token_type not in {TokenType.HEREDOC_STRING, TokenType.STRING, TokenType.RAW_STRING}:
        rest.fail()
    rest.expect("language")
    language = rest.identifier()
    if language != "sql":
        feature = f"CREATE FUNCTION in language {language}"
        raise NotSupportedError(feature)
    kinds = tuple(map(type_from, arguments))
    function = SqlFunction(kinds, type_from(result), token.text.strip())
    if not is_replaced and any(each.arguments == kinds for each in catalogue.functions(name)):
        msg = f'function "{name}" already exists with same argument types'
        raise RedshiftError(msg, "42723")
    _check(function, name, catalogue)
    row = ", ".join(_quoted(each) for each in (name, ", ".join(arguments), result, function.body))
    insertion = f"insert into _system.sql_functions values ({row})"  # noqa: S608  # quoted
    return f"{_removal(name, arguments)}; {insertion}"


def _drop(tokens: list[Token], catalogue: Catalogue) -> str:
    """Return DuckDB's statement for a DROP FUNCTION.

    Raises:
        RedshiftError: It is not there.
    """
    rest = Tokens(tokens)
    rest.expect("drop")
    rest.expect("function")
    name = _name(rest)
    arguments = _types(rest)
    if not any(each.arguments == tuple(map(type_from, arguments)) for each in catalogue.functions(name)):
        msg = f"function {name}({', '.join(arguments)}) does not exist"
        raise RedshiftError(msg, "42883")
    rest.take("cascade")
    if rest.peek():
        rest.fail()
    return _removal(name, arguments)


def _removal(name: str, arguments: list[str]) -> str:
    where = f"name = {_quoted(name)} and arguments = {_quoted(', '.join(arguments))}"
    return f"delete from _system.sql_functions where {where}"  # noqa: S608  # quoted


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _name(rest: Tokens) -> str:
    relation = rest.relation()
    if relation.schema not in {"", PUBLIC}:
        feature = f"functions in schema {relation.schema}"
        raise NotSupportedError(feature)
    return relation.name


def _types(rest: Tokens) -> list[str]:
    rest.expect("(")
    types: list[str] = []
    while not rest.take(")"):
        types.append(_type(rest, {",", ")"}))
        rest.take(",")
    return types


def _type(rest: Tokens, ends: set[str]) -> str:
    """Read a type up to a word that ends it; parentheses are part of it."""
    words, depth = [], 0
    while (token := rest.peek()) and (depth or word(token) not in ends):
        depth += {"(": 1, ")": -1}.get(word(token), 0)
        words.append(word(rest.next()))
    return str(type_from(" ".join(words)))


def _check(function: SqlFunction, name: str, catalogue: Catalogue) -> None:
    from warehouse.redshift.dialect.reader import Reader  # noqa: PLC0415  # each reads the other

    nothing = [Typed(cast(exp.Null(), kind), kind) for kind in function.arguments]
    _expanded(Reader(catalogue), function, name, nothing)


def inlined(reader: "Reader", name: str, arguments: list[exp.Expr], scope: Scope) -> Typed | None:
    """Return a call of a user's function as the expression that it is; None where there is none of the name.

    Raises:
        NotSupportedError: More than one fits, or an argument that changes would be computed twice.
        RedshiftError: None fits, or functions call each other without end.
    """
    there = reader.catalogue.functions(name)
    if not there:
        return None
    fitting = [each for each in there if len(each.arguments) == len(arguments)]
    if not fitting:
        msg = f"function {name} does not exist with {len(arguments)} arguments"
        raise RedshiftError(msg, "42883")
    if len(fitting) > 1:
        feature = f"function {name.upper()}, of which there is more than one with so many arguments"
        raise NotSupportedError(feature)
    values = [
        coerce(reader.expression(raw, scope), kind, f"an argument of {name}")
        for raw, kind in zip(arguments, fitting[0].arguments, strict=True)
    ]
    return _expanded(reader, fitting[0], name, values)


def _expanded(reader: "Reader", function: SqlFunction, name: str, values: list[Typed]) -> Typed:
    if reader.depth >= _DEEPEST:
        msg = f"function {name} calls itself"
        raise RedshiftError(msg)
    tree = parse(function.body)
    check(tree)
    parts = {part for part, value in tree.args.items() if value} if isinstance(tree, exp.Select) else set()
    if parts != {"expressions"} or len(tree.expressions) != 1:
        msg = f"the body of function {name} must be a SELECT of one expression, and of nothing else"
        raise RedshiftError(msg, "42P13")
    used = [each.name for each in tree.find_all(exp.Parameter)]
    for position, value in enumerate(values, start=1):
        is_twice = used.count(str(position)) > 1
        if is_twice and any(each.name == "random" for each in value.node.find_all(exp.Anonymous)):
            feature = f"RANDOM in an argument that function {name} uses twice"
            raise NotSupportedError(feature)
    inner = replace(reader, depth=reader.depth + 1, parameters=tuple(values))
    result = inner.expression(tree.expressions[0], Scope())
    return Typed(exp.Paren(this=cast_to(result, function.result).node), function.result)


def parameter(reader: "Reader", node: exp.Parameter, _scope: Scope) -> Typed:
    """Read $1, an argument of the function whose expression is read.

    Raises:
        NotSupportedError: It is no function's.
        RedshiftError: The function has none of the number.
    """
    if reader.depth == 0:
        feature = f"PARAMETER {node.sql('redshift')}"
        raise NotSupportedError(feature)
    number = int(node.name) if node.name.isdigit() else 0
    if not 0 < number <= len(reader.parameters):
        msg = f"there is no parameter ${node.name}"
        raise RedshiftError(msg, "42P02")
    value = reader.parameters[number - 1]
    return Typed(value.node.copy(), value.type)
