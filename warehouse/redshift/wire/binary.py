"""Columns in the protocol's binary formats: an Arrow array of what is sent, nulls where there is none."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from warehouse.redshift.wire.constants import NULL, blob
from warehouse.redshift.wire.numerics import numerics

_EPOCH_DAYS = 10_957
_EPOCH_MICROS = _EPOCH_DAYS * 86_400_000_000
"""PostgreSQL counts from 2000-01-01, and Arrow from 1970-01-01."""


def as_blobs(values: NDArray[Any], nulls_of: pa.Array | None = None) -> pa.Array:
    """Return the bytes of each element of an array, without a copy; nulls stand where another array's do."""
    size = values.dtype.itemsize
    offsets = np.arange(len(values) + 1, dtype=np.int32) * size
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(values))]
    blobs = pa.Array.from_buffers(pa.binary(), len(values), buffers)
    if nulls_of is None or not nulls_of.null_count:
        return blobs
    return pc.if_else(nulls_of.is_valid(), blobs, NULL)


_NUMBERS = {
    pa.int16(): "i2",
    pa.int32(): "i4",
    pa.int64(): "i8",
    pa.uint32(): "u4",
    pa.float32(): "f4",
    pa.float64(): "f8",
}


def as_numbers(array: pa.Array) -> NDArray[Any]:
    """Return the numbers of an array without a copy, anything where there is null; pandas is left alone."""
    buffer = array.buffers()[1]
    kind = np.dtype(_NUMBERS[array.type])
    if buffer is None:
        return np.zeros(len(array), kind)
    return np.frombuffer(buffer, kind, len(array), array.offset * kind.itemsize)


def _fixed(kind: str, through: pa.DataType | None = None, less: int = 0) -> Callable[[pa.Array], pa.Array]:
    """Return what encodes a column by numbers of one size.

    Args:
        kind: NumPy's name for the number.
        through: Arrow's type that is cast to first.
        less: What is taken away from each.
    """

    def encode(column: pa.Array) -> pa.Array:
        values = as_numbers(column.cast(through) if through else column)
        return as_blobs((values - less if less else values).astype(kind), column)

    return encode


_TRUE, _FALSE = blob(b"\x01"), blob(b"\x00")


def _bool(column: pa.Array) -> pa.Array:
    return pc.if_else(column, _TRUE, _FALSE)


def _text(column: pa.Array) -> pa.Array:
    return column.cast(pa.binary())


def _hexadecimal(column: pa.Array) -> pa.Array:
    return pa.array(
        [None if value is None else value.hex().encode() for value in column.to_pylist()], pa.binary()
    )


_TIMES = _fixed(">i8", pa.int64(), _EPOCH_MICROS)

BINARY: Mapping[str, Callable[[pa.Array], pa.Array]] = {
    "bool": _bool,
    "bpchar": _text,
    "date": _fixed(">i4", pa.int32(), _EPOCH_DAYS),
    "float4": _fixed(">f4"),
    "float8": _fixed(">f8"),
    "int2": _fixed(">i2"),
    "int4": _fixed(">i4"),
    "int8": _fixed(">i8"),
    "name": _text,
    "numeric": numerics,
    "oid": _fixed(">u4"),
    "super": _text,
    "text": _text,
    "time": _fixed(">i8", pa.int64()),
    "timestamp": _TIMES,
    "timestamptz": _TIMES,
    "varbyte": _hexadecimal,
    "varchar": _text,
}
"""What encodes a column, by its type; SUPER and VARBYTE are text in both formats."""
