"""NUMERIC in the protocol's binary format: digits that count to 10,000, and where the point is.

Source: PostgreSQL, `numeric_send` of src/backend/utils/adt/numeric.c.
"""

from decimal import Decimal
from struct import pack

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.redshift.wire.constants import NULL

_NEGATIVE = 0x4000
_BASE = 10_000
_DIGITS = 4
"""Decimal digits in one digit of a NUMERIC."""
_LARGEST = 2**63 - 1
_GROUPS = 5
"""Digits of a NUMERIC that 63 bits hold."""
_HEADER = 4
"""Numbers of 16 bits before the digits: their count, the weight of the first, the sign, the scale."""


def numerics(column: pa.Array) -> pa.Array:
    """Return a column's numbers as they are sent."""
    scale = column.type.scale
    padding = -scale % _DIGITS
    words = np.frombuffer(column.buffers()[1], "<i8", 2 * len(column), 16 * column.offset).reshape(-1, 2)
    low, high = words[:, 0], words[:, 1]
    limit = _LARGEST // 10**padding
    if ((high != low >> 63) | (low > limit) | (low < -limit)).any():
        return pa.array(
            [value if value is None else numeric(value) for value in column.to_pylist()], pa.binary()
        )
    rest = np.abs(low) * 10**padding
    parts = np.zeros((len(column), _HEADER + _GROUPS), ">u2")
    for place in range(_HEADER + _GROUPS - 1, _HEADER - 1, -1):
        parts[:, place] = rest % _BASE
        rest //= _BASE
    is_digit = parts[:, _HEADER:] != 0
    is_any = is_digit.any(axis=1)
    first = np.where(is_any, is_digit.argmax(axis=1), _GROUPS)
    last = np.where(is_any, _GROUPS - is_digit[:, ::-1].argmax(axis=1), _GROUPS)
    parts[:, 0] = last - first
    parts[:, 1] = np.where(is_any, _GROUPS - 1 - first - (scale + padding) // _DIGITS, 0).astype("u2")
    parts[:, 2] = np.where(low < 0, _NEGATIVE, 0)
    parts[:, 3] = scale
    places = np.arange(_GROUPS)
    is_sent = np.ones(parts.shape, bool)
    is_sent[:, _HEADER:] = (places >= first[:, None]) & (places < last[:, None])
    offsets = np.zeros(len(column) + 1, np.int32)
    np.cumsum(2 * is_sent.sum(axis=1), out=offsets[1:])
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(parts[is_sent])]
    sent = pa.Array.from_buffers(pa.binary(), len(column), buffers)
    return pc.if_else(column.is_valid(), sent, NULL) if column.null_count else sent


def numeric(value: Decimal) -> bytes:
    """Return one number as it is sent, however many digits it has.

    >>> numeric(Decimal("-123.4500")).hex(" ", 2)
    '0002 0000 4000 0004 007b 1194'
    """
    whole, _, fraction = f"{abs(value):f}".partition(".")
    whole = whole.zfill(-(-len(whole) // _DIGITS) * _DIGITS)
    written = whole + fraction.ljust(-(-len(fraction) // _DIGITS) * _DIGITS, "0")
    digits = [int(written[at : at + _DIGITS]) for at in range(0, len(written), _DIGITS)]
    weight = len(whole) // _DIGITS - 1
    while digits and not digits[0]:
        del digits[0]
        weight -= 1
    while digits and not digits[-1]:
        del digits[-1]
    sign = _NEGATIVE if value < 0 else 0
    weight = weight if digits else 0
    return pack(f"!HhHH{len(digits)}H", len(digits), weight, sign, len(fraction), *digits)
