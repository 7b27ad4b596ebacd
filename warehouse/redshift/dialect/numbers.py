"""Numbers: the functions of mathematics.

Source: AWS, Amazon Redshift Database Developer Guide, "Math functions".
"""

from collections.abc import Callable

from sqlglot import exp

from warehouse.redshift.dialect.arithmetic import compute
from warehouse.redshift.dialect.build import Typed, call, cast, number
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to
from warehouse.redshift.dialect.sql_types import DATE, FLOAT8, INT4, numeric
from warehouse.redshift.errors import NotSupportedError, RedshiftError


def _number(call_: Call, position: int = 0) -> Typed:
    value = call_.typed(position)
    if value.type.is_unknown:
        value = cast_to(value, FLOAT8)
    if not value.type.is_number:
        msg = f"function {call_.name}({value.type}) does not exist"
        raise RedshiftError(msg)
    return value


def _double(name: str, count: int = 1) -> Callable[[Call], Typed]:
    def read(call_: Call) -> Typed:
        call_.takes(count)
        return Typed(call(name, *(call_.double(at) for at in range(count))), FLOAT8)

    return read


def _same(call_: Call) -> Typed:
    """ABS: of its argument's type."""
    call_.takes(1)
    value = _number(call_)
    return Typed(call(call_.name, value.node), value.type)


def _whole(call_: Call) -> Typed:
    """CEILING, FLOOR: of the type of their argument; an integer is one already."""
    call_.takes(1)
    value = _number(call_)
    if value.type.is_integer:
        return value
    node = call("floor" if call_.name == "floor" else "ceil", value.node)
    return Typed(cast(node, value.type) if value.type.name == "numeric" else node, value.type)


def _sign(call_: Call) -> Typed:
    call_.takes(1)
    value = _number(call_)
    return Typed(cast(call("sign", value.node), value.type), value.type)


def _round(call_: Call) -> Typed:
    count = call_.takes(1, 2)
    value = call_.typed(0)
    if call_.name == "trunc" and value.type.is_moment:
        call_.takes(1)
        return cast_to(value, DATE)
    value = _number(call_)
    places = _places(call_) if count > 1 else 0
    if value.type.is_float:
        macro = "millrace_round" if call_.name == "round" else "millrace_trunc"
        return Typed(call(macro, cast(value.node, FLOAT8), number(places)), FLOAT8)
    if value.type.is_integer:
        value = cast_to(value, numeric({"int2": 5, "int4": 10, "int8": 19}[value.type.name], 0))
    return Typed(_rounded(call_.name, value, places), value.type)


def _places(call_: Call) -> int:
    raw = call_.raw[1]
    sign, digits = (-1, raw.this) if isinstance(raw, exp.Neg) else (1, raw)
    if not (isinstance(digits, exp.Literal) and digits.name.isdigit()):
        feature = f"places of {call_.name.upper()} that are not a literal"
        raise NotSupportedError(feature)
    return sign * int(digits.name)


def _rounded(name: str, value: Typed, places: int) -> exp.Expr:
    kind = value.type
    if places >= kind.scale:
        return value.node
    if places >= 0 and name == "round":
        return cast(call("round", value.node, number(places)), kind)
    if name == "trunc" and places >= 0:
        return cast(_cut(value.node, places), kind)
    tens = cast(number(10**-places), "HUGEINT")
    whole = cast(call("trunc", value.node), "HUGEINT")
    if name == "trunc":
        node: exp.Expr = exp.Mul(
            this=exp.Paren(this=exp.IntDiv(this=whole, expression=tens)), expression=tens.copy()
        )
    else:
        node = call("millrace_round_tens", whole, tens)
    return cast(exp.Paren(this=node), kind)


def _cut(node: exp.Expr, places: int) -> exp.Expr:
    """DuckDB rounds when it casts: cut the digits as a whole number instead."""
    if places == 0:
        return call("trunc", node)
    shift = cast(number(10**places), numeric(places + 1, 0))
    shifted = call("trunc", exp.Paren(this=exp.Mul(this=node, expression=shift)))
    point = cast(exp.Literal.number(f"1e-{places}"), numeric(places, places))
    return exp.Paren(this=exp.Mul(this=cast(shifted, numeric(38, 0)), expression=point))


def _mod(call_: Call) -> Typed:
    call_.takes(2)
    return compute(exp.Mod, call_.typed(0), call_.typed(1))


def _random(call_: Call) -> Typed:
    call_.takes(0)
    return Typed(call("random"), FLOAT8)


def _log(call_: Call) -> Typed:
    """LOG is of base 10, DLOG1 and LN of base e."""
    call_.takes(1)
    return Typed(call("millrace_log10", call_.double(0)), FLOAT8)


def _pi(call_: Call) -> Typed:
    call_.takes(0)
    return Typed(call("pi"), FLOAT8)


def _bucket(call_: Call) -> Typed:
    call_.takes(4)
    bounds = [call_.double(at) for at in range(3)]
    return Typed(cast(call("millrace_width_bucket", *bounds, call_.integer(3)), INT4), INT4)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "abs": _same,
    "acos": _double("acos"),
    "asin": _double("asin"),
    "atan": _double("atan"),
    "atan2": _double("atan2", 2),
    "cbrt": _double("cbrt"),
    "ceil": _whole,
    "ceiling": _whole,
    "cos": _double("cos"),
    "cot": _double("cot"),
    "degrees": _double("degrees"),
    "dexp": _double("exp"),
    "dlog1": _double("millrace_ln"),
    "dlog10": _log,
    "exp": _double("exp"),
    "floor": _whole,
    "ln": _double("millrace_ln"),
    "log": _log,
    "mod": _mod,
    "pi": _pi,
    "pow": _double("pow", 2),
    "power": _double("pow", 2),
    "radians": _double("radians"),
    "random": _random,
    "round": _round,
    "sign": _sign,
    "sin": _double("sin"),
    "sqrt": _double("millrace_sqrt"),
    "tan": _double("tan"),
    "trunc": _round,
    "width_bucket": _bucket,
}
