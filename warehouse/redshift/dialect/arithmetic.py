"""+ - * / % and their kin: the result has the type and the digits that Redshift gives it.

Source: AWS, Amazon Redshift Database Developer Guide, "Computations with numeric values". AWS does not say
whether the last digit of a DECIMAL quotient is rounded; here it is cut.
"""

from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, binary, call, cast, number
from warehouse.redshift.dialect.casts import cast_to, text_of
from warehouse.redshift.dialect.sql_types import (
    DATE,
    FLOAT4,
    FLOAT8,
    INT4,
    INT8,
    INTERVAL,
    MOST_DIGITS,
    TEXT,
    TIMESTAMP,
    Type,
    as_numeric,
    numeric,
)
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope

_SIGNS = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}


def arithmetic(reader: "Reader", node: exp.Binary, scope: "Scope") -> Typed:
    """Read + - * / %."""
    left, right = reader.expression(node.this, scope), reader.expression(node.expression, scope)
    return compute(type(node), left, right)


def compute(kind: type[exp.Binary], left: Typed, right: Typed) -> Typed:
    """Return an operation on two values.

    Raises:
        RedshiftError: Redshift has no such operation.
    """
    left, right = _settled(left, right.type), _settled(right, left.type)
    if left.type.is_number and right.type.is_number:
        return _numbers(kind, left, right)
    if moved := _moments(kind, left, right):
        return moved
    msg = f"operator does not exist: {left.type} {_SIGNS[kind]} {right.type}"
    raise RedshiftError(msg)


def _settled(value: Typed, beside: Type) -> Typed:
    """A literal takes the type of what it stands beside."""
    if not value.type.is_unknown:
        return value
    if beside.is_number:
        return cast_to(value, beside)
    return cast_to(value, INT4) if isinstance(value.node, exp.Null) else value


def _numbers(kind: type[exp.Binary], left: Typed, right: Typed) -> Typed:
    if left.type.is_float or right.type.is_float:
        if kind is exp.Mod:
            msg = f"operator does not exist: {left.type} % {right.type}"
            raise RedshiftError(msg)
        result = FLOAT4 if left.type == right.type == FLOAT4 else FLOAT8
        left, right = cast_to(left, result), cast_to(right, result)
        return Typed(binary(exp.IntDiv if kind is exp.Div else kind, left.node, right.node), result)
    if left.type.is_integer and right.type.is_integer:
        result = max(left.type, right.type, key=lambda each: ("int2", "int4", "int8").index(each.name))
        left, right = cast_to(left, result), cast_to(right, result)
        return Typed(binary(exp.IntDiv if kind is exp.Div else kind, left.node, right.node), result)
    one, other = as_numeric(left.type), as_numeric(right.type)
    result = _digits(kind, one, other)
    left, right = cast_to(left, one), cast_to(right, other)
    if kind is exp.Div:
        return Typed(_quotient(left.node, one, right.node, other, result), result)
    node = binary(kind, left.node, right.node)
    return Typed(cast(node, result) if kind is exp.Mod else node, result)


def _digits(kind: type[exp.Binary], one: Type, other: Type) -> Type:
    p1, s1, p2, s2 = one.size, one.scale, other.size, other.scale
    if kind is exp.Mul:
        size, scale = p1 + p2 + 1, s1 + s2
        if scale >= MOST_DIGITS:
            feature = f"a product with {scale} digits behind the point; cast a factor"
            raise NotSupportedError(feature)
    elif kind is exp.Div:
        scale = max(4, s1 + p2 - s2 + 1)
        size = p1 - s1 + s2 + scale
        if size > MOST_DIGITS:
            size, scale = MOST_DIGITS, max(MOST_DIGITS + scale - size, 4)
    else:
        scale = max(s1, s2)
        size = max(p1 - s1, p2 - s2) + 1 + scale
    return numeric(min(size, MOST_DIGITS), scale)


def _quotient(left: exp.Expr, one: Type, right: exp.Expr, other: Type, result: Type) -> exp.Expr:
    """Divide the digits as whole numbers, and put the point where it belongs."""
    shift = result.scale - one.scale + other.scale
    dividend, divisor = _whole(left, one), _whole(right, other)
    if shift >= 0:
        dividend = binary(exp.Mul, dividend, _power(shift))
    else:
        divisor = binary(exp.Mul, divisor, _power(-shift))
    digits = cast(binary(exp.IntDiv, dividend, divisor), numeric(MOST_DIGITS, 0))
    point = cast(exp.Literal.number(f"1e-{result.scale}"), numeric(result.scale, result.scale))
    return cast(binary(exp.Mul, digits, point), result)


def _whole(node: exp.Expr, kind: Type) -> exp.Expr:
    if kind.scale == 0:
        return cast(node, "HUGEINT")
    if kind.size + kind.scale <= MOST_DIGITS:
        tens = cast(_power(kind.scale), numeric(kind.scale + 1, 0))
        return cast(binary(exp.Mul, node, tens), "HUGEINT")
    written = call("replace", cast(node, "VARCHAR"), exp.Literal.string("."), exp.Literal.string(""))
    return cast(written, "HUGEINT")


def _power(exponent: int) -> exp.Expr:
    return cast(number(10**exponent), "HUGEINT")


def _moments(  # noqa: C901, PLR0911  # a table of what goes together
    kind: type[exp.Binary], left: Typed, right: Typed
) -> Typed | None:
    """Days are added to a date, intervals to a date or timestamp; two moments differ by days or time."""
    names = (left.type.name, kind, right.type.name)
    match names:
        case (_, exp.Add, "date" | "timestamp" | "timestamptz") if not left.type.is_moment:
            return _moments(kind, right, left)
        case ("date", exp.Add | exp.Sub, "int2" | "int4" | "int8"):
            return Typed(binary(kind, left.node, cast_to(right, INT4).node), DATE)
        case ("date" | "timestamp" | "timestamptz", exp.Add | exp.Sub, "interval"):
            result = left.type if left.type.name == "timestamptz" else TIMESTAMP
            return Typed(binary(kind, left.node, right.node), result)
        case ("date" | "timestamp" | "timestamptz", exp.Sub, "unknown"):
            return _moments(kind, left, cast_to(right, left.type))
        case ("unknown", exp.Sub, "date" | "timestamp" | "timestamptz"):
            return _moments(kind, cast_to(left, right.type), right)
        case ("date", exp.Sub, "date"):
            return Typed(binary(kind, left.node, right.node), INT8)
        case ("date" | "timestamp", exp.Sub, "date" | "timestamp"):
            both = (cast_to(left, TIMESTAMP).node, cast_to(right, TIMESTAMP).node)
            return Typed(binary(kind, *both), INTERVAL)
        case ("timestamptz", exp.Sub, "timestamptz") | ("interval", exp.Add | exp.Sub, "interval"):
            return Typed(binary(kind, left.node, right.node), INTERVAL)
        case ("interval", exp.Mul, _) if right.type.is_number:
            factor = right if right.type.is_integer else cast_to(right, FLOAT8)
            return Typed(binary(kind, left.node, factor.node), INTERVAL)
        case (_, exp.Mul, "interval") if left.type.is_number:
            return _moments(kind, right, left)
    return None


def negative(reader: "Reader", node: exp.Neg, scope: "Scope") -> Typed:
    """Read - x; the largest negative BIGINT is written as one literal."""
    inner = node.this
    is_number = isinstance(inner, exp.Literal) and not inner.is_string
    value = literal(reader, inner, scope) if is_number else reader.expression(inner, scope)
    if not (value.type.is_number or value.type.name == "interval"):
        msg = f"operator does not exist: - {value.type}"
        raise RedshiftError(msg)
    negated = exp.Paren(this=exp.Neg(this=value.node))
    # 2147483648 is a BIGINT, and so is -2147483648: DuckDB has an INTEGER
    is_edge = isinstance(value.node, exp.Literal) and value.node.name == str(2**31)
    return Typed(cast(negated, INT8) if is_edge else negated, value.type)


def literal(_reader: "Reader", node: exp.Literal, _scope: "Scope") -> Typed:
    """Read a literal: a number has the narrowest type that holds it, a text has none yet."""
    if node.is_string:
        return Typed(node, Type("unknown"))
    written = node.name
    if "e" in written.lower():
        return Typed(cast(node, FLOAT8), FLOAT8)
    whole, _, fraction = written.partition(".")
    if "." in written:
        size = max(len(whole.lstrip("0")) + len(fraction), 1)
        kind = numeric(max(size, len(fraction)), len(fraction))
        return Typed(cast(node, kind), kind)
    value = int(written)
    for kind, limit in ((INT4, 2**31), (INT8, 2**63)):
        if value < limit:
            return Typed(number(value), kind)
    kind = numeric(len(written), 0)
    return Typed(cast(node, kind), kind)


def power(reader: "Reader", node: exp.Pow, scope: "Scope") -> Typed:
    """Read x ^ y, which is DOUBLE PRECISION."""
    both = [cast_to(reader.expression(each, scope), FLOAT8).node for each in (node.this, node.expression)]
    return Typed(call("pow", *both), FLOAT8)


def bitwise(reader: "Reader", node: exp.Binary, scope: "Scope") -> Typed:
    """Read & | << >> of integers."""
    left, right = reader.expression(node.this, scope), reader.expression(node.expression, scope)
    if not (left.type.is_integer and right.type.is_integer):
        msg = f"bitwise operators take integers; got {left.type} and {right.type}"
        raise RedshiftError(msg)
    if isinstance(node, (exp.BitwiseLeftShift, exp.BitwiseRightShift)):
        feature = "<< and >>"
        raise NotSupportedError(feature)
    result = max(left.type, right.type, key=lambda each: ("int2", "int4", "int8").index(each.name))
    return Typed(binary(type(node), cast_to(left, result).node, cast_to(right, result).node), result)


def inverted(reader: "Reader", node: exp.BitwiseNot, scope: "Scope") -> Typed:
    """Read ~ of an integer."""
    value = reader.expression(node.this, scope)
    if not value.type.is_integer:
        msg = f"operator does not exist: ~ {value.type}"
        raise RedshiftError(msg)
    return Typed(exp.Paren(this=exp.BitwiseNot(this=value.node)), value.type)


def joined(reader: "Reader", node: exp.DPipe, scope: "Scope") -> Typed:
    """Read ||: nothing and a text is nothing."""
    return concatenate(reader.expression(node.this, scope), reader.expression(node.expression, scope))


def concatenate(left: Typed, right: Typed) -> Typed:
    """Return one text behind another.

    Raises:
        RedshiftError: Neither is a text.
    """
    if not any(each.type.is_text or each.type.is_unknown for each in (left, right)):
        msg = f"operator does not exist: {left.type} || {right.type}"
        raise RedshiftError(msg)
    node = binary(exp.DPipe, _written(left), _written(right))
    is_sized = left.type.size and right.type.size and left.type.is_text and right.type.is_text
    return Typed(node, Type("varchar", min(left.type.size + right.type.size, 65_535)) if is_sized else TEXT)


def _written(value: Typed) -> exp.Expr:
    return cast(value.node, "VARCHAR") if isinstance(value.node, exp.Null) else text_of(value)


def whole_quotient(total: exp.Expr, kind: Type, count: exp.Expr) -> exp.Expr:
    """Return a DECIMAL divided by a count, in as many digits as it has, the rest cut."""
    return _quotient(total, kind, count, numeric(19, 0), kind)
