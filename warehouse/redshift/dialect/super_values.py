"""SUPER: navigation with . and [ ], and the functions of JSON.

Source: AWS, Amazon Redshift Database Developer Guide, "Querying semistructured data". Navigation is lax: a
path that does not lead anywhere gives nothing. A SUPER is kept as JSON.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, call, cast, string
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import cast_to
from warehouse.redshift.dialect.columns import inside
from warehouse.redshift.dialect.sql_types import BOOL, INT4, SUPER, TEXT
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope


def navigation(reader: "Reader", node: exp.Expr, scope: "Scope") -> Typed:
    """Read `value.attribute` and `value[index]`."""
    if isinstance(node, exp.Dot):
        if not isinstance(node.expression, exp.Identifier):
            feature = f"`{node.sql('redshift')}`"
            raise NotSupportedError(feature)
        return inside(reader.expression(node.this, scope), f'."{node.expression.name}"')
    (index,) = node.expressions
    if isinstance(index, exp.Literal) and not index.is_string and index.name.isdigit():
        return inside(reader.expression(node.this, scope), f"[{index.name}]")
    if isinstance(index, exp.Literal) and index.is_string:
        return inside(reader.expression(node.this, scope), f'."{index.name}"')
    feature = f"index `{index.sql('redshift')}` of a SUPER; only a number"
    raise NotSupportedError(feature)


def super_of(argument: Typed) -> exp.Expr:
    """Return a SUPER argument.

    Raises:
        RedshiftError: It is none.
    """
    if argument.type != SUPER:
        msg = f"a SUPER is expected; got {argument.type}"
        raise RedshiftError(msg)
    return argument.node


def _parse(call_: Call) -> Typed:
    call_.takes(1)
    return Typed(call("millrace_super", call_.text(0)), SUPER)


def _serialize(call_: Call) -> Typed:
    """A SUPER is kept as JSON without blanks, which is how it is written."""
    call_.takes(1)
    return Typed(cast(super_of(call_.typed(0)), "VARCHAR"), TEXT)


def _typeof(call_: Call) -> Typed:
    call_.takes(1)
    return Typed(call("millrace_super_type", super_of(call_.typed(0))), TEXT)


def _length(call_: Call) -> Typed:
    call_.takes(1)
    return Typed(call("millrace_super_length", super_of(call_.typed(0))), INT4)


def _is_valid(call_: Call) -> Typed:
    call_.takes(1)
    return Typed(call("millrace_json_valid", call_.text(0)), BOOL)


def _is_valid_array(call_: Call) -> Typed:
    call_.takes(1)
    return Typed(call("millrace_json_is_array", call_.text(0)), BOOL)


def _array_length(call_: Call) -> Typed:
    count = call_.takes(1, 2)
    forgives = _flag(call_, 1) if count > 1 else False
    macro = "millrace_json_length_or_null" if forgives else "millrace_json_length"
    return Typed(call(macro, call_.text(0)), INT4)


def _element_text(call_: Call) -> Typed:
    count = call_.takes(2, 3)
    forgives = _flag(call_, 2) if count > 2 else False  # noqa: PLR2004  # the third argument
    return Typed(
        call("millrace_json_element", call_.text(0), call_.integer(1), exp.Boolean(this=forgives)), TEXT
    )


def _path_text(call_: Call) -> Typed:
    """A path is of keys: no array has one. The last argument may be a flag: no JSON gives nothing."""
    raw, forgives = call_.raw, False
    if isinstance(raw[-1], exp.Boolean):
        forgives, call_.raw = bool(raw[-1].this), raw[:-1]
    if len(call_.raw) < 2:  # noqa: PLR2004  # the text and a name
        msg = "function json_extract_path_text needs a path"
        raise RedshiftError(msg)
    path = "$"
    for position in range(1, len(call_.raw)):
        path += f'."{call_.literal(position)}"'
    return Typed(call("millrace_json_path", call_.text(0), string(path), exp.Boolean(this=forgives)), TEXT)


def _flag(call_: Call, position: int) -> bool:
    raw = call_.raw[position]
    if not isinstance(raw, exp.Boolean):
        feature = f"argument {position + 1} of {call_.name.upper()} that is not true or false"
        raise NotSupportedError(feature)
    return bool(raw.this)


def _array(call_: Call) -> Typed:
    return Typed(call("json_array", *(cast_to(each, SUPER).node for each in call_.all())), SUPER)


def _split_to_array(call_: Call) -> Typed:
    count = call_.takes(1, 2)
    separator = call_.text(1) if count > 1 else string(",")
    return Typed(call("to_json", call("string_split", call_.text(0), separator)), SUPER)


def _of_arrays(macro: str, count: int) -> Callable[[Call], Typed]:
    """Return the reader of a function of arrays; what is none gives nothing."""

    def read(call_: Call) -> Typed:
        call_.takes(count)
        return Typed(call(macro, *(super_of(each) for each in call_.all())), SUPER)

    return read


def _object(call_: Call) -> Typed:
    if len(call_.raw) % 2:
        msg = "function object needs a value for each name"
        raise RedshiftError(msg)
    parts = []
    for position in range(0, len(call_.raw), 2):
        value = cast_to(call_.typed(position + 1), SUPER).node
        parts += [string(call_.literal(position)), value]
    return Typed(call("json_object", *parts), SUPER)


def _is_type(*types: str) -> Callable[[Call], Typed]:
    def read(call_: Call) -> Typed:
        call_.takes(1)
        node = call("millrace_super_type", super_of(call_.typed(0)))
        return Typed(exp.Paren(this=exp.In(this=node, expressions=[string(each) for each in types])), BOOL)

    return read


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "array": _array,
    "array_concat": _of_arrays("millrace_array_concat", 2),
    "array_flatten": _of_arrays("millrace_array_flatten", 1),
    "can_json_parse": _is_valid,
    "get_array_length": _length,
    "is_array": _is_type("array"),
    "is_boolean": _is_type("boolean"),
    "is_object": _is_type("object"),
    "is_valid_json": _is_valid,
    "is_valid_json_array": _is_valid_array,
    "is_varchar": _is_type("string"),
    "json_array_length": _array_length,
    "json_extract_array_element_text": _element_text,
    "json_extract_path_text": _path_text,
    "json_parse": _parse,
    "json_serialize": _serialize,
    "json_typeof": _typeof,
    "object": _object,
    "split_to_array": _split_to_array,
}
