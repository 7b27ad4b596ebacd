"""Parameters: what was sent is what the statement sees."""

import datetime as dt
from decimal import Decimal
from struct import pack
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.wire.numerics import numeric
from warehouse.redshift.wire.parameters import literal, sample
from warehouse.redshift.wire.statements import Template, split

BOOL, INT8, INT2, INT4, OID, FLOAT4, FLOAT8, DATE, TIME = 16, 20, 21, 23, 26, 700, 701, 1082, 1083
TIMESTAMP, TIMESTAMPTZ, NUMERIC, UNKNOWN = 1114, 1184, 1700, 705


@pytest.mark.parametrize(
    ("oid", "value", "code", "written"),
    [
        (INT4, b"7", 0, "7"),
        (INT4, pack("!i", -7), 1, "cast(-7 as integer)"),
        (INT2, pack("!h", 7), 1, "cast(7 as smallint)"),
        (INT8, b" 7 ", 0, "cast(7 as bigint)"),
        (OID, pack("!I", 2**32 - 1), 1, "cast(4294967295 as bigint)"),
        (NUMERIC, b"150", 0, "cast('150' as numeric(3, 0))"),
        (NUMERIC, b"-0.050", 0, "cast('-0.050' as numeric(3, 3))"),
        (NUMERIC, b"1e3", 0, "cast('1000' as numeric(4, 0))"),
        (NUMERIC, numeric(Decimal("-123.4500")), 1, "cast('-123.4500' as numeric(7, 4))"),
        (FLOAT8, pack("!d", 0.1), 1, "cast('0.1' as double precision)"),
        (FLOAT4, b"1.5", 0, "cast('1.5' as real)"),
        (BOOL, b"\1", 1, "true"),
        (BOOL, b"off", 0, "false"),
        (DATE, pack("!i", 1), 1, "cast('2000-01-02' as date)"),
        (DATE, b"2026-01-02", 0, "cast('2026-01-02' as date)"),
        (TIME, pack("!q", 1_000_000), 1, "cast('00:00:01' as time)"),
        (TIMESTAMP, pack("!q", -1), 1, "cast('1999-12-31 23:59:59.999999' as timestamp)"),
        (TIMESTAMPTZ, pack("!q", 0), 1, "cast('2000-01-01 00:00:00+00:00' as timestamptz)"),
        (
            TIMESTAMPTZ,
            b"2026-01-02 00:00:00+01:30",
            False,
            "cast('2026-01-02 00:00:00+01:30' as timestamptz)",
        ),
        (UNKNOWN, b"it's \\", 0, "'it''s \\\\'"),
        (0, None, 0, "null"),
        (INT8, None, 1, "cast(null as bigint)"),
    ],
)
def test_a_parameter_is_a_literal_of_its_type(oid: int, value: bytes | None, code: int, written: str) -> None:
    """A NUMERIC keeps its digits, and a negative number never makes a comment with what stands before it."""
    assert literal(oid, value, is_binary=code == 1) == written


@pytest.mark.parametrize(
    ("oid", "value", "code", "sqlstate"),
    [
        (INT4, b"7; drop table t", 0, "22P02"),
        (INT4, b"2147483648", 0, "22P02"),
        (INT2, pack("!i", 7), 1, "22P03"),
        (FLOAT8, b"1) or (1", 0, "22P02"),
        (NUMERIC, b"NaN", 0, "22P02"),
        (NUMERIC, b"1' or '1", 0, "22P02"),
        (NUMERIC, b"1" * 39, 0, "22003"),
        (NUMERIC, b"\0\1", 1, "22P03"),
        (NUMERIC, pack("!HhHHH", 1, 0, 0, 0, 10_000), 1, "22P03"),
        (BOOL, b"maybe", 0, "22P02"),
        (BOOL, b"", 1, "22P03"),
        (DATE, b"01/02/2026", 0, "22P02"),
        (DATE, pack("!i", 2**31 - 1), 1, "22P03"),
        (TIMESTAMPTZ, b"2026-01-02 00:00:00", 0, "22P02"),
        (TIMESTAMP, b"yesterday", 0, "22P02"),
        (UNKNOWN, b"\xff", 0, "22021"),
        (UNKNOWN, b"a\0", 0, "22021"),
    ],
)
def test_a_value_of_another_type_is_refused(oid: int, value: bytes, code: int, sqlstate: str) -> None:
    """Never guessed at; a date that two sides might read apart is none."""
    with pytest.raises(RedshiftError) as caught:
        literal(oid, value, is_binary=code == 1)
    assert caught.value.sqlstate == sqlstate


@pytest.mark.parametrize("oid", [17, 1007, 1186, 2950])
def test_a_type_that_is_not_there_is_refused_by_name(oid: int) -> None:
    """Bytes, arrays, intervals, UUIDs; NULL of them, too."""
    with pytest.raises(NotSupportedError, match=f"type with OID {oid}"):
        literal(oid, None, is_binary=False)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])))
@example("';--")
@example("\\'; select 1; --")
@example("$1 $$ ; /*")
def test_a_text_arrives_as_it_was_sent(engine: Engine, text: str) -> None:
    """Whatever is in it: it is one value of one statement."""
    sql = Template("select $1 as a, $1 || '' as b").fill([literal(0, text.encode(), is_binary=False)])
    assert split(sql) == [sql.strip()]
    assert engine.execute([sql])[0].rows == [(text, text)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(-(2**63), 2**63 - 1),
    st.decimals(-(10**10), 10**10, places=5),
    st.floats(allow_nan=False, allow_infinity=False),
    st.datetimes(dt.datetime(1000, 1, 1), dt.datetime(2999, 1, 1)),
)
def test_typed_values_arrive_as_they_were_sent(
    engine: Engine, number: int, exact: Decimal, fraction: float, moment: dt.datetime
) -> None:
    """In the binary formats, which drivers prefer."""
    micros = (moment - dt.datetime(2000, 1, 1)) // dt.timedelta(microseconds=1)
    sent: list[tuple[int, bytes]] = [
        (INT8, pack("!q", number)),
        (NUMERIC, numeric(exact)),
        (FLOAT8, pack("!d", fraction)),
        (TIMESTAMP, pack("!q", micros)),
    ]
    sql = "select $1 as a, $2 as b, $3 as c, $4 as d"
    filled = Template(sql).fill([literal(oid, value, is_binary=True) for oid, value in sent])
    expected: list[tuple[Any, ...]] = [(number, exact, fraction, moment)]
    assert engine.execute([filled])[0].rows == expected


def test_a_sample_is_a_value_of_its_type(engine: Engine) -> None:
    """For a statement that NULL does not fit into."""
    for oid in (BOOL, INT2, INT4, INT8, FLOAT8, NUMERIC, DATE, TIMESTAMP, TIMESTAMPTZ, UNKNOWN):
        (row,) = engine.execute([f"select {sample(oid)} as a"])[0].rows
        assert row[0] is not None
