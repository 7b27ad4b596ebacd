"""Parameters of the extended protocol: what a client sent, as literals of Redshift's SQL with their types.

A value stands in the statement as a literal that says its type, so that `7` sent as SMALLINT divides as one.
Text stands without a type, as a literal that the client had written.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from struct import error, unpack

from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.wire.messages import decoded

_MOST_DIGITS = 38
_TEXTS = {
    0: "",
    18: "char",
    19: "name",
    25: "text",
    114: "json",
    705: "unknown",
    1042: "bpchar",
    1043: "varchar",
}
_INTEGERS = {20: ("bigint", 8), 21: ("smallint", 2), 23: ("integer", 4), 26: ("bigint", 4)}
_FLOATS = {700: ("real", "!f"), 701: ("double precision", "!d")}
_OID, _BOOL, _DATE, _TIME, _TIMESTAMP, _TIMESTAMPTZ, _NUMERIC = 26, 16, 1082, 1083, 1114, 1184, 1700
_TYPES = {
    _BOOL: "boolean",
    _DATE: "date",
    _TIME: "time",
    _TIMESTAMP: "timestamp",
    _TIMESTAMPTZ: "timestamptz",
    _NUMERIC: "numeric(38, 10)",
    **{oid: name for oid, (name, _) in (_INTEGERS | _FLOATS).items()},
}
_TRUE = {"t", "true", "y", "yes", "on", "1"}
_FALSE = {"f", "false", "n", "no", "off", "0"}
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001  # PostgreSQL's, in UTC


def literal(oid: int, value: bytes | None, *, is_binary: bool) -> str:
    """Return a value as Redshift's SQL writes it.

    Args:
        oid: Of its type; 0 where the client left that open.
        value: As it was sent; None for NULL.
        is_binary: Whether it was sent in the binary format of its type.

    Raises:
        NotSupportedError: A parameter of this type.
        RedshiftError: The value is none of its type.
    """
    if oid in _TEXTS:
        return "null" if value is None else quoted(decoded(value))
    if oid not in _TYPES:
        feature = f"a parameter of the type with OID {oid}"
        raise NotSupportedError(feature)
    if value is None:
        return f"cast(null as {_TYPES[oid]})"
    try:
        return _binary(oid, value) if is_binary else _written(oid, decoded(value).strip())
    except (ValueError, InvalidOperation, OverflowError, error):
        said = value.hex() if is_binary else repr(decoded(value))
        msg = f"invalid input for type {_TYPES[oid].partition('(')[0]}: {said}"
        raise RedshiftError(msg, "22P03" if is_binary else "22P02") from None


def sample(oid: int) -> str:
    """Return any value of a type, for a statement that NULL does not fit into."""
    if oid in _TEXTS:
        return "''"
    if oid in _INTEGERS or oid in _FLOATS or oid == _NUMERIC:
        return f"cast(1 as {_TYPES[oid]})"
    if oid == _BOOL:
        return "true"
    return f"cast('{'00:00:00' if oid == _TIME else '2000-01-01'}' as {_TYPES.get(oid, 'varchar')})"


def quoted(text: str) -> str:
    r"""Return a text as a literal; a backslash escapes in Redshift's, so it is doubled as a quote is.

    >>> quoted("it's a \\")
    "'it''s a \\\\'"

    Raises:
        RedshiftError: It holds a zero byte, which no text of Redshift's can.
    """
    if "\0" in text:
        msg = 'invalid byte sequence for encoding "UTF8": 0x00'
        raise RedshiftError(msg, "22021")
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def _cast(text: str, oid: int) -> str:
    return f"cast({quoted(text)} as {_TYPES[oid]})"


def _number(value: int, oid: int) -> str:
    kind, size = _INTEGERS[oid]
    if not -(2 ** (size * 8 - 1)) <= value < 2 ** (size * 8 - 1) and oid != _OID:
        raise OverflowError
    return str(value) if value >= 0 and kind == "integer" else f"cast({value} as {kind})"


def _decimal(value: Decimal) -> str:
    """Return a NUMERIC with its own digits: `150` would be an integer, and divide as one."""
    written = f"{value:f}"
    if not re.fullmatch(r"-?\d+(\.\d+)?", written):
        raise ValueError(written)
    whole, _, fraction = written.lstrip("-").lstrip("0").partition(".")
    digits = max(len(whole) + len(fraction), 1)
    if digits > _MOST_DIGITS:
        msg = f"numeric field overflow: {written} has {digits} digits, and {_MOST_DIGITS} is the most"
        raise RedshiftError(msg, "22003")
    return f"cast({quoted(written)} as numeric({digits}, {len(fraction)}))"


def _written(oid: int, text: str) -> str:
    if oid in _INTEGERS:
        if not re.fullmatch(r"[+-]?\d+", text):
            raise ValueError(text)
        return _number(int(text), oid)
    if oid in _FLOATS:
        return _cast(str(float(text)), oid)
    if oid == _NUMERIC:
        return _decimal(Decimal(text))
    if oid == _BOOL:
        if text.lower() not in _TRUE | _FALSE:
            raise ValueError(text)
        return "true" if text.lower() in _TRUE else "false"
    _READERS[oid](text)
    return _cast(text, oid)


def _zoned(text: str) -> None:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError(text)


_READERS: Mapping[int, Callable[[str], object]] = {
    _DATE: date.fromisoformat,
    _TIME: time.fromisoformat,
    _TIMESTAMP: datetime.fromisoformat,
    _TIMESTAMPTZ: _zoned,
}
"""What has to be able to read a written time: ISO's formats, which no two sides read apart."""


def _binary(oid: int, value: bytes) -> str:
    if oid in _INTEGERS:
        if len(value) != _INTEGERS[oid][1]:
            raise ValueError(value)
        return _number(int.from_bytes(value, signed=oid != _OID), oid)
    if oid == _NUMERIC:
        return _decimal(_numeric(value))
    if oid == _BOOL:
        return "true" if unpack("!?", value)[0] else "false"
    return _cast(_plain(oid, value), oid)


def _plain(oid: int, value: bytes) -> str:
    """Return a fraction or a time as text."""
    if oid in _FLOATS:
        return repr(unpack(_FLOATS[oid][1], value)[0])
    if oid == _DATE:
        return str((_EPOCH + timedelta(days=unpack("!i", value)[0])).date())
    moment = _EPOCH + timedelta(microseconds=unpack("!q", value)[0])
    if oid == _TIME:
        return str(moment.time())
    return str(moment if oid == _TIMESTAMP else moment.replace(tzinfo=UTC))


def _numeric(value: bytes) -> Decimal:
    """Read a NUMERIC's digits, which count to 10,000."""
    count, weight, sign, scale = unpack("!HhHH", value[:8])
    digits = unpack(f"!{count}H", value[8:])
    if sign not in {0, 0x4000} or any(digit > 9_999 for digit in digits):  # noqa: PLR2004  # a digit's largest
        raise ValueError(value)
    whole = sum(digit * 10_000 ** (count - 1 - at) for at, digit in enumerate(digits))
    exact = Decimal(whole).scaleb(4 * (weight + 1 - count))
    found = exact.quantize(Decimal(1).scaleb(-scale))
    return -found if sign else found
