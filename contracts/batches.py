r"""What one Kinesis record holds: one event, or many packed together.

Many are one zstd frame or one gzip member of JSON lines, or a KPL aggregate; each is known by its first
bytes, with which no JSON begins. Damage is found by checksums; a zstd frame without one, which we never
write, is taken as it is.

>>> events = [b'{"a":1}', b'{"a":2}']
>>> unpack(pack(events, "zstd")) == unpack(pack(events, "kpl")) == events
True
>>> unpack(b'{"a":1}')
[b'{"a":1}']
"""

import zlib
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Literal, get_args

from backports import zstd

from contracts import kpl
from contracts.errors import MillraceError

Packing = Literal["plain", "gzip", "zstd", "kpl"]
PACKINGS: tuple[Packing, ...] = get_args(Packing)

MOST_RECORD_BYTES = 2**20
"""Bytes of one Kinesis record, its partition key included, where its stream was not allowed more."""

MOST_BYTES = 64 * 2**20
"""That a record may unpack to; Kinesis's largest, 10 MiB of our events, are less than that by half."""

MOST_EVENTS = 2**19
"""That a record may unpack to: `MOST_BYTES` of 128 bytes each, less than any of ours has. Empty lines are
small in a frame, and large as a list."""

_FIRST, _BRACE = itemgetter(0), frozenset(b"{")
_ZSTD, _GZIP = b"\x28\xb5\x2f\xfd", b"\x1f\x8b"
_GZIP_BITS = 31
_LEVEL = 3
_CHECKED: dict[int, int] = {
    zstd.CompressionParameter.compression_level: _LEVEL,
    zstd.CompressionParameter.checksum_flag: 1,
}


class BadBatchError(MillraceError):
    """A record that begins as a batch and cannot be read."""

    def __init__(self, why: str) -> None:
        """Keep what is wrong."""
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        """Say it."""
        return f"a batch cannot be read: {self.why}"


class BatchTooLargeError(MillraceError):
    """Events that are more than one record may hold."""

    def __init__(self, events: int, size: int, limit: int) -> None:
        """Keep how many they are, their size and the limit, in bytes."""
        super().__init__(events, size, limit)
        self.events = events
        self.size = size
        self.limit = limit

    def __str__(self) -> str:
        """Say it."""
        return (
            f"{self.events} events packed have {self.size} bytes; a record takes {self.limit}, "
            f"and unpacks to {MOST_EVENTS} events and {MOST_BYTES} bytes at most"
        )


def begins_batch(data: bytes) -> bool:
    """Return whether `data` begins as a batch, readable or not."""
    return data.startswith((_ZSTD, _GZIP, kpl.MAGIC))


def are_plain(records: Sequence[bytes]) -> bool:
    """Return whether each record surely is one event: a cheap look at its first byte.

    >>> are_plain([b"{}", b'{"a":1}']), are_plain([b"{}", b""]), are_plain([b"nothing"])
    (True, False, False)
    """
    try:
        return set(map(_FIRST, records)) <= _BRACE
    except IndexError:  # an empty record
        return False


def unpack(data: bytes) -> list[bytes]:
    """Return the events of a record's data, in their order.

    Raises:
        BadBatchError: It begins as a batch, and is damaged, cut, followed by more, or beyond `MOST_BYTES` or
            `MOST_EVENTS`.
    """
    if data.startswith(_ZSTD):
        return _lines(_inflated(zstd.ZstdDecompressor(), data))
    if data.startswith(_GZIP):
        return _lines(_inflated(zlib.decompressobj(_GZIP_BITS), data))
    if data.startswith(kpl.MAGIC):
        return _aggregated(data)
    return [data]


def pack(
    events: Sequence[bytes],
    packing: Packing,
    partition_keys: Sequence[str] = (),
    limit: int = MOST_RECORD_BYTES,
) -> bytes:
    """Return events as one record's data, always the same for the same events; `unpack` gives them back.

    Args:
        events: One at least; without a newline in any where they become lines.
        packing: `plain` takes one event alone, which does not begin as a batch.
        partition_keys: Of each event, for KPL's consumers; others do not see them.
        limit: Bytes that it may have; a record's partition key counts too, and is the caller's.

    Raises:
        BatchTooLargeError: It would have more, or be more than `unpack` takes.
        ValueError: The events cannot be packed so.
    """
    if not events:
        raise ValueError("`events` must not be empty")
    size = sum(map(len, events)) + len(events)
    if len(events) > MOST_EVENTS or size > MOST_BYTES:
        raise BatchTooLargeError(len(events), size, limit)
    packed = _packed(events, packing, partition_keys)
    if len(packed) > limit:
        raise BatchTooLargeError(len(events), len(packed), limit)
    return packed


def _packed(events: Sequence[bytes], packing: Packing, partition_keys: Sequence[str]) -> bytes:
    match packing:
        case "zstd":
            return zstd.compress(_text(events), options=_CHECKED)
        case "gzip":
            packer = zlib.compressobj(_LEVEL, wbits=_GZIP_BITS)
            return packer.compress(_text(events)) + packer.flush()
        case "kpl":
            keys = partition_keys or ["-"] * len(events)
            return kpl.aggregate([kpl.UserRecord(*each) for each in zip(keys, events, strict=True)])
    if len(events) != 1:
        raise ValueError(f"`plain` records hold one event; got {len(events)}")
    if begins_batch(events[0]):
        raise ValueError("a `plain` event must not begin as a batch; it would be read as one")
    return events[0]


def _text(events: Sequence[bytes]) -> bytes:
    text = b"\n".join((*events, b""))  # the last line ends too, so that an empty event is not lost
    if text.count(b"\n") != len(events):
        raise ValueError("`events` must hold no newline; it would make two lines of one")
    return text


def _aggregated(data: bytes) -> list[bytes]:
    if not kpl.is_aggregated(data):
        raise BadBatchError("it begins as a KPL aggregate, and its checksum is not right")
    try:
        events = [record.data for record in kpl.deaggregate(data)]
    except kpl.AggregationError as error:
        raise BadBatchError(error.why) from None
    if len(events) > MOST_EVENTS:
        raise BadBatchError(f"it is beyond {MOST_EVENTS} events")
    return events


def _inflated(unpacker: Any, data: bytes) -> bytes:
    try:
        unpacked: bytes = unpacker.decompress(data, MOST_BYTES + 1)
    except (zstd.ZstdError, zlib.error) as error:
        raise BadBatchError(str(error)) from None
    if len(unpacked) > MOST_BYTES:
        raise BadBatchError(f"it is beyond {MOST_BYTES} bytes")
    if not unpacker.eof:
        raise BadBatchError("its end is missing")
    if unpacker.unused_data:
        raise BadBatchError("something follows it")
    return unpacked


def _lines(text: bytes) -> list[bytes]:
    if text.count(b"\n") + (not text.endswith(b"\n")) > MOST_EVENTS:
        raise BadBatchError(f"it is beyond {MOST_EVENTS} events")
    lines = text.split(b"\n")
    return lines[:-1] if not lines[-1] else lines
