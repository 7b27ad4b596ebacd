"""Texts: functions and forms of them.

Source: AWS, Amazon Redshift Database Developer Guide, "String functions".
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from sqlglot import exp

from warehouse.redshift.dialect.arithmetic import concatenate
from warehouse.redshift.dialect.build import Typed, binary, call, cast, is_literal, number, string
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.casts import coerce, text_of
from warehouse.redshift.dialect.sql_types import INT4, TEXT, Type
from warehouse.redshift.errors import NotSupportedError, RedshiftError

if TYPE_CHECKING:
    from warehouse.redshift.dialect.reader import Reader
    from warehouse.redshift.dialect.scope import Scope


def trim(reader: "Reader", node: exp.Trim, scope: "Scope") -> Typed:
    """Read TRIM, which takes blanks unless it is told which characters."""
    text = text_of(reader.expression(node.this, scope))
    chars = node.args.get("expression")
    taken = text_of(reader.expression(chars, scope)) if chars else string(" ")
    name = {"LEADING": "ltrim", "TRAILING": "rtrim"}.get((node.args.get("position") or "").upper(), "trim")
    return Typed(call(name, text, taken), TEXT)


def position(reader: "Reader", node: exp.StrPosition, scope: "Scope") -> Typed:
    """Read POSITION(a IN b), counted in characters."""
    parts = [reader.expression(node.args[name], scope) for name in ("this", "substr")]
    return Typed(_integer(call("instr", *map(text_of, parts))), INT4)


def substring(reader: "Reader", node: exp.Substring, scope: "Scope") -> Typed:
    """Read SUBSTRING: a start before the text counts what is not there."""
    text = text_of(reader.expression(node.this, scope))
    length = node.args.get("length")
    return _substring(
        text,
        as_integer(reader.expression(node.args["start"], scope)),
        as_integer(reader.expression(length, scope)) if length else None,
    )


def _substring(text: exp.Expr, start: exp.Expr, length: exp.Expr | None) -> Typed:
    is_inside = isinstance(start, exp.Literal) and int(start.name) > 0
    if is_inside:
        is_plain = length is None or isinstance(length, exp.Literal)
        if is_plain:
            return Typed(call("substr", text, start, *([length] if length else [])), TEXT)
    if length is None:
        return Typed(call("millrace_substr_from", text, start), TEXT)
    return Typed(call("millrace_substr", text, start, length), TEXT)


def adjacent(reader: "Reader", node: exp.Concat, scope: "Scope") -> Typed:
    """Read 'a' 'b', two literals that are one."""
    if not all(is_literal(each) for each in node.expressions):
        feature = "texts side by side"
        raise NotSupportedError(feature)
    return reader.expression(string("".join(each.name for each in node.expressions)), scope)


def as_integer(value: Typed) -> exp.Expr:
    """Return a position or a count as an INTEGER."""
    if value.type.name == "int4" or (isinstance(value.node, exp.Literal) and not value.node.is_string):
        return value.node
    return cast(coerce(value, INT4, "a position").node, "INTEGER")


def _integer(node: exp.Expr) -> exp.Expr:
    return cast(node, "INTEGER")


def _plain(name: str, kinds: str, result: Type = TEXT) -> Callable[[Call], Typed]:
    """Return the reader of a function that DuckDB has under a name, with texts (t) and integers (i)."""

    def read(call_: Call) -> Typed:
        call_.takes(len(kinds))
        arguments = [
            call_.text(at) if kind == "t" else as_integer(call_.typed(at)) for at, kind in enumerate(kinds)
        ]
        node = call(name, *arguments)
        return Typed(_integer(node) if result == INT4 else node, result)

    return read


def _concat(call_: Call) -> Typed:
    if len(call_.raw) != 2:  # noqa: PLR2004  # two
        feature = "CONCAT of other than two texts"
        raise NotSupportedError(feature)
    return concatenate(*call_.all())


def _trimmed(call_: Call) -> Typed:
    count = call_.takes(1, 2)
    name = "trim" if call_.name == "btrim" else call_.name
    return Typed(call(name, call_.text(0), call_.text(1) if count > 1 else string(" ")), TEXT)


def _length(call_: Call) -> Typed:
    """Characters; blanks at the end of a CHAR do not count, and are not kept."""
    call_.takes(1)
    return Typed(_integer(call("length", call_.text(0))), INT4)


def _bytes(call_: Call) -> Typed:
    """Bytes; the blanks that fill a CHAR count, and are not kept."""
    call_.takes(1)
    value = call_.typed(0)
    count = call("strlen", text_of(value))
    if value.type.name == "bpchar" and value.type.size:
        count = binary(exp.Add, binary(exp.Mul, count, number(0)), number(value.type.size))
    return Typed(_integer(count), INT4)


def _part(call_: Call) -> Typed:
    """LEFT, RIGHT."""
    call_.takes(2)
    return Typed(call(f"millrace_{call_.name}", call_.text(0), as_integer(call_.typed(1))), TEXT)


def _pad(call_: Call) -> Typed:
    count = call_.takes(2, 3)
    fill = call_.text(2) if count > 2 else string(" ")  # noqa: PLR2004  # the third argument
    return Typed(call(f"millrace_{call_.name}", call_.text(0), as_integer(call_.typed(1)), fill), TEXT)


def _split(call_: Call) -> Typed:
    call_.takes(3)
    part = call_.raw[2]
    if not (isinstance(part, exp.Literal) and part.name.isdigit() and int(part.name) > 0):
        if isinstance(part, (exp.Neg, exp.Literal)):
            msg = "field position must be greater than zero"
            raise RedshiftError(msg)
        checked = call("millrace_positive", as_integer(call_.typed(2)))
        return Typed(call("millrace_split_part", call_.text(0), call_.text(1), checked), TEXT)
    return Typed(call("millrace_split_part", call_.text(0), call_.text(1), number(int(part.name))), TEXT)


def _substring_call(call_: Call) -> Typed:
    count = call_.takes(2, 3)
    length = as_integer(call_.typed(2)) if count > 2 else None  # noqa: PLR2004  # the third argument
    return _substring(call_.text(0), as_integer(call_.typed(1)), length)


def _compared(call_: Call) -> Typed:
    """BPCHARCMP, BTTEXT_PATTERN_CMP: -1, 0 or 1; blanks at the end do not count."""
    call_.takes(2)
    ends = [call("rtrim", call_.text(at), string(" ")) for at in range(2)]
    return Typed(call("millrace_compare", *ends), INT4)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "ascii": _plain("millrace_ascii", "t", INT4),
    "bpcharcmp": _compared,
    "btrim": _trimmed,
    "bttext_pattern_cmp": _compared,
    "char_length": _length,
    "character_length": _length,
    "charindex": lambda call_: Typed(_integer(call("instr", call_.text(1), call_.text(0))), INT4),
    "chr": _plain("millrace_chr", "i"),
    "concat": _concat,
    "initcap": _plain("millrace_initcap", "t"),
    "left": _part,
    "len": _length,
    "length": _length,
    "lower": _plain("lower", "t"),
    "lpad": _pad,
    "ltrim": _trimmed,
    "octet_length": _bytes,
    "octetindex": _plain("millrace_octetindex", "tt", INT4),
    "quote_ident": _plain("millrace_quote_ident", "t"),
    "quote_literal": _plain("millrace_quote_literal", "t"),
    "repeat": _plain("millrace_repeat", "ti"),
    "replace": _plain("replace", "ttt"),
    "replicate": _plain("millrace_repeat", "ti"),
    "reverse": _plain("reverse", "t"),
    "right": _part,
    "rpad": _pad,
    "rtrim": _trimmed,
    "split_part": _split,
    "strpos": _plain("instr", "tt", INT4),
    "substr": _substring_call,
    "substring": _substring_call,
    "textlen": _length,
    "translate": _plain("translate", "ttt"),
    "upper": _plain("upper", "t"),
}
