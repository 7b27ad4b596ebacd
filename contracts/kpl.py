r"""KPL aggregation: many user records in one Kinesis record.

The layout is of https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md:

    F3 89 9A C2 | the protobuf message AggregatedRecord | the MD5 of that message

    AggregatedRecord  1 partition_key_table      strings
                      2 explicit_hash_key_table  strings
                      3 records                  Records
    Record            1 partition_key_index      varint
                      2 explicit_hash_key_index  varint, may be absent
                      3 data                     bytes
                      4 tags                     which nobody reads

An aggregate lies in the shard of the outer record's key, so who aggregates groups by shard.

>>> data = aggregate([UserRecord("UA-1545", b"departed"), UserRecord("UA-1545", b"arrived")])
>>> data[:4], is_aggregated(data), is_aggregated(b"departed")
(b'\xf3\x89\x9a\xc2', True, False)
>>> [record.data for record in deaggregate(data)]
[b'departed', b'arrived']
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import md5
from typing import NamedTuple

from contracts.errors import MillraceError

MAGIC = b"\xf3\x89\x9a\xc2"
_DIGEST_BYTES = 16
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
_SIZES = {_VARINT: 0, _FIXED_64: 8, _FIXED_32: 4}
_KINDS, _NUMBERED = frozenset({_BYTES, *_SIZES}), frozenset({_VARINT, _BYTES})
_AGGREGATE = {1: _BYTES, 2: _BYTES, 3: _BYTES}
_RECORD = {1: _VARINT, 2: _VARINT, 3: _BYTES}
_LARGEST_FIELD, _TAG_BYTES = 2**29 - 1, 5  # protobuf's
_MORE = 0x80  # in a varint's byte: another follows
_USUAL = re.compile(rb"\x08([\x80-\xff]?[\x00-\x7f])\x1a([\x80-\xff]?[\x00-\x7f])", re.DOTALL)
"""How nearly every record begins: a key and data, in this order and no more; that is read at once."""


class UserRecord(NamedTuple):
    """One record of an aggregate; `explicit_hash_key` is in decimal digits, where the producer gave one."""

    partition_key: str
    data: bytes
    explicit_hash_key: str | None = None


class AggregationError(MillraceError):
    """An aggregate whose checksum is right and whose message is broken: its producer made it so."""

    def __init__(self, why: str) -> None:
        """Keep what is wrong."""
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        """Say it."""
        return f"a KPL aggregate cannot be read: {self.why}"


def is_aggregated(data: bytes) -> bool:
    """Return whether magic and checksum make `data` an aggregate; to the KCL too, an empty one is none."""
    return (
        data.startswith(MAGIC)
        and len(data) > len(MAGIC) + _DIGEST_BYTES
        and _digest(data[len(MAGIC) : -_DIGEST_BYTES]) == data[-_DIGEST_BYTES:]
    )


def aggregate(records: Iterable[UserRecord]) -> bytes:
    """Return the data of one Kinesis record that holds `records` in their order, of whatever size that is.

    Raises:
        ValueError: There are none.
    """
    keys: dict[str, int] = {}
    hash_keys: dict[str, int] = {}
    entries = bytearray()
    for record in records:
        entry = b"\x08" + _varint(keys.setdefault(record.partition_key, len(keys)))
        if record.explicit_hash_key is not None:
            entry += b"\x10" + _varint(hash_keys.setdefault(record.explicit_hash_key, len(hash_keys)))
        entries += _field(3, entry + _field(3, record.data))
    if not entries:
        raise ValueError("`records` must not be empty; no consumer takes an empty aggregate for one")
    tables = [_field(1, key.encode()) for key in keys] + [_field(2, key.encode()) for key in hash_keys]
    message = b"".join(tables) + entries
    return MAGIC + message + _digest(message)


def deaggregate(data: bytes) -> list[UserRecord]:
    """Return the records of an aggregate in their order. Fields that are not known are skipped.

    Raises:
        AggregationError: Its message is no AggregatedRecord. The KCL would hand it on undivided.
        ValueError: `data` is no aggregate, but a record like any other.
    """
    if not is_aggregated(data):
        raise ValueError("`data` must be an aggregate; ask `is_aggregated` first")
    tables: dict[int, list[bytes]] = {1: [], 2: [], 3: []}
    for number, _, content in _fields(data[len(MAGIC) : -_DIGEST_BYTES], _AGGREGATE):
        tables[number].append(content)
    keys, hash_keys = ([_text(content) for content in tables[number]] for number in (1, 2))
    return [_record(entry, keys, hash_keys) for entry in tables[3]]


def _record(entry: bytes, keys: list[str], hash_keys: list[str]) -> UserRecord:
    usual = _USUAL.match(entry)
    if usual and usual.end() + _read_varint(usual[2], 0)[0] == len(entry):
        return UserRecord(_at(keys, _read_varint(usual[1], 0)[0]), entry[usual.end() :])
    found = {number: (integer, content) for number, integer, content in _fields(entry, _RECORD)}
    if not {1, 3} <= found.keys():
        raise AggregationError("a record has no partition key or no data")
    hash_key = _at(hash_keys, found[2][0]) if found.get(2) else None
    return UserRecord(_at(keys, found[1][0]), found[3][1], hash_key)


def _at(table: list[str], index: int) -> str:
    if index >= len(table):
        raise AggregationError(f"index {index} is beyond a table of {len(table)}")
    return table[index]


def _text(content: bytes) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise AggregationError(f"key {content!r} is not UTF-8") from None


def _fields(message: bytes, known: Mapping[int, int]) -> Iterator[tuple[int, int, bytes]]:
    """Yield number, varint and content of each field in `known`, which gives the wire types."""
    at, size = 0, len(message)
    while at < size:
        began = at
        tag, at = _read_varint(message, at)
        number, kind = tag >> 3, tag & 7
        if number > _LARGEST_FIELD or at - began > _TAG_BYTES:
            raise AggregationError("a field's number is over 29 bits")
        if number == 0 or kind not in _KINDS or known.get(number, kind) != kind:
            raise AggregationError(f"field {number} is of wire type {kind}")
        integer, at = _read_varint(message, at) if kind in _NUMBERED else (0, at)
        end = at + (integer if kind == _BYTES else _SIZES[kind])
        if end > size:
            raise AggregationError("it ends inside a field")
        if number in known:
            yield number, integer, message[at:end]
        at = end


def _read_varint(message: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    for byte in message[at : at + 10]:
        at += 1
        if byte < _MORE:
            number |= byte << shift
            if number < 1 << 64:
                return number, at
            break
        number |= (byte & 0x7F) << shift
        shift += 7
    raise AggregationError("it ends inside a number, or the number is over 64 bits")


def _varint(number: int) -> bytes:
    if number < _MORE:
        return bytes([number])
    return bytes([number & 0x7F | _MORE]) + _varint(number >> 7)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(content)) + content


def _digest(message: bytes) -> bytes:
    return md5(message, usedforsecurity=False).digest()
