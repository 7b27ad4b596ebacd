"""Conversions: those that a statement asks for, and those that Redshift makes unasked.

Source: AWS, Amazon Redshift Database Developer Guide, "Type compatibility and conversion" and "CAST".
"""

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, call, cast, is_literal, number
from warehouse.redshift.dialect.sql_types import TEXT, TIMESTAMP, Type
from warehouse.redshift.errors import NotSupportedError, RedshiftError

_AS_TEXT = {"date", "int2", "int4", "int8", "numeric", "timestamp", "time"}
"""Types that DuckDB writes in the same characters as Redshift."""


def text_of(value: Typed) -> exp.Expr:
    """Return a value as a text.

    Raises:
        NotSupportedError: Redshift writes the type in other characters than DuckDB.
    """
    if isinstance(value.node, exp.Null):
        return cast(value.node, "VARCHAR")  # of nothing, DuckDB would choose another function of the name
    if value.type.is_unknown or value.type.is_text:
        return value.node
    if value.type.name == "super":
        return call("millrace_super_text", value.node)
    if value.type.name not in _AS_TEXT:
        feature = f"{_upper(value.type)} as text"
        raise NotSupportedError(feature)
    return cast(value.node, "VARCHAR")


def as_moment(value: Typed, where: str) -> Typed:
    """Return what is a DATE, a timestamp or a TIME; a text is read as a timestamp.

    Raises:
        RedshiftError: It is neither.
    """
    if value.type.is_unknown or value.type.is_text:
        return coerce(value, TIMESTAMP, where)
    if not (value.type.is_moment or value.type.name == "time"):
        msg = f"{where} is of a date or a timestamp; got {value.type}"
        raise RedshiftError(msg)
    return value


def coerce(value: Typed, kind: Type, where: str) -> Typed:
    """Convert as Redshift does unasked; a literal takes the type.

    Raises:
        RedshiftError: It does not.
    """
    own = value.type
    if own.name == kind.name and kind.name != "numeric":
        return Typed(value.node, kind)
    if own.is_unknown or own.name == "super":
        return cast_to(value, kind)
    is_fine = (
        (own.is_number and kind.is_number)
        or (own.is_moment and kind.is_moment)
        or (own.is_text and kind.is_text)
        or (own.is_text and kind.is_moment)
        or (kind.is_text and own.name in _AS_TEXT)
    )
    if not is_fine:
        msg = f"{where} must be {kind}, and is {own}; cast it"
        raise RedshiftError(msg)
    return cast_to(value, kind)


def cast_to(value: Typed, kind: Type, *, is_try: bool = False) -> Typed:
    """Convert as CAST does.

    Raises:
        NotSupportedError: The conversion is not done here.
        RedshiftError: Redshift has no such conversion.
    """
    own = value.type
    if own.name == "super":
        return _from_super(value, kind)
    if kind.is_text:
        return Typed(_cut(text_of(value), kind), kind)
    if kind.name == "super":
        return Typed(_to_super(value), kind)
    if isinstance(value.node, exp.Null):
        return Typed(cast(value.node, kind), kind)
    name = kind.name
    if own.is_unknown or own.is_text:
        node = _from_text(value, kind, is_try=is_try)
    elif own.name == name or (own.is_number and kind.is_number):
        is_same = own == kind and name != "numeric"
        node = value.node if is_same else _to_number(value, kind, is_try=is_try)
    elif (
        (own.is_moment and (kind.is_moment or name == "time"))
        or (own.name == "bool" and kind.is_integer)
        or (own.is_integer and name == "bool")
    ):
        node = _cast(value.node, kind, is_try=is_try)
    else:
        msg = f"cannot cast type {own} to {kind}"
        raise RedshiftError(msg)
    return Typed(node, kind)


def _cast(node: exp.Expr, kind: Type, *, is_try: bool) -> exp.Expr:
    plain = cast(node, kind)
    return exp.TryCast(this=node, to=plain.args["to"]) if is_try else plain


def _to_number(value: Typed, kind: Type, *, is_try: bool) -> exp.Expr:
    return _cast(value.node, kind, is_try=is_try)


def _from_text(value: Typed, kind: Type, *, is_try: bool) -> exp.Expr:
    """Take only what Redshift takes: DuckDB reads '1.5' as the integer 2 and '1_000' as a number."""
    if is_literal(value.node) and value.node.name.lower() == "epoch" and kind.is_moment:
        return cast(exp.Literal.string("1970-01-01 00:00:00"), kind)
    macro = {
        "bool": "millrace_bool",
        "date": "millrace_date",
        "float4": "millrace_float",
        "float8": "millrace_float",
        "timestamp": "millrace_timestamp",
        "timestamptz": "",
        "time": "",
    }.get(kind.name, "millrace_integer" if kind.is_integer else "millrace_number")
    text = cast(value.node, "VARCHAR") if value.type.is_unknown else value.node
    if is_try:
        plausible = call(f"{macro}_or_null", text) if macro else text
        return _cast(plausible, kind, is_try=True)
    return _cast(call(macro, text) if macro else text, kind, is_try=False)


def _cut(text: exp.Expr, kind: Type) -> exp.Expr:
    """A cast cuts after so many bytes; a CHAR is kept without the blanks that pad it."""
    if kind.size:
        text = call("millrace_cut", cast(text, "VARCHAR") if is_literal(text) else text, number(kind.size))
    elif isinstance(text, exp.Literal):
        text = cast(text, "VARCHAR")
    return call("rtrim", text, exp.Literal.string(" ")) if kind.name == "bpchar" else text


def _from_super(value: Typed, kind: Type) -> Typed:
    if kind.name == "super":
        return value
    if kind.is_text:
        return Typed(_cut(call("millrace_super_text", value.node), kind), kind)
    scalar = Typed(call("millrace_super_text", value.node), TEXT)
    return cast_to(scalar, kind)


def _to_super(value: Typed) -> exp.Expr:
    if value.type.is_unknown:
        value = Typed(cast(value.node, "VARCHAR"), TEXT)
    if value.type.is_moment or value.type.name in {"interval", "time"}:
        feature = f"{_upper(value.type)} as SUPER"
        raise NotSupportedError(feature)
    return call("to_json", value.node)


def _upper(kind: Type) -> str:
    return str(kind).upper()


def assign(value: Typed, kind: Type, column: str) -> Typed:  # noqa: PLR0911  # one way a kind of type
    """Convert a value to the type of the column that it is written to.

    Blanks behind the length of a text are cut; anything else that is too long fails, by the table's check.

    Raises:
        RedshiftError: Redshift does not convert it unasked.
    """
    own = value.type
    if isinstance(value.node, exp.Null):
        return Typed(value.node, kind)
    if kind.is_text:
        node = text_of(value)
        if kind.name == "bpchar":
            return Typed(node if own.name == "bpchar" else call("rtrim", node, exp.Literal.string(" ")), kind)
        if not kind.size or (own.is_text and own.size and own.size <= kind.size):
            return Typed(node, kind)
        if is_literal(node):
            fits = len(node.name.encode()) <= kind.size
            return Typed(
                node if fits else call("millrace_fit", cast(node, "VARCHAR"), number(kind.size)), kind
            )
        return Typed(call("millrace_fit", node, number(kind.size)), kind)
    if own == kind:
        return value
    return coerce(value, kind, f'column "{column}"')
