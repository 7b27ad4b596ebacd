"""KPL's format, held against another implementation both ways."""

import base64
import pickle
import re
from collections.abc import Iterable
from hashlib import md5
from typing import Any

import pytest
from aws_kinesis_agg.aggregator import RecordAggregator
from aws_kinesis_agg.deaggregator import deaggregate_records
from hypothesis import example, given
from hypothesis import strategies as st

from contracts.errors import MillraceError
from contracts.kpl import MAGIC, AggregationError, UserRecord, aggregate, deaggregate, is_aggregated

KEY = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
HASH_KEY = st.integers(0, 2**128 - 1).map(str)
RECORD = st.builds(UserRecord, KEY, st.binary(max_size=300), st.none() | HASH_KEY)
RECORDS = st.lists(RECORD, min_size=1, max_size=20)
KEYED = st.lists(st.builds(UserRecord, KEY, st.binary(max_size=300), HASH_KEY), min_size=1, max_size=20)
WITHOUT_HASH_KEYS = st.lists(
    st.builds(UserRecord, KEY, st.binary(max_size=300), st.none()), min_size=1, max_size=20
)
MANY = [UserRecord(f"key {n}", b"x" * n, str(n)) for n in range(300)]
"""Enough for indexes and lengths of two bytes."""

ONE = aggregate([UserRecord("a", b"x")])
KEY_A = b"\x0a\x01a"


def sealed(message: bytes) -> bytes:
    """Return a message between magic and checksum."""
    return MAGIC + message + md5(message, usedforsecurity=False).digest()


def field(number: int, kind: int, content: bytes) -> bytes:
    """Return a field of up to 127 bytes, its length before it where the wire type has one."""
    length = bytes([len(content)]) if kind == 2 else b""
    return bytes([number << 3 | kind]) + length + content


LATER = field(15, 0, b"\xff\x01") + field(14, 1, bytes(8)) + field(13, 2, b"new") + field(12, 5, bytes(4))
"""Fields that no version of the format has, one of each wire type."""
FIELD = st.builds(field, st.sampled_from([0, 1, 2, 3, 5]), st.integers(0, 7), st.binary(max_size=12))
PIECE = st.sampled_from([b"\x08\x00", b"\x08\x01", b"\x10\x00", b"\x1a\x00", b"\x1a\x01d", LATER])
ENTRY = (st.lists(PIECE, max_size=4) | st.lists(PIECE | FIELD, max_size=4)).map(b"".join)
RECORD_FIELD = ENTRY.map(lambda entry: field(3, 2, b"\x08\x00" + entry))
SOUND = st.sampled_from([KEY_A, field(2, 2, b"7")]) | RECORD_FIELD
PARTS = st.lists(SOUND, min_size=1, max_size=4) | st.lists(SOUND | FIELD, min_size=1, max_size=4)
LIKELY = PARTS.map(lambda parts: KEY_A * 2 + b"".join(parts))
"""Messages that are close to right: random bytes alone seldom get as far as a record."""


def read_by_the_other(data: bytes) -> list[UserRecord]:
    """Return what a Lambda function with AWS's library makes of one Kinesis record."""
    kinesis: dict[str, Any] = dict.fromkeys(("kinesisSchemaVersion", "partitionKey", "sequenceNumber"), "1")
    kinesis |= {"approximateArrivalTimestamp": 1.0, "data": base64.b64encode(data).decode()}
    read = [each["kinesis"] for each in deaggregate_records([{"kinesis": kinesis}])]
    assert all(each.get("aggregated") for each in read)
    return [
        UserRecord(each["partitionKey"], base64.b64decode(each["data"]), each["explicitHashKey"])
        for each in read
    ]


def written_by_the_other(records: Iterable[UserRecord]) -> bytes:
    """Return what a producer with AWS's library puts."""
    aggregator = RecordAggregator()
    for record in records:
        aggregator.add_user_record(record.partition_key, record.data, record.explicit_hash_key)
    data: bytes = aggregator.clear_and_get().get_contents()[2]
    return data


@given(RECORDS)
def test_what_goes_in_comes_out(records: list[UserRecord]) -> None:
    """Keys, hash keys, bytes and order."""
    data = aggregate(iter(records))
    assert is_aggregated(data)
    assert deaggregate(data) == records


@given(KEYED | WITHOUT_HASH_KEYS | st.just(MANY))
def test_the_other_implementation_reads_ours(records: list[UserRecord]) -> None:
    """All have hash keys or none has: where only some have, theirs gives the first one to the rest."""
    assert read_by_the_other(aggregate(records)) == records


@given(RECORDS | st.just(MANY))
def test_ours_reads_the_other_implementation_s(records: list[UserRecord]) -> None:
    """With hash keys for some, all or none."""
    data = written_by_the_other(records)
    assert is_aggregated(data)
    assert deaggregate(data) == records


@given(RECORDS | st.just(MANY))
def test_a_key_stands_once_in_its_table(records: list[UserRecord]) -> None:
    """Which is the point of the tables; ours is as long as the other implementation's."""
    twice = records + records
    assert len(aggregate(twice)) == len(written_by_the_other(twice))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b'{"event_id": "UA-1545-EWR-20130208T12-departed"}', id="plain"),
        pytest.param(MAGIC, id="magic alone"),
        pytest.param(MAGIC + bytes(12), id="shorter than a checksum"),
        pytest.param(sealed(b""), id="empty message"),
        pytest.param(ONE[:-1], id="torn"),
        pytest.param(ONE.replace(b"x", b"y"), id="changed"),
        pytest.param(b"\xf3\x89\x9a\xc3" + ONE[4:], id="other magic"),
    ],
)
def test_what_is_no_aggregate_is_a_record_like_any_other(data: bytes) -> None:
    """A wrong checksum too, as to the KCL; and who does not ask first is told, lest the record be lost."""
    assert not is_aggregated(data)
    with pytest.raises(ValueError, match=r"`data` must be an aggregate; ask `is_aggregated` first"):
        deaggregate(data)


@pytest.mark.parametrize(
    ("message", "why"),
    [
        pytest.param(b"\x0a\x05a", "it ends inside a field", id="short text"),
        pytest.param(KEY_A + b"\x79" + bytes(7), "it ends inside a field", id="short field of 64 bits"),
        pytest.param(KEY_A + b"\x7d" + bytes(3), "it ends inside a field", id="short field of 32 bits"),
        pytest.param(b"\x0a", "it ends inside a number", id="no length"),
        pytest.param(b"\x0a\xff", "it ends inside a number", id="short length"),
        pytest.param(b"\xff", "it ends inside a number", id="short tag"),
        pytest.param(b"\x80" * 11, "the number is over 64 bits", id="endless number"),
        pytest.param(b"\x78" + b"\xff" * 9 + b"\x02", "the number is over 64 bits", id="65 bits"),
        pytest.param(b"\x7b", "field 15 is of wire type 3", id="a group"),
        pytest.param(b"\x7e", "field 15 is of wire type 6", id="no wire type"),
        pytest.param(b"\x02\x00", "field 0 is of wire type 2", id="field 0"),
        pytest.param(b"\x08\x01", "field 1 is of wire type 0", id="key is a number"),
        pytest.param(b"\x09" + b"k" * 8, "field 1 is of wire type 1", id="key is 64 bits"),
        pytest.param(b"\x15" + b"1" * 4, "field 2 is of wire type 5", id="hash key is 32 bits"),
        pytest.param(b"\x18\x01", "field 3 is of wire type 0", id="record is a number"),
        pytest.param(b"\x0a\x01\xff", r"key b'\xff' is not UTF-8", id="key is no text"),
        pytest.param(b"\x12\x01\xff", r"key b'\xff' is not UTF-8", id="hash key is no text"),
    ],
)
def test_a_broken_message_is_an_error(message: bytes, why: str) -> None:
    """Its checksum is right, so it was made like that."""
    assert is_aggregated(sealed(message))
    with pytest.raises(AggregationError, match=re.escape(why)):
        deaggregate(sealed(message))


@pytest.mark.parametrize(
    ("entry", "why"),
    [
        pytest.param(b"", "a record has no partition key or no data", id="empty"),
        pytest.param(b"\x08\x00", "a record has no partition key or no data", id="no data"),
        pytest.param(b"\x1a\x01d", "a record has no partition key or no data", id="no key"),
        pytest.param(b"\x08\x01\x1a\x01d", "index 1 is beyond a table of 1", id="key beyond the table"),
        pytest.param(b"\x08\x00\x10\x00\x1a\x01d", "index 0 is beyond a table of 0", id="no hash keys"),
        pytest.param(b"\x0a\x01a\x1a\x01d", "field 1 is of wire type 2", id="index is text"),
        pytest.param(b"\x08\x00\x12\x011\x1a\x01d", "field 2 is of wire type 2", id="hash index is text"),
        pytest.param(b"\x08\x00\x18\x01", "field 3 is of wire type 0", id="data is a number"),
        pytest.param(b"\x08\x00\x1ddata", "field 3 is of wire type 5", id="data is 32 bits"),
        pytest.param(b"\x08\x00\x1a\x02d", "it ends inside a field", id="data beyond its record"),
    ],
)
def test_a_broken_record_is_an_error(entry: bytes, why: str) -> None:
    """Also where a sound one stands before it: all of an aggregate or nothing."""
    message = KEY_A + field(3, 2, b"\x08\x00\x1a\x01d") + field(3, 2, entry)
    with pytest.raises(AggregationError, match=re.escape(why)):
        deaggregate(sealed(message))


def test_records_without_a_table_are_an_error() -> None:
    """The table is empty, so that even the first index is beyond it."""
    with pytest.raises(AggregationError, match="index 0 is beyond a table of 0"):
        deaggregate(sealed(field(3, 2, b"\x08\x00\x1a\x01d")))


def test_tables_without_records_are_an_aggregate_of_none() -> None:
    """A protobuf message may leave out what is repeated."""
    assert deaggregate(sealed(KEY_A)) == []


def test_tables_may_stand_behind_the_records() -> None:
    """Protobuf leaves the order of fields to the writer."""
    message = field(3, 2, b"\x1a\x01d\x10\x00\x08\x00") + field(2, 2, b"7") + KEY_A
    assert deaggregate(sealed(message)) == [UserRecord("a", b"d", "7")]


def test_a_number_may_take_ten_bytes() -> None:
    """The largest of 64 bits does; and a writer may pad a small one."""
    largest = field(15, 0, b"\xff" * 9 + b"\x01")
    padded = b"\x08" + b"\x80" * 9 + b"\x00"
    message = KEY_A + largest + field(3, 2, padded + b"\x1a\x01d")
    assert deaggregate(sealed(message)) == [UserRecord("a", b"d")]


def test_fields_of_later_versions_are_skipped() -> None:
    """Of every wire type, in the message and in a record; tags too."""
    tag = field(4, 2, field(1, 2, b"name") + field(2, 2, b"value"))
    message = LATER + KEY_A + LATER + field(3, 2, LATER + b"\x08\x00" + tag + tag + b"\x1a\x01d" + LATER)
    assert deaggregate(sealed(message)) == [UserRecord("a", b"d")]
    assert read_by_the_other(sealed(message)) == [UserRecord("a", b"d")]


def test_an_aggregate_of_nothing_is_refused() -> None:
    """No consumer would take it for an aggregate; they would hand on its bytes as a record."""
    with pytest.raises(ValueError, match="`records` must not be empty"):
        aggregate([])


def test_the_error_survives_pickle() -> None:
    """As it crosses a worker, with what it says."""
    error = pickle.loads(pickle.dumps(AggregationError("wire type 3")))  # noqa: S301  # our own bytes
    assert issubclass(AggregationError, MillraceError)
    assert (error.why, str(error)) == ("wire type 3", "a KPL aggregate cannot be read: wire type 3")


@given(st.binary(min_size=1, max_size=60) | LIKELY)
@example(b"\x80\x80\x80\x80\x10\x00")  # a field's number of 30 bits
@example(b"\xa0\x80\x80\x80\x80\x00\x00")  # one in six bytes
def test_no_bytes_break_the_reader(message: bytes) -> None:
    """They are records, which the other implementation reads alike, or they are the one error."""
    try:
        records = deaggregate(sealed(message))
    except AggregationError:
        return
    theirs = [(record.partition_key, record.data) for record in read_by_the_other(sealed(message))]
    assert [(record.partition_key, record.data) for record in records] == theirs
