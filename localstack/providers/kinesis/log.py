"""The records of one shard: an append-only log of segment files that GetRecords answers from as they lie.

A segment is two files. `<position>.records` holds each record as the JSON object that GetRecords returns,
followed by a comma, so an answer is a slice of the file. `<position>.index` holds 20 bytes a record: where it
ends, when it arrived, its CRC-32, which is held against the newest segment when it is opened. The index is
written last and decides what is there: opening a log cuts off what a killed process left of a write. Only
ends and times stay in memory, 16 bytes a record.
"""

import logging
import os
import shutil
import struct
import zlib
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

from localstack.providers.kinesis.disk import Disk, read_at

_ENTRY = struct.Struct("<QQI")
_LOGGER = logging.getLogger(__name__)

SEGMENT_BYTES = 64 * 2**20
SEGMENT_MILLIS = 3_600_000


@dataclass(slots=True)
class _Segment:
    folder: Path
    first: int
    ends: array[int] = field(default_factory=lambda: array("Q"))
    arrivals: array[int] = field(default_factory=lambda: array("Q"))

    @property
    def records(self) -> Path:
        return self.folder / f"{self.first:020d}.records"

    @property
    def index(self) -> Path:
        return self.folder / f"{self.first:020d}.index"

    @property
    def end(self) -> int:
        return self.first + len(self.ends)

    @property
    def size_bytes(self) -> int:
        return self.ends[-1] if self.ends else 0

    def is_full(self, millis: int) -> bool:
        return self.size_bytes >= SEGMENT_BYTES or bool(
            self.ends and millis - self.arrivals[0] >= SEGMENT_MILLIS
        )

    def begin_of(self, position: int) -> int:
        place = position - self.first
        return self.ends[place - 1] if place else 0


@dataclass(frozen=True, slots=True)
class Span:
    """Records that lie together.

    Attributes:
        first: Position of the first.
        end: Position behind the last.
        path: File they lie in; None where there are none.
        offset: Where the first begins in it.
        length: Bytes, the last record's comma left out.
    """

    first: int
    end: int
    path: Path | None = None
    offset: int = 0
    length: int = 0

    def read(self) -> bytes:
        """Return the records as JSON objects with commas between them.

        Raises:
            FileNotFoundError: They were trimmed since.
        """
        return read_at(self.path, self.offset, self.length) if self.path else b""


class Log:
    """Records of one shard by position, counted from 0 and never used twice."""

    def __init__(self, folder: Path, disk: Disk) -> None:
        """Open what lies in `folder`, which need not be there yet."""
        self._folder = folder
        self._disk = disk
        self._segments = list(_open(folder))

    @property
    def end(self) -> int:
        """The position that the next record takes."""
        return self._segments[-1].end if self._segments else 0

    @property
    def last_arrival(self) -> int:
        """When the newest record arrived, in milliseconds; 0 where there is none."""
        for segment in reversed(self._segments):
            if segment.arrivals:
                return segment.arrivals[-1]
        return 0

    def append(self, lines: list[bytes], millis: int) -> bool:
        """Write records that arrived together, each a JSON object with a comma behind it.

        Returns:
            Whether they began a segment.

        Raises:
            OSError: They could not be written; none of them is there then.
        """
        begins_segment = not self._segments or self._segments[-1].is_full(millis)
        if begins_segment:
            self._disk.make_folder(self._folder)
            self._segments.append(_Segment(self._folder, self.end))
        segment = self._segments[-1]
        begin = segment.size_bytes
        ends = list(accumulate(map(len, lines), initial=begin))[1:]
        entries = [_ENTRY.pack(end, millis, zlib.crc32(line)) for end, line in zip(ends, lines, strict=True)]
        self._disk.write_at(segment.records, begin, b"".join(lines))
        self._disk.write_at(segment.index, len(segment.ends) * _ENTRY.size, b"".join(entries))
        segment.ends.extend(ends)
        segment.arrivals.extend([millis] * len(lines))
        return begins_segment

    def span(self, position: int, most_records: int, most_bytes: int) -> Span:
        """Return what one read from `position` gives: of one segment, and at least one record if any."""
        position = max(position, self._segments[0].first if self._segments else 0)
        for segment in self._segments[max(0, self._place_of(position)) :]:
            if not segment.ends or segment.end <= position:
                continue
            first = max(position, segment.first)
            offset = segment.begin_of(first)
            place = bisect_right(segment.ends, offset + most_bytes, lo=first - segment.first)
            end = min(max(segment.first + place, first + 1), first + most_records, segment.end)
            return Span(
                first, end, segment.records, offset, segment.ends[end - 1 - segment.first] - offset - 1
            )
        return Span(position, position)

    def arrival(self, position: int) -> int:
        """Return when the record at `position` arrived, in milliseconds; the next one's where it was lost."""
        segment = self._segments[max(0, self._place_of(position))]
        return segment.arrivals[min(position - segment.first, len(segment.arrivals) - 1)]

    def since(self, millis: int) -> int:
        """Return the position of the first record that arrived at `millis` or later."""
        for segment in self._segments:
            if segment.arrivals and segment.arrivals[-1] >= millis:
                return segment.first + bisect_left(segment.arrivals, millis)
        return self.end

    def trim(self, before_millis: int) -> None:
        """Delete segments whose records all arrived before that time; the newest stays, it knows the end."""
        while len(self._segments) > 1 and self._segments[0].arrivals[-1] < before_millis:
            segment = self._segments.pop(0)
            segment.index.unlink(missing_ok=True)
            segment.records.unlink(missing_ok=True)

    def delete(self) -> None:
        """Delete all of it."""
        self._segments.clear()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _place_of(self, position: int) -> int:
        return bisect_right(self._segments, position, key=lambda segment: segment.first) - 1


def _open(folder: Path) -> Iterator[_Segment]:
    names = sorted(path.stem for path in folder.glob("*.index")) if folder.is_dir() else []
    for orphan in folder.glob("*.records"):
        if orphan.stem not in names:  # of a segment whose deletion or first write was cut short
            orphan.unlink()
    last_end = 0
    for name in names:
        segment = _Segment(folder, int(name))
        _load(segment, is_last=name == names[-1])
        if segment.first > last_end and name != names[0]:
            _LOGGER.error("%s: %d records are lost before it", segment.index, segment.first - last_end)
        last_end = segment.end
        if segment.ends or name == names[-1]:
            yield segment


def _load(segment: _Segment, *, is_last: bool) -> None:
    written = segment.records.stat().st_size if segment.records.exists() else 0
    index = segment.index.read_bytes()
    entries = list(_ENTRY.iter_unpack(index[: len(index) - len(index) % _ENTRY.size]))
    data = memoryview(segment.records.read_bytes() if is_last and written else b"")
    begin = 0
    for end, millis, checksum in entries:
        if not begin < end <= written or (is_last and zlib.crc32(data[begin:end]) != checksum):
            break
        segment.ends.append(end)
        segment.arrivals.append(millis)
        begin = end
    if lost := len(entries) - len(segment.ends):
        damaged = segment.records.with_suffix(".damaged")
        _LOGGER.error("%s: the last %d records are damaged; a copy is %s", segment.records, lost, damaged)
        if written:
            shutil.copyfile(segment.records, damaged)
    if is_last and written:
        os.truncate(segment.records, segment.size_bytes)
    os.truncate(segment.index, len(segment.ends) * _ENTRY.size)
