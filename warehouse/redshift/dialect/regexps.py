"""The functions of regular expressions.

Source: AWS, Amazon Redshift Database Developer Guide, "REGEXP_COUNT", "REGEXP_INSTR", "REGEXP_REPLACE",
"REGEXP_SUBSTR".
"""

import re
from collections.abc import Callable

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, binary, call, cast, number, string
from warehouse.redshift.dialect.calls import Call
from warehouse.redshift.dialect.patterns import first_is_longest, literal
from warehouse.redshift.dialect.sql_types import INT4, TEXT
from warehouse.redshift.dialect.words import as_integer
from warehouse.redshift.errors import NotSupportedError


def _written_flags(call_: Call, position_: int) -> str:
    return call_.literal(position_) if len(call_.raw) > position_ else ""


def _flags(call_: Call, position_: int) -> str:
    written = _written_flags(call_, position_)
    if unknown := set(written) - set("ci" if call_.name != "regexp_substr" else "cei"):
        feature = f"parameter `{min(unknown)}` of {call_.name.upper()}"
        raise NotSupportedError(feature)
    return "i" if "i" in written else ""


def _start(call_: Call, at: int) -> exp.Expr:
    text = call_.text(0)
    if len(call_.raw) <= at or (isinstance(call_.raw[at], exp.Literal) and call_.raw[at].name == "1"):
        return text
    return call("substr", text, call("greatest", as_integer(call_.typed(at)), number(1)))


def _pattern(call_: Call, at_flags: int) -> exp.Expr:
    pattern = first_is_longest(literal(call_.raw[1], f"pattern of {call_.name.upper()}"))
    if (
        "^" in pattern.replace("[^", "").replace("\\^", "")
        and len(call_.raw) > 2  # noqa: PLR2004  # with a position
        and not (call_.name == "regexp_replace" and (len(call_.raw) == 3 or call_.raw[3].name == "1"))  # noqa: PLR2004  # from the start
    ):
        feature = f"^ in {call_.name.upper()} that begins behind the start"
        raise NotSupportedError(feature)
    return string(f"(?i){pattern}" if _flags(call_, at_flags) else pattern)


def _regexp_replace(call_: Call) -> Typed:
    """Every match is replaced."""
    count = call_.takes(2, 5)
    replacement = call_.literal(2) if count > 2 else ""  # noqa: PLR2004  # the third argument
    if "$" in replacement or "\\" in replacement:
        feature = f"`{replacement}` as what REGEXP_REPLACE puts in"
        raise NotSupportedError(feature)
    arguments = (_pattern(call_, 4), string(replacement), string("g"))
    node = call("regexp_replace", _start(call_, 3), *arguments)
    if count > 3 and call_.raw[3].name != "1":  # noqa: PLR2004  # the position
        before = call("greatest", binary(exp.Sub, as_integer(call_.typed(3)), number(1)), number(0))
        node = exp.Paren(this=exp.DPipe(this=call("left", call_.text(0), before), expression=node))
    return Typed(node, TEXT)


def _regexp_count(call_: Call) -> Typed:
    call_.takes(2, 4)
    found = call("regexp_extract_all", _start(call_, 2), _pattern(call_, 3))
    return Typed(cast(call("len", found), "INTEGER"), INT4)


def _regexp_substr(call_: Call) -> Typed:
    """Nothing that matches is the empty text; with `e`, it is the first group that is cut out."""
    count = call_.takes(2, 5)
    text, pattern = _start(call_, 2), _pattern(call_, 4)
    has_group = bool(re.search(r"(?<!\\\\)\((?!\?)", pattern.name))
    group = number(1 if has_group and "e" in _written_flags(call_, 4) else 0)
    if count > 3 and call_.raw[3].name != "1":  # noqa: PLR2004  # the occurrence
        occurrence = as_integer(call_.typed(3))
        return Typed(call("millrace_regexp_nth", text, pattern, occurrence, group), TEXT)
    return Typed(call("regexp_extract", text, pattern, group), TEXT)


def _regexp_instr(call_: Call) -> Typed:
    call_.takes(2, 6)
    choices = zip(call_.raw[2:5], ("1", "1", "0"), strict=False)
    if any(raw.name != plain for raw, plain in choices):
        feature = "REGEXP_INSTR of other than the first match from the start"
        raise NotSupportedError(feature)
    return Typed(cast(call("millrace_regexp_instr", call_.text(0), _pattern(call_, 5)), "INTEGER"), INT4)


FUNCTIONS: dict[str, Callable[[Call], Typed]] = {
    "regexp_count": _regexp_count,
    "regexp_instr": _regexp_instr,
    "regexp_replace": _regexp_replace,
    "regexp_substr": _regexp_substr,
}
