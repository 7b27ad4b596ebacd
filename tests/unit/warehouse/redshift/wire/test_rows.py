"""Rows as messages: every type in both formats, and columns of any values."""

import datetime as dt
from decimal import Context, Decimal
from struct import pack, unpack
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.unit.warehouse.redshift.wire.client import Message, rows
from warehouse.redshift.result import Column
from warehouse.redshift.wire.binary import BINARY
from warehouse.redshift.wire.numerics import numeric, numerics
from warehouse.redshift.wire.rows import data_rows
from warehouse.redshift.wire.text import TEXT
from warehouse.redshift.wire.types import OIDS, field

NOON = dt.datetime(2026, 1, 2, 12, 0, 0, 500_000)
ZONED = pa.timestamp("us", "America/New_York")
EPOCH = dt.datetime(2000, 1, 1)


def messages(data: bytes) -> list[Message]:
    """Cut a stream into messages."""
    found = []
    while data:
        kind, length = unpack("!ci", data[:5])
        found.append((kind.decode(), data[5 : length + 1]))
        data = data[length + 1 :]
    return found


def encoded(columns: dict[str, pa.Array], types: list[str], formats: list[int]) -> list[list[bytes | None]]:
    """Encode a table, and read the values of its rows."""
    described = [Column(name, kind) for name, kind in zip(columns, types, strict=True)]
    pieces = data_rows(pa.table(columns), described, formats)
    return rows(messages(b"".join(bytes(piece) for piece in pieces)))


@pytest.mark.parametrize(
    ("kind", "value", "arrow", "text", "binary"),
    [
        pytest.param("bool", True, pa.bool_(), b"t", b"\1", id="bool"),
        pytest.param("bool", False, pa.bool_(), b"f", b"\0", id="not"),
        pytest.param("int2", -2, pa.int16(), b"-2", pack("!h", -2), id="int2"),
        pytest.param("int4", 2**31 - 1, pa.int32(), b"2147483647", pack("!i", 2**31 - 1), id="int4"),
        pytest.param("int8", -(2**63), pa.int64(), b"-9223372036854775808", pack("!q", -(2**63)), id="int8"),
        pytest.param("float4", 1.5, pa.float32(), b"1.5", pack("!f", 1.5), id="float4"),
        pytest.param(
            "float8", 0.1 + 0.2, pa.float64(), b"0.30000000000000004", pack("!d", 0.1 + 0.2), id="float8"
        ),
        pytest.param(
            "float8", float("-inf"), pa.float64(), b"-Infinity", pack("!d", float("-inf")), id="infinity"
        ),
        pytest.param("numeric", Decimal("1.50"), pa.decimal128(10, 2), b"1.50", None, id="numeric"),
        pytest.param(
            "numeric", Decimal("1E-9"), pa.decimal128(18, 9), b"0.000000001", None, id="small numeric"
        ),
        pytest.param("varchar", "é'\\", pa.string(), "é'\\".encode(), "é'\\".encode(), id="varchar"),
        pytest.param("varchar", "", pa.string(), b"", b"", id="empty"),
        pytest.param("super", '{"a":1}', pa.string(), b'{"a":1}', b'{"a":1}', id="super"),
        pytest.param("varbyte", b"\0\xff", pa.binary(), b"00ff", b"00ff", id="varbyte"),
        pytest.param("date", dt.date(1999, 12, 31), pa.date32(), b"1999-12-31", pack("!i", -1), id="date"),
        pytest.param(
            "time", dt.time(1, 2, 3), pa.time64("us"), b"01:02:03", pack("!q", 3_723_000_000), id="time"
        ),
        pytest.param(
            "timestamp",
            NOON,
            pa.timestamp("us"),
            b"2026-01-02 12:00:00.5",
            pack("!q", (NOON - EPOCH) // dt.timedelta(microseconds=1)),
            id="timestamp",
        ),
        pytest.param(
            "timestamptz",
            NOON.replace(tzinfo=dt.UTC),
            ZONED,
            b"2026-01-02 12:00:00.5+00",
            pack("!q", (NOON - EPOCH) // dt.timedelta(microseconds=1)),
            id="timestamptz",
        ),
    ],
)
def test_a_value_has_both_formats(
    kind: str, value: Any, arrow: pa.DataType, text: bytes, binary: bytes
) -> None:
    """As PostgreSQL writes them, beside NULL, from the middle of a column."""
    column = pa.array([None, value, None, value], arrow).slice(1)
    assert encoded({"a": column}, [kind], [0]) == [[text], [None], [text]]
    binary = numeric(value) if kind == "numeric" else binary
    assert encoded({"a": column}, [kind], [1]) == [[binary], [None], [binary]]


def test_every_type_has_both_formats() -> None:
    """A type that clients are told of can be sent."""
    assert set(TEXT) == set(BINARY) == set(OIDS)


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        ("0", "0 0 0 0"),
        ("1", "1 0 0 0 1"),
        ("-123.4500", "2 0 16384 4 123 4500"),
        ("10000", "1 1 0 0 1"),
        ("0.00001", "1 -2 0 5 1000"),
        ("12345678.9", "3 1 0 1 1234 5678 9000"),
    ],
)
def test_numeric_in_digits_of_ten_thousand(value: str, digits: str) -> None:
    """PostgreSQL, numeric.c: count, weight, sign, scale and digits; zeros at the ends are left out."""
    body = numeric(Decimal(value))
    assert " ".join(map(str, unpack(f"!HhHH{(len(body) - 8) // 2}H", body))) == digits


@settings(max_examples=100, deadline=None)
@given(
    st.integers(0, 18),
    st.lists(st.none() | st.integers(-(10**38) + 1, 10**38 - 1) | st.integers(-999, 10**15)),
)
@example(4, [0, 1, -1, 10_000, None, 99_999_999])
@example(1, [2**63 - 1, -(2**63)])
@example(0, [2**63 - 1, -(2**63) + 1, 10**18])
def test_numerics_of_a_column_are_those_of_its_values(scale: int, numbers: list[int | None]) -> None:
    """The column's way of many at once gives what each alone gives."""
    values = [None if each is None else Decimal(each).scaleb(-scale, Context(prec=40)) for each in numbers]
    column = pa.array([Decimal(0), *values], pa.decimal128(38, scale)).slice(1)
    assert numerics(column).to_pylist() == [None if each is None else numeric(each) for each in values]


def test_a_result_without_rows_or_columns() -> None:
    """Gives nothing, and rows of nothing."""
    assert encoded({"a": pa.array([], pa.int32())}, ["int4"], [0]) == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.integers(-(2**31), 2**31 - 1),
            st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
            st.none() | st.decimals(-(10**8), 10**8, places=4),
            st.none() | st.datetimes(dt.datetime(1900, 1, 1), dt.datetime(2200, 1, 1)),
            st.none() | st.floats(allow_nan=False),
        ),
        max_size=20,
    ),
    st.lists(st.sampled_from([0, 1]), min_size=5, max_size=5),
)
def test_what_was_encoded_reads_as_it_was(table: list[tuple[Any, ...]], formats: list[int]) -> None:
    """Any values, any formats, nulls anywhere: a reader of its own finds the same."""
    arrows = [pa.int32(), pa.string(), pa.decimal128(20, 4), pa.timestamp("us"), pa.float64()]
    columns = {
        str(place): pa.array([row[place] for row in table], arrow) for place, arrow in enumerate(arrows)
    }
    types = ["int4", "varchar", "numeric", "timestamp", "float8"]
    found = encoded(columns, types, formats)
    read = [
        [
            None if raw is None else _read(kind, code, raw)
            for kind, code, raw in zip(types, formats, row, strict=True)
        ]
        for row in found
    ]
    assert read == [list(row) for row in table]


def _read(kind: str, code: int, raw: bytes) -> Any:
    """Read a value as a client does."""
    if code == 0 or kind == "varchar":
        text = raw.decode()
        readers: dict[str, Any] = {
            "int4": int,
            "varchar": str,
            "numeric": Decimal,
            "timestamp": dt.datetime.fromisoformat,
            "float8": float,
        }
        return readers[kind](text)
    if kind == "numeric":
        count, weight, sign, scale = unpack("!HhHH", raw[:8])
        digits = unpack(f"!{count}H", raw[8:])
        parts = (Decimal(digit).scaleb(4 * (weight - at)) for at, digit in enumerate(digits))
        value = sum(parts, Decimal(0))
        return (-value if sign else value).quantize(Decimal(1).scaleb(-scale))
    if kind == "timestamp":
        return EPOCH + dt.timedelta(microseconds=unpack("!q", raw)[0])
    return unpack({"int4": "!i", "float8": "!d"}[kind], raw)[0]


@pytest.mark.parametrize(
    ("column", "modifier"),
    [
        pytest.param(Column("a", "numeric", 9, 2), (9 << 16 | 2) + 4, id="digits"),
        pytest.param(Column("a", "varchar", 7), 11, id="bytes"),
        pytest.param(Column("a", "varchar"), -1, id="a text of any length"),
        pytest.param(Column("a", "int4"), -1, id="none"),
    ],
)
def test_a_column_says_how_long_its_values_may_be(column: Column, modifier: int) -> None:
    """PostgreSQL's type modifier: a length with the four bytes of its header."""
    assert field(column, 0).modifier == modifier
