"""Files of CSV and of delimited text, read as rows of texts.

AWS, "Data format parameters" and "Data conversion parameters". A line ends with LF or CR LF. A delimiter may
stand after the last field of delimited text ("Preparing your input data").
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import compute

from warehouse.redshift.copy.careful import cut_carefully
from warehouse.redshift.copy.cutting import NEWLINE, RETURN, Cut, Form, Places, cut_quickly
from warehouse.redshift.copy.failures import Code, Failure
from warehouse.redshift.copy.records import Records, as_text
from warehouse.redshift.dialect.copy_statement import CopyStatement

type _Mask = npt.NDArray[np.bool_]

LONGEST_ROW_BYTES = 4 * 2**20
"""AWS, "COPY": a single input row has at most 4 MB."""


def read_text(url: str, blocks: Iterator[bytes], copy: CopyStatement, width: int) -> Iterator[Records]:
    """Yield the rows of a file, whose fields are to fill `width` columns."""
    form = Form(copy.layout, copy.file_format == "csv", copy.conversion.null.encode())
    reader = _Reader(url, form, width)
    block = next(blocks, b"")
    while block:
        following = next(blocks, b"")
        used, records = reader.read(block, is_last=not following)
        yield records
        block = block[used:] + following


class _Reader:
    """The blocks of a file, one after the other."""

    def __init__(self, url: str, form: Form, width: int) -> None:
        self._url = url
        self._form = form
        self._width = width
        self._headers_left = form.layout.header_lines
        self._lines_before = 0

    def read(self, block: bytes, *, is_last: bool) -> tuple[int, Records]:
        """Return how much of a block is in rows, and these."""
        is_longest = len(block) > LONGEST_ROW_BYTES
        cut = cut_quickly(block, self._form, is_last=is_last)
        if cut is None:
            cut = cut_carefully(block, self._form, is_last=is_last, is_longest=is_longest)
        lines = self._line_numbers(block, cut)
        counts = self._counts(cut)
        is_wanted = self._is_wanted(block, cut)
        wrong = self._wrong(cut, counts, is_wanted)

        def raw(row: int) -> bytes:
            return block[cut.starts[row] : cut.ends[row]]

        failures = [
            Failure(self._url, int(lines[row]), code, reason, raw_line=as_text(raw(row)))
            for row, (code, reason) in sorted(wrong.items())
        ]
        is_wanted[list(wrong)] = False
        good = np.flatnonzero(is_wanted)
        columns = _columns(cut, good, counts[good], self._width)
        return cut.used, Records(columns, lines[good].tolist(), lambda row: raw(good[row]), failures)

    def _wrong(self, cut: Cut, counts: Places, is_wanted: _Mask) -> dict[int, tuple[Code, str]]:
        """Return the rows that are not as many fields as the table takes, and those that cannot be cut."""
        is_short = (counts < self._width) & (not self._form.layout.is_filled)
        is_longest = cut.ends - cut.starts > LONGEST_ROW_BYTES
        wrong: dict[int, tuple[Code, str]] = {}
        verdicts: tuple[tuple[_Mask, tuple[Code, str]], ...] = (
            (is_short, (1214, "Delimiter not found")),
            (counts > self._width, (1202, "Extra column(s) found")),
            (is_longest, (1216, f"Input row is longer than {LONGEST_ROW_BYTES} bytes")),
        )
        for rows, verdict in verdicts:
            wrong |= dict.fromkeys(np.flatnonzero(is_wanted & rows).tolist(), verdict)
        return wrong | {row: (1214, why) for row, why in cut.wrong.items() if is_wanted[row]}

    def _line_numbers(self, block: bytes, cut: Cut) -> Places:
        """Return the number of each row's first line: a field may hold the ends of others."""
        ends = np.flatnonzero(np.frombuffer(block, np.uint8)[: cut.used] == NEWLINE)
        lines: Places = np.searchsorted(ends, cut.starts) + 1 + self._lines_before
        self._lines_before += len(ends)
        return lines

    def _is_wanted(self, block: bytes, cut: Cut) -> _Mask:
        """Leave out the header, and blank lines where they are to be ignored."""
        is_wanted = np.ones(len(cut.starts), np.bool_)
        is_wanted[: self._headers_left] = False
        self._headers_left = max(self._headers_left - len(cut.starts), 0)
        if self._form.layout.is_blank_ignored and len(cut.starts):
            data = np.frombuffer(block, np.uint8)
            lengths = cut.ends - cut.starts
            starts = np.minimum(cut.starts, data.size - 1)
            is_wanted &= ~((lengths == 0) | ((lengths == 1) & (data[starts] == RETURN)))
        return is_wanted

    def _counts(self, cut: Cut) -> Places:
        """Return how many fields each row has, without an empty one after a delimiter too many."""
        counts: Places = np.diff(cut.first)
        over = np.flatnonzero(counts == self._width + 1)
        if over.size and not self._form.is_csv:
            last = cut.fields.take(pa.array(cut.first[over + 1] - 1))
            is_empty = compute.fill_null(compute.equal(compute.binary_length(last), 0), False)  # noqa: FBT003
            counts[over] -= is_empty.to_numpy(zero_copy_only=False)
        return counts


def _columns(cut: Cut, rows: Places, counts: Places, width: int) -> list[Any]:
    """Return the fields of some rows by their columns; those that are missing are empty."""
    first = cut.first[:-1][rows]
    if not (counts < width).any():
        return [cut.fields.take(pa.array(first + place)) for place in range(width)]
    fields = pa.concat_arrays([cut.fields, pa.array([b""], pa.binary())])
    missing = len(cut.fields)
    return [fields.take(pa.array(np.where(place < counts, first + place, missing))) for place in range(width)]
