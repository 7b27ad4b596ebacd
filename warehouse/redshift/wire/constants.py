"""Constants as Arrow has them, made of their bytes: `pa.scalar` brings in pandas, which takes seconds."""

from struct import pack
from typing import Any

import pyarrow as pa


def blob(data: bytes, kind: pa.DataType = pa.binary()) -> Any:  # noqa: B008  # a constant
    """Return bytes, or a text, as a scalar."""
    offsets = pack("=ii", 0, len(data))
    return pa.Array.from_buffers(kind, 1, [None, pa.py_buffer(offsets), pa.py_buffer(data)])[0]


def text(written: str) -> Any:
    """Return a text as a scalar."""
    return blob(written.encode(), pa.string())


MINUS_ONE = pa.Array.from_buffers(pa.int32(), 1, [None, pa.py_buffer(pack("=i", -1))])[0]
NOTHING = blob(b"")
NULL = pa.nulls(1, pa.binary())[0]
