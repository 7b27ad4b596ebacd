"""Parts of an UNLOAD: files that are written until they are as large as one may be, then put to S3."""

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import IO, Any, cast

import pyarrow as pa
from pyarrow import parquet

from warehouse.redshift.dialect.unload_statement import MEGABYTE, UnloadStatement

_IN_MEMORY_BYTES = MEGABYTE
"""Of a part; larger ones are temporary files; a thousand small partitions are no thousand files."""

_PIECE_BYTES = MEGABYTE
"""Of lines that are written at once, between two looks at the size of a file."""


@dataclass(frozen=True, slots=True)
class UnloadedFile:
    """A file that is in S3: its URL, rows, bytes and times."""

    url: str
    rows: int
    size_bytes: int
    started: datetime
    ended: datetime


class Part:
    """One file, until it is put."""

    def __init__(self, unload: UnloadStatement) -> None:
        """Begin with nothing."""
        self.rows = 0
        self._started = _now()
        self._file = cast("IO[bytes]", tempfile.SpooledTemporaryFile(_IN_MEMORY_BYTES))  # noqa: SIM115  # put closes it
        self._compression = unload.compression
        self._writer: Any = None

    @property
    def size_bytes(self) -> int:
        """What the file holds by now; what a compression still keeps back is not counted."""
        return self._file.tell()

    def write_lines(self, data: Any, rows: int) -> None:
        """Add lines."""
        if self._writer is None:
            self._writer = self._lines()
        self._writer.write(data)
        self.rows += rows

    def write_table(self, table: pa.Table) -> None:
        """Add a row group of Parquet."""
        if self._writer is None:
            self._writer = parquet.ParquetWriter(_StaysOpen(self._file), table.schema)
        self._writer.write_table(table)
        self.rows += table.num_rows

    def put(self, url: str, put: Callable[[str, IO[bytes]], None]) -> UnloadedFile:
        """End the file, and put it."""
        if self._writer is None:
            self._writer = self._lines()
        self._writer.close()
        size = self._file.seek(0, 2)
        self._file.seek(0)
        put(url, self._file)
        self.close()
        return UnloadedFile(url, self.rows, size, self._started, _now())

    def close(self) -> None:
        """Let go of what was written."""
        self._file.close()

    def _lines(self) -> Any:
        file = _StaysOpen(self._file)
        return (
            pa.CompressedOutputStream(pa.PythonFile(file, "w"), self._compression)
            if self._compression
            else file
        )


class _StaysOpen:
    """A file that is still to be read when its writer closes it."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def write(self, data: Any) -> int:
        return self._file.write(data)

    def tell(self) -> int:
        return self._file.tell()

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        """Leave it open."""


def pieces(lines: Any) -> list[tuple[Any, int]]:
    """Return the bytes of an array of lines in pieces, and how many lines each has, without a copy."""
    array = lines.combine_chunks() if isinstance(lines, pa.ChunkedArray) else lines
    if not len(array):
        return []
    _, offsets, data = array.buffers()
    ends = memoryview(offsets).cast("i")[array.offset : array.offset + len(array) + 1]
    found, start = [], 0
    while start < len(array):
        end = _fitting(ends, start)
        found.append((data.slice(ends[start], ends[end] - ends[start]), end - start))
        start = end
    return found


def _fitting(ends: memoryview, start: int) -> int:
    """Return how far the lines from `start` on fit into a piece: one line at least."""
    low, high = start + 1, len(ends) - 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if ends[middle] - ends[start] <= _PIECE_BYTES else (low, middle - 1)
    return low


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
