r"""What one Kinesis record holds: one event, or many packed together.

Many are a zstd frame or a gzip file of JSON lines, or a KPL aggregate; each is known by its first bytes, with
which no JSON begins.

>>> events = [b'{"a":1}', b'{"a":2}']
>>> unpack(pack(events, "zstd")) == unpack(pack(events, "kpl")) == events
True
>>> unpack(b'{"a":1}')
[b'{"a":1}']
"""

import zlib
from collections.abc import Sequence
from typing import Any, Literal, get_args

from backports import zstd

from contracts import kpl
from contracts.errors import MillraceError

Packing = Literal["plain", "gzip", "zstd", "kpl"]
PACKINGS: tuple[Packing, ...] = get_args(Packing)

MOST_BYTES = 64 * 2**20
"""That a record may unpack to; Kinesis's largest, 10 MiB of our events, are less than that by half."""

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


def unpack(data: bytes) -> list[bytes]:
    """Return the events of a record's data, in their order.

    Raises:
        BadBatchError: It begins as a batch, and is damaged, cut, followed by more, or beyond `MOST_BYTES`.
    """
    if data.startswith(_ZSTD):
        return _lines(_inflated(zstd.ZstdDecompressor(), data))
    if data.startswith(_GZIP):
        return _lines(_inflated(zlib.decompressobj(_GZIP_BITS), data))
    if kpl.is_aggregated(data):
        try:
            return [record.data for record in kpl.deaggregate(data)]
        except kpl.AggregationError as error:
            raise BadBatchError(error.why) from None
    return [data]


def pack(events: Sequence[bytes], packing: Packing, partition_keys: Sequence[str] = ()) -> bytes:
    """Return events as one record's data, always the same for the same events.

    Args:
        events: Without a newline in any.
        packing: `plain` takes one event alone.
        partition_keys: Of each event, for KPL's consumers; others do not see them.

    Raises:
        ValueError: Several events are to be plain.
    """
    match packing:
        case "zstd":
            return zstd.compress(b"\n".join(events), options=_CHECKED)
        case "gzip":
            packer = zlib.compressobj(_LEVEL, wbits=_GZIP_BITS)
            return packer.compress(b"\n".join(events)) + packer.flush()
        case "kpl":
            keys = partition_keys or ["-"] * len(events)
            return kpl.aggregate([kpl.UserRecord(*each) for each in zip(keys, events, strict=True)])
    if len(events) != 1:
        msg = f"`plain` records hold one event; got {len(events)}"
        raise ValueError(msg)
    return events[0]


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
    lines = text.split(b"\n")
    return lines[:-1] if not lines[-1] else lines
