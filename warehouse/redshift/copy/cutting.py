"""Text cut into rows and fields, a block at a time, without a loop over them.

Every byte is classed by its value and by what stands before it: whether it is inside quotation marks, whether
a backslash takes its meaning. What is left over of separators, line ends, quotation marks and backslashes is
the data, and where each stood is where a field ends.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from warehouse.redshift.dialect.copy_statement import Layout

type Places = npt.NDArray[np.int64]
type _Bytes = npt.NDArray[np.uint8]
type _Mask = npt.NDArray[np.bool_]

NEWLINE, RETURN, BACKSLASH = 10, 13, 92


@dataclass(frozen=True, slots=True)
class Form:
    """How text is cut: what COPY's options say of it.

    Attributes:
        layout: Delimiter, quotation mark, escapes.
        is_csv: Whether quotation marks are as in CSV.
        null: The field that stands for NULL.
    """

    layout: Layout
    is_csv: bool
    null: bytes


@dataclass(frozen=True, slots=True)
class Cut:
    """The rows of a block.

    Attributes:
        fields: Of all rows, one after the other; NULL where they say so.
        first: The place of each row's first field, and of the end.
        starts: Where each row starts in the block.
        ends: Where it ends, before the end of the line.
        used: Bytes of the block that are in rows; the rest comes again with the next block.
        wrong: Rows that cannot be cut, and why; they have no fields.
    """

    fields: pa.Array
    first: Places
    starts: Places
    ends: Places
    used: int
    wrong: dict[int, str]


def cut_quickly(block: bytes, form: Form, *, is_last: bool) -> Cut | None:
    """Cut a block into its rows, or return None where its quotation marks need a careful look."""
    layout = form.layout
    if layout.is_unquoted and (b"'" in block or b'"' in block):
        return None
    data = np.frombuffer(block, np.uint8)
    ends, separators = data == NEWLINE, data == ord(layout.delimiter)
    returns, dropped = data == RETURN, np.zeros(data.size, np.bool_)
    if form.is_csv and layout.quote.encode() in block:
        quotes = data == ord(layout.quote)
        inside = (np.cumsum(quotes, dtype=np.uint8) & 1).astype(np.bool_)
        if not _are_plain(data, quotes, inside, layout) or (is_last and inside[-1]):
            return None
        ends &= ~inside
        separators &= ~inside
        second = quotes & inside  # of two marks that stand for one
        second[1:] &= quotes[:-1]
        second[:1] = False
        dropped = quotes & ~second
    elif layout.is_escaped and b"\\" in block:
        escapes = _escapes(data)
        escapes = escapes[escapes + 1 < data.size]
        ends[escapes + 1] = separators[escapes + 1] = returns[escapes + 1] = False
        dropped[escapes] = True
    line_ends = np.flatnonzero(ends)
    is_open = is_last and data.size > 0 and not ends[-1]
    used = data.size if is_open else int(line_ends[-1]) + 1 if line_ends.size else 0
    marks = ends | separators
    places = np.flatnonzero(marks[:used])
    closing = ends[places]
    if is_open:  # the last line may lack its end
        line_ends, places, closing = (
            np.append(*each) for each in ((line_ends, used), (places, used), (closing, True))
        )
    marks[:-1] |= returns[:-1] & ends[1:]
    marks[-1:] |= returns[-1:] & is_open
    fields = written = _fields(data, ~(marks | dropped), places)
    if layout.is_escaped and dropped.any():
        written = _fields(data, ~marks, places)  # with its backslashes a field says whether it is NULL
    first = np.concatenate([[0], np.flatnonzero(closing) + 1])
    starts = np.concatenate([[0], line_ends[:-1] + 1]) if line_ends.size else line_ends
    return Cut(_with_nulls(fields, written, form.null), first, starts, line_ends, used, {})


def _are_plain(data: _Bytes, quotes: _Mask, inside: _Mask, layout: Layout) -> bool:
    """Return whether each mark opens a field at its start, closes one at its end, or is one of two."""
    limits = [ord(layout.delimiter), NEWLINE, ord(layout.quote)]
    opening, closing = np.flatnonzero(quotes & inside), np.flatnonzero(quotes & ~inside)
    before = data[opening[opening > 0] - 1]
    after = data[closing[closing + 1 < data.size] + 1]
    rest = closing[closing + 2 < data.size]
    is_line_end = (data[rest + 1] == RETURN) & (data[rest + 2] != NEWLINE)
    return bool(
        np.isin(before, limits).all() and np.isin(after, [*limits, RETURN]).all() and not is_line_end.any()
    )


def _escapes(data: _Bytes) -> Places:
    """Return the backslashes that take the meaning from what follows: each second one of a run is data."""
    places = np.flatnonzero(data == BACKSLASH)
    is_first = np.concatenate([[True], np.diff(places) != 1])
    starts = np.maximum.accumulate(np.where(is_first, places, 0))
    escapes: Places = places[((places - starts) & 1) == 0]
    return escapes


def _fields(data: _Bytes, kept: _Mask, places: Places) -> Any:
    """Return what is kept before each place as a value of its own."""
    used = int(places[-1]) if places.size else 0
    offsets = np.zeros(used + 1, np.int32)
    np.cumsum(kept[:used], out=offsets[1:])
    ends = np.append(np.int32(0), offsets[places])
    buffers = [None, pa.py_buffer(ends), pa.py_buffer(data[:used][kept[:used]])]
    return pa.BinaryArray.from_buffers(pa.binary(), places.size, buffers)


def _with_nulls(fields: Any, written: Any, null: bytes) -> Any:
    is_null = compute.equal(written, pa.scalar(null, pa.binary()))
    if not compute.any(is_null).as_py():
        return fields
    return compute.if_else(is_null, pa.scalar(None, pa.binary()), fields)
