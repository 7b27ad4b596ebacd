"""TO_CHAR, TO_DATE, TO_TIMESTAMP, TO_NUMBER: patterns that are literals, translated piece by piece.

Source: AWS, Amazon Redshift Database Developer Guide, "Datetime format strings" and "Numeric format strings";
PostgreSQL 8's "Data Type Formatting Functions" for widths. A piece that is not in a table here is refused.
"""

import re

from sqlglot import exp

from warehouse.redshift.dialect.build import Typed, call, cast, number, string
from warehouse.redshift.dialect.casts import cast_to
from warehouse.redshift.dialect.sql_types import FLOAT8, numeric
from warehouse.redshift.errors import NotSupportedError

_PIECES = {
    "HH24": "%H",
    "HH12": "%I",
    "HH": "%I",
    "MI": "%M",
    "SS": "%S",
    "MS": "%g",
    "US": "%f",
    "AM": "%p",
    "PM": "%p",
    "YYYY": "%Y",
    "YY": "%y",
    "MONTH": "%B",
    "MON": "%b",
    "MM": "%m",
    "DAY": "%A",
    "DY": "%a",
    "DDD": "%j",
    "DD": "%d",
    "IYYY": "%G",
    "IW": "%V",
    "ID": "%u",
    "D": "d",
    "Q": "q",
    "WW": "ww",
}
_NAMES = {"MONTH", "MON", "DAY", "DY"}
_PADDED = {"MONTH", "DAY"}
_WITHOUT_ZERO = {
    "HH24": "%-H",
    "HH12": "%-I",
    "HH": "%-I",
    "MI": "%-M",
    "SS": "%-S",
    "MM": "%-m",
    "DD": "%-d",
    "DDD": "%-j",
}
_READ = {
    "YYYY",
    "YY",
    "MON",
    "MONTH",
    "MM",
    "DD",
    "DDD",
    "HH24",
    "HH12",
    "HH",
    "MI",
    "SS",
    "MS",
    "US",
    "AM",
    "PM",
    "DY",
    "DAY",
}
_NAMED = "|".join(sorted(_PIECES, key=len, reverse=True))
_TOKEN = re.compile(
    rf'"([^"]*)"|(FM)?(?!SSS)({_NAMED})(TH)?|([^A-Za-z"]+)|(.)',  # SSSS is not SS twice
    re.IGNORECASE | re.DOTALL,
)


def moment_text(moment: exp.Expr, pattern: str) -> exp.Expr:  # noqa: C901  # one way a kind of piece
    """Return a timestamp as TO_CHAR writes it.

    Raises:
        NotSupportedError: A piece of the pattern is not in the table.
    """
    parts: list[exp.Expr] = []
    plain = ""

    def flush() -> None:
        nonlocal plain
        if plain:
            parts.append(call("strftime", moment.copy(), string(plain)))
            plain = ""

    for quoted, fill, name, ordinal, between, other in _TOKEN.findall(pattern):
        if other or ordinal:
            feature = f"`{other or name + ordinal}` in the pattern `{pattern}` of TO_CHAR"
            raise NotSupportedError(feature)
        if not name:
            plain += (quoted or between).replace("%", "%%")
            continue
        piece = name.upper()
        if piece in _NAMES:
            flush()
            parts.append(
                _name(call("strftime", moment.copy(), string(_PIECES[piece])), name, is_filled=not fill)
            )
        elif piece in {"AM", "PM"} and name.islower():
            flush()
            parts.append(call("lower", call("strftime", moment.copy(), string("%p"))))
        elif piece in {"D", "Q", "WW"}:
            flush()
            parts.append(call(f"millrace_char_{piece.lower()}", moment.copy()))
        else:
            plain += _WITHOUT_ZERO.get(piece, _PIECES[piece]) if fill else _PIECES[piece]
    flush()
    if not parts:
        return string("")
    whole = parts[0]
    for part in parts[1:]:
        whole = exp.DPipe(this=whole, expression=part)
    return exp.Paren(this=whole)


def _name(node: exp.Expr, written: str, *, is_filled: bool) -> exp.Expr:
    """Names are in the case of the pattern; MONTH and DAY are filled to nine characters."""
    if written.isupper():
        node = call("upper", node)
    elif written.islower():
        node = call("lower", node)
    return call("rpad", node, number(9), string(" ")) if is_filled and written.upper() in _PADDED else node


def read_pattern(pattern: str, function: str) -> str:
    """Return the pattern of strptime for one of TO_DATE.

    Raises:
        NotSupportedError: A piece of the pattern is not one that is read.
    """
    out = ""
    for quoted, fill, name, ordinal, between, other in _TOKEN.findall(pattern):
        piece = name.upper()
        if other or ordinal or fill or (piece and piece not in _READ):
            feature = f"`{other or fill + name + ordinal}` in the pattern `{pattern}` of {function}"
            raise NotSupportedError(feature)
        out += _PIECES[piece] if piece else (quoted or between).replace("%", "%%")
    return out


_NUMBER = re.compile(r"(FM)?([90,G]*)(?:([.D])([90]*))?(S|MI)?", re.IGNORECASE)


def number_text(value: Typed, pattern: str) -> exp.Expr:
    """Return a number as TO_CHAR writes it.

    Raises:
        NotSupportedError: The pattern is not of 9, 0, a point and commas.
    """
    found = _NUMBER.fullmatch(pattern.upper())
    whole = found[2] if found else ""
    if not found or not re.search("[90]", whole) or re.match("[,G]", whole):
        feature = f"the pattern `{pattern}` of TO_CHAR"
        raise NotSupportedError(feature)
    is_tight, point, fraction, sign = bool(found[1]), found[3], found[4] or "", found[5]
    digits = re.sub("[,G]", "", whole)
    if is_tight and "9" in fraction:
        feature = f"the pattern `{pattern}` of TO_CHAR: FM with 9 behind the point"
        raise NotSupportedError(feature)
    kind = numeric(38, len(fraction))
    exact = value if not value.type.is_float else Typed(cast(value.node, FLOAT8), FLOAT8)
    rounded = cast_to(exact, kind).node
    least = 0 if fraction else 1  # as PostgreSQL has it: `.10` for a tenth, and still `0` for nothing
    zeros = len(digits) - digits.index("0") if "0" in digits else least
    groups, seen = [], 0
    for char in reversed(whole):
        if char in ",G":
            groups.append(seen)
        else:
            seen += 1
    return call(
        "millrace_number_text",
        rounded,
        number(len(digits)),
        number(max(zeros, 0)),
        exp.Array(expressions=[number(each) for each in groups]),
        string("." if point else ""),
        number(len(fraction)),
        string(sign or ("FM" if is_tight else "")),
        exp.Boolean(this=is_tight),
    )


def text_number(text: exp.Expr, pattern: str) -> Typed:
    """Return a text as the number that TO_NUMBER reads.

    Raises:
        NotSupportedError: The pattern is not of 9, 0, a point, commas, a sign.
    """
    found = re.fullmatch(r"(L ?|\$)?(S|MI)?([90,G]+)(?:[.D]([90]*))?(S|MI)?", pattern.upper())
    if not found:
        feature = f"the pattern `{pattern}` of TO_NUMBER"
        raise NotSupportedError(feature)
    scale = len(found[4] or "")
    size = len(re.sub("[,G]", "", found[3])) + scale
    kind = numeric(min(size, 38), scale)
    return Typed(cast(call("millrace_text_number", text), kind), kind)
