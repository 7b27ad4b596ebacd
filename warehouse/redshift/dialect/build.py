"""Pieces of DuckDB's SQL, and typed expressions made of them."""

from dataclasses import dataclass

from sqlglot import exp

from warehouse.redshift.dialect.sql_types import Type, duckdb_type


@dataclass(slots=True)
class Typed:
    """An expression that DuckDB understands, and its type on Redshift."""

    node: exp.Expr
    type: Type


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """Return a call of one of DuckDB's functions, or of the warehouse's macros."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def number(value: int) -> exp.Expr:
    """Return an integer."""
    return exp.Literal.number(value)


def string(value: str) -> exp.Expr:
    """Return a text."""
    return exp.Literal.string(value)


def binary(kind: type[exp.Binary], left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """Return an operation in parentheses."""
    return exp.Paren(this=kind(this=left, expression=right))


def cast(node: exp.Expr, kind: Type | str) -> exp.Expr:
    """Return a cast to a type of Redshift's, or of DuckDB's by its name."""
    name = kind if isinstance(kind, str) else duckdb_type(kind)
    return exp.Cast(this=node, to=exp.DataType.build(name, dialect="duckdb"))


def is_literal(node: exp.Expr) -> bool:
    """Return whether it is a text as it was written."""
    return isinstance(node, exp.Literal) and node.is_string


def named(node: exp.Expr, name: str) -> exp.Expr:
    """Return an expression under a name."""
    return exp.Alias(this=node, alias=exp.to_identifier(name, quoted=True))
