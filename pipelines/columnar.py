"""Many records parsed at once: the rules of `contracts.parse`, column by column in Arrow.

A record at a time costs five times as much. What is here only ever says yes: a record that it does not take
goes to the feed's own parser, whose word is the last, so both can differ in speed alone. Arrow's JSON reader
is laxer than orjson, and recurses; it is given lines that are flat objects and nothing else.
"""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import json as arrow_json

from contracts.parse import FLIGHT_KINDS, LARGEST_DELAY, MOST_BYTES, Parse
from contracts.rejects import Reject
from contracts.schema import FLIGHT_FIELDS

PART_RECORDS = 512
"""Where the fast way does not take all at once, it is asked for so many: fewer would cost it as much."""

_TIMES = ("event_time", "time_hour", "scheduled_departure")
_TIME = r"^(19[7-9]\d|20\d\d)-\d\d-\d\dT\d\d:\d\d:\d\dZ$"
_WHOLE_HOUR = ":00:00Z"
_INT32 = 2**31
_KINDS = pa.array(sorted(FLIGHT_KINDS))
_LARGEST_DELAY = int(LARGEST_DELAY.total_seconds()) * 1_000_000
_NOT_FLAT = (b"\\", b"[", b"\0")
_NOT_JSON = (b"NaN", b"Inf")
"""Numbers to Arrow's reader."""
_AS_READ = pa.schema(
    [
        pa.field(each.name, pa.int64() if pa.types.is_integer(each.type) else pa.string())
        for each in FLIGHT_FIELDS
    ]
)
_ROWS = pa.schema(FLIGHT_FIELDS)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What became of some records.

    Attributes:
        table: Rows of the feed's own fields, in the order of their records.
        places: Of each row, the place of its record among those that were given.
        rejects: The others, each with its place, in order.
    """

    table: pa.Table
    places: pa.Int64Array
    rejects: list[tuple[int, Reject]]


type ParseAll = Callable[[Sequence[bytes]], tuple[pa.Table, pa.BooleanArray] | None]
"""Returns the rows of those records that are surely events, and which those are; None where it cannot say."""


def parse_all(data: Sequence[bytes], parse: Parse, fast: ParseAll | None, schema: pa.Schema) -> Parsed:
    """Parse records by the fast way where there is one, and one by one where that does not take them."""
    parts = list(_parts(data, 0, parse, fast, schema))
    return Parsed(
        pa.concat_tables([part.table for part in parts]) if parts else schema.empty_table(),
        pa.concat_arrays([part.places for part in parts]) if parts else pa.array([], pa.int64()),
        [reject for part in parts for reject in part.rejects],
    )


def _parts(
    data: Sequence[bytes], first: int, parse: Parse, fast: ParseAll | None, schema: pa.Schema
) -> Iterator[Parsed]:
    answer = fast(data) if fast and data else None
    if answer is None and fast and len(data) > PART_RECORDS:
        for start in range(0, len(data), PART_RECORDS):
            yield from _parts(data[start : start + PART_RECORDS], first + start, parse, fast, schema)
        return
    if answer is None:
        yield _one_by_one(enumerate(data, first), parse, schema)
        return
    table, right = answer
    places = pc.add(pc.indices_nonzero(right).cast(pa.int64()), first)
    if len(places) == len(data):
        yield Parsed(table, places, [])
        return
    others = pc.indices_nonzero(pc.invert(right)).to_pylist()
    slow = _one_by_one(((first + place, data[place]) for place in others), parse, schema)
    if slow.table.num_rows:  # in the records' order
        places = pa.concat_arrays([places, slow.places])
        order = pc.sort_indices(places)
        table, places = pa.concat_tables([table, slow.table]).take(order), places.take(order)
    yield Parsed(table, places, slow.rejects)


def _one_by_one(records: Iterable[tuple[int, bytes]], parse: Parse, schema: pa.Schema) -> Parsed:
    rows: list[dict[str, Any]] = []
    places: list[int] = []
    rejects: list[tuple[int, Reject]] = []
    for place, data in records:
        row = parse(data)
        if isinstance(row, Reject):
            rejects.append((place, row))
        else:
            rows.append(row)
            places.append(place)
    return Parsed(pa.Table.from_pylist(rows, schema=schema), pa.array(places, pa.int64()), rejects)


def parse_flights(data: Sequence[bytes]) -> tuple[pa.Table, pa.BooleanArray] | None:
    """Read flight events at once; None where not all are flat JSON objects with fields of the right types."""
    joined = b"\n".join(data)
    if not _is_flat(joined, len(data)):
        return None
    try:
        read = _read(joined)
        if read.num_rows != len(data):
            return None
        texts = {name: read[name].chunk(0) for name in _AS_READ.names}
        right = _are_right(texts)
        columns = {name: each.filter(right) for name, each in texts.items()}
        arrays = [pc.cast(columns[each.name], each.type) for each in FLIGHT_FIELDS]
    except pa.ArrowInvalid:  # no JSON, a wrong type, a day that no month has
        return None
    table = pa.table(arrays, schema=_ROWS)
    behind = pc.subtract(table["event_time"], table["scheduled_departure"]).cast(pa.int64())
    is_possible = pc.less_equal(pc.abs(behind), _LARGEST_DELAY).combine_chunks()
    if pc.all(is_possible).as_py() in {True, None}:
        return table, right
    kept = pc.indices_nonzero(right).filter(is_possible)
    right = pc.is_in(pa.array(range(len(data)), kept.type), kept)
    return table.filter(is_possible), right


def _read(lines: bytes) -> pa.Table:
    """Read flat objects; fields that are not known are ignored, where they surely are JSON."""
    try:
        return _read_json(lines, unknown="error")
    except pa.ArrowInvalid as error:
        if "unexpected field" not in str(error) or any(each in lines for each in _NOT_JSON):
            raise
    return _read_json(lines, unknown="ignore")


def _read_json(lines: bytes, unknown: str) -> pa.Table:
    options = arrow_json.ReadOptions(use_threads=False, block_size=len(lines) + 1)
    parse = arrow_json.ParseOptions(explicit_schema=_AS_READ, unexpected_field_behavior=unknown)
    return arrow_json.read_json(io.BytesIO(lines), options, parse).combine_chunks()


def _is_flat(joined: bytes, lines: int) -> bool:
    """Return whether each line is `{…}` without anything nested, escaped, or what Arrow alone takes."""
    letters = np.frombuffer(joined, np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    if (
        len(ends) != lines - 1
        or not joined.count(b"{") == joined.count(b"}") == lines
        or not (joined.startswith(b"{") and joined.endswith(b"}"))
        or not np.all((letters[ends - 1] == ord("}")) & (letters[ends + 1] == ord("{")))
        or any(each in joined for each in _NOT_FLAT)
    ):
        return False
    if not joined.isascii():
        try:
            joined.decode()
        except UnicodeDecodeError:
            return False
    return True


def _are_right(texts: Mapping[str, pa.Array]) -> pa.BooleanArray:
    """Return which rows keep every rule but that of impossible delays; times are texts still."""
    hour, departed = texts["time_hour"], pc.equal(texts["kind"], "departed")
    word = pc.binary_join_element_wise(
        pc.utf8_slice_codeunits(hour, 0, 4),
        pc.utf8_slice_codeunits(hour, 5, 7),
        pc.utf8_slice_codeunits(hour, 8, 13),
        "",
    )
    identity = pc.binary_join_element_wise(
        texts["carrier"], texts["flight"].cast(pa.string()), texts["origin"], word, texts["kind"], "-"
    )
    rules = [
        *(texts[each.name].is_valid() for each in FLIGHT_FIELDS if not each.nullable),
        pc.is_in(texts["kind"], _KINDS),
        *(
            pc.less_equal(pc.binary_length(texts[name]), most).fill_null(True)  # noqa: FBT003  # Arrow's
            for name, most in MOST_BYTES.items()
        ),
        *(pc.match_substring_regex(texts[name], _TIME) for name in _TIMES),
        pc.ends_with(hour, _WHOLE_HOUR),
        *(_is_int32(texts[name]) for name in ("flight", "delay_minutes")),
        pc.equal(texts["event_id"], identity),
        pc.or_(pc.invert(departed), texts["delay_minutes"].is_valid()),
    ]
    right = rules[0]
    for rule in rules[1:]:
        right = pc.and_kleene(right, rule)
    return right.fill_null(False)  # noqa: FBT003  # as above


def _is_int32(values: pa.Array) -> pa.BooleanArray:
    fits = pc.and_(pc.greater_equal(values, -_INT32), pc.less(values, _INT32))
    return fits.fill_null(True)  # noqa: FBT003  # as above
