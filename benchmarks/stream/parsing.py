"""Stages that are functions of the stream: parse and validate, windows, packing."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from benchmarks.stream.lines import read_events
from contracts.batches import Packing, pack, unpack
from contracts.parse import parse_flight_event
from pipelines.columnar import parse_all
from pipelines.feed import FLIGHTS
from pipelines.legs import LEGS, RangeEvents
from pipelines.windows import WINDOWS

CHUNK = 20_000
PACKED_EVENTS = 500


def at_once(file: Path, events: int) -> Callable[[], None]:
    """Parse and validate as the stream does."""
    data = read_events(file, events)

    _parsed(data[:CHUNK])

    def work() -> None:
        for start in range(0, events, CHUNK):
            _parsed(data[start : start + CHUNK])

    return work


def _parsed(data: list[bytes]) -> pa.Table:
    parsed = parse_all(data, FLIGHTS.parse, FLIGHTS.parse_all, FLIGHTS.fields)
    assert not parsed.rejects  # noqa: S101  # a stage that refuses events measures something else
    return parsed.table


def one_by_one(file: Path, events: int) -> Callable[[], None]:
    """Parse and validate as Lambda's functions do."""
    data = read_events(file, events)

    def work() -> None:
        for each in data:
            parse_flight_event(each)

    return work


def windows(file: Path, events: int) -> Callable[[], None]:
    """Make the partials of every kind of window of parsed events; no aircraft is known before."""
    data = read_events(file, events)
    tables = [_parsed(data[start : start + CHUNK]) for start in range(0, events, CHUNK)]
    data.clear()

    def work(some: slice = slice(None)) -> None:
        for table in tables[some]:
            for window in WINDOWS:
                window.partials(RangeEvents("0" * 32, table, LEGS.empty_table()))

    work(slice(1))
    return work


def pack_zstd(file: Path, events: int) -> Callable[[], dict[str, float]]:
    """Pack 500 events a record, zstd."""
    return _packing(file, events, "zstd")


def pack_gzip(file: Path, events: int) -> Callable[[], dict[str, float]]:
    """Pack 500 events a record, gzip."""
    return _packing(file, events, "gzip")


def pack_kpl(file: Path, events: int) -> Callable[[], dict[str, float]]:
    """Pack 500 events a record, as the KPL does."""
    return _packing(file, events, "kpl")


def unpack_zstd(file: Path, events: int) -> Callable[[], None]:
    """Unpack zstd."""
    return _unpacking(file, events, "zstd")


def unpack_gzip(file: Path, events: int) -> Callable[[], None]:
    """Unpack gzip."""
    return _unpacking(file, events, "gzip")


def unpack_kpl(file: Path, events: int) -> Callable[[], None]:
    """Unpack the KPL's."""
    return _unpacking(file, events, "kpl")


def _packing(file: Path, events: int, packing: Packing) -> Callable[[], dict[str, float]]:
    parts = _parts(file, events)
    plain = sum(len(each) for part in parts for each in part)

    def work() -> dict[str, float]:
        packed = sum(len(pack(part, packing)) for part in parts)
        return {"share_of_plain_bytes": packed / plain}

    return work


def _unpacking(file: Path, events: int, packing: Packing) -> Callable[[], None]:
    packed = [pack(part, packing) for part in _parts(file, events)]

    def work() -> None:
        for each in packed:
            unpack(each)

    return work


def _parts(file: Path, events: int) -> list[list[bytes]]:
    data = read_events(file, events)
    return [data[start : start + PACKED_EVENTS] for start in range(0, events, PACKED_EVENTS)]
