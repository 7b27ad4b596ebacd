"""Rows as DataRow messages, encoded by columns: Arrow and NumPy do the work, and Python sees no value."""

from collections.abc import Callable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from warehouse.redshift.result import Column
from warehouse.redshift.wire.binary import BINARY, as_blobs, as_numbers
from warehouse.redshift.wire.constants import MINUS_ONE, NOTHING
from warehouse.redshift.wire.text import TEXT

ROWS = 32_768
"""Rows that are encoded at once, a few MB of messages."""

_DATA_ROW = 0x44


def data_rows(
    table: pa.Table, columns: Sequence[Column], formats: Sequence[int]
) -> Iterator[bytes | pa.Buffer]:
    """Yield the rows of a result as messages, many in each piece.

    Args:
        table: The rows.
        columns: What its columns are.
        formats: Of each column: 0 for text, 1 for binary.
    """
    encoders = [
        (BINARY if code else TEXT)[column.type] for column, code in zip(columns, formats, strict=True)
    ]
    for batch in table.to_batches(ROWS):
        if batch.num_rows:
            yield _messages(batch, encoders)


def _messages(batch: pa.RecordBatch, encoders: Sequence[Callable[[pa.Array], pa.Array]]) -> bytes | pa.Buffer:
    total = np.full(batch.num_rows, 6 + 4 * len(encoders), np.int32)
    parts: list[pa.Array] = []
    for column, encode in zip(batch.columns, encoders, strict=True):
        values = encode(column)
        lengths = as_numbers(pc.binary_length(values).fill_null(MINUS_ONE))
        total += np.maximum(lengths, 0)
        parts += [as_blobs(lengths.astype(">i4")), values.fill_null(NOTHING)]
    header = np.empty(batch.num_rows, np.dtype([("kind", "u1"), ("length", ">i4"), ("columns", ">u2")]))
    header["kind"], header["length"], header["columns"] = _DATA_ROW, total, len(encoders)
    rows = pc.binary_join_element_wise(as_blobs(header), *parts, NOTHING)
    offsets = np.frombuffer(rows.buffers()[1], np.int32)
    return rows.buffers()[2].slice(0, int(offsets[batch.num_rows]))
