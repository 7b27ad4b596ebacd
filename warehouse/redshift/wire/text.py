"""Columns in the protocol's text formats: an Arrow array of what is sent, nulls where there is none.

Floating-point numbers have as many digits as tell them apart, as with `extra_float_digits` at its most.
"""

from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from warehouse.redshift.wire.constants import blob, text

_TRUE, _FALSE = blob(b"t"), blob(b"f")
_UTC = (text("+00"), text(""))
_INFINITE = [(text("nan"), text("NaN")), (text("-inf"), text("-Infinity")), (text("inf"), text("Infinity"))]
"""What is no number, in Arrow's words and in PostgreSQL's."""


def _text(column: pa.Array) -> pa.Array:
    return column.cast(pa.string()).cast(pa.binary())


def _bool(column: pa.Array) -> pa.Array:
    return pc.if_else(column, _TRUE, _FALSE)


def _float(column: pa.Array) -> pa.Array:
    written = column.cast(pa.string())
    if not pc.all(pc.is_finite(column)).as_py():
        for arrow, postgres in _INFINITE:
            written = pc.if_else(pc.equal(written, arrow), postgres, written)
    return written.cast(pa.binary())


def _numeric(column: pa.Array) -> pa.Array:
    written = column.cast(pa.string())
    if pc.any(pc.match_substring(written, "E")).as_py():  # Arrow writes 1E-7
        written = pa.array(
            [None if value is None else f"{value:f}" for value in column.to_pylist()], pa.string()
        )
    return written.cast(pa.binary())


def _moment(column: pa.Array) -> pa.Array:
    return _trimmed(column).cast(pa.binary())


def _zoned(column: pa.Array) -> pa.Array:
    plain = _trimmed(column.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us")))
    return pc.binary_join_element_wise(plain, *_UTC).cast(pa.binary())


def _trimmed(column: pa.Array) -> pa.Array:
    """Return times without the zeros of a fraction, which Arrow writes with six digits."""
    return pc.utf8_rtrim(pc.utf8_rtrim(column.cast(pa.string()), "0"), ".")


def _hexadecimal(column: pa.Array) -> pa.Array:
    return pa.array(
        [None if value is None else value.hex().encode() for value in column.to_pylist()], pa.binary()
    )


TEXT: Mapping[str, Callable[[pa.Array], pa.Array]] = {
    "bool": _bool,
    "bpchar": _text,
    "date": _text,
    "float4": _float,
    "float8": _float,
    "int2": _text,
    "int4": _text,
    "int8": _text,
    "name": _text,
    "numeric": _numeric,
    "oid": _text,
    "super": _text,
    "text": _text,
    "time": _moment,
    "timestamp": _moment,
    "timestamptz": _zoned,
    "varbyte": _hexadecimal,
    "varchar": _text,
}
"""What encodes a column, by its type."""
