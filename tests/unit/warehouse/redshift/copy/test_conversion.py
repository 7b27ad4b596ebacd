"""From texts to values: what each type takes, and what is told of what it does not."""

from datetime import UTC, date, datetime
from decimal import Decimal
from math import inf, isnan
from typing import Any

import pytest

from tests.unit.warehouse.redshift.copy.support import FAILURES, load, rows
from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import NotSupportedError, RedshiftError

NOON = datetime(2013, 2, 8, 12)
ZONED = NOON.replace(tzinfo=UTC)


def value(engine: Engine, s3: MemoryS3, kind: str, text: str, options: str = "") -> Any:
    """Load one text into one column and return what it became."""
    engine.execute([f"create table t (a {kind})"])
    assert load(engine, s3, f"{text}\n".encode(), options) == 1
    ((found,),) = rows(engine)
    return found


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        pytest.param("integer", "12", 12, id="integer"),
        pytest.param("integer", " -12 ", -12, id="blanks around a number"),
        pytest.param("smallint", "+7", 7, id="a plus"),
        pytest.param("bigint", "9223372036854775807", 2**63 - 1, id="bigint"),
        pytest.param("integer", "", None, id="an empty number is NULL"),
        pytest.param("integer", "  ", None, id="a blank number is NULL"),
        pytest.param("decimal(8, 2)", "20.259", Decimal("20.25"), id="digits beyond the scale are cut off"),
        pytest.param("decimal(8, 2)", "-20.259", Decimal("-20.25"), id="of a negative number too"),
        pytest.param("decimal(8, 2)", ".5", Decimal("0.50"), id="no digit before the point"),
        pytest.param("decimal(8, 2)", "5.", Decimal("5.00"), id="none after it"),
        pytest.param("decimal(3, 0)", "7.9", Decimal(7), id="scale 0"),
        pytest.param("decimal(38, 0)", "9" * 38, Decimal("9" * 38), id="38 digits"),
        pytest.param("double precision", "1.5e3", 1500.0, id="an exponent"),
        pytest.param("real", "0.5", 0.5, id="real"),
        pytest.param("double precision", "-Infinity", -inf, id="infinity"),
        *(
            pytest.param("boolean", text, True, id=f"boolean {text}")
            for text in ("t", "TRUE", "y", "Yes", "1")
        ),
        *(
            pytest.param("boolean", text, False, id=f"boolean {text}")
            for text in ("f", "False", "n", "no", "0")
        ),
        pytest.param("boolean", "", None, id="an empty boolean is NULL"),
        pytest.param("date", "2013-02-08", NOON.date(), id="date"),
        pytest.param("date", "2013-02-08 23:59:59", NOON.date(), id="the time of a date is left out"),
        pytest.param("timestamp", "2013-02-08 12:00:00", NOON, id="timestamp"),
        pytest.param(
            "timestamp", "2013-02-08 12:00:00.25", NOON.replace(microsecond=250_000), id="a fraction"
        ),
        pytest.param("timestamptz", "2013-02-08 07:00:00-05", ZONED, id="timestamptz"),
        pytest.param("timestamptz", "2013-02-08 07:00:00-5:00", ZONED, id="one digit of an hour"),
        pytest.param("timestamptz", "2013-02-08 17:30:00+0530", ZONED, id="four digits of a zone"),
        pytest.param("timestamptz", "2013-02-08 12:00:00", ZONED, id="no zone is UTC"),
        pytest.param("varchar(3)", "", "", id="an empty text is one"),
        pytest.param("varchar(3)", "  ", "  ", id="a blank text is one"),
        pytest.param("varchar(3)", "\\N", None, id="NULL"),
        pytest.param("varchar(3)", "aü", "aü", id="three bytes"),
        pytest.param("varchar(3)", "NIL", "NIL", id="no NULL"),
    ],
)
def test_a_text_is_the_value_that_redshift_reads(
    engine: Engine, s3: MemoryS3, kind: str, text: str, expected: Any
) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html, r_Boolean_type."""
    assert value(engine, s3, kind, text) == expected


def test_nan_is_a_number_of_floating_point(engine: Engine, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_Numeric_types201.html."""
    assert isnan(value(engine, s3, "double precision", "NaN"))


@pytest.mark.parametrize(
    ("kind", "text", "code", "reason"),
    [
        pytest.param("integer", "x", 1207, "Invalid digit, Value 'x', Pos 0, Type: Integer", id="no digit"),
        pytest.param(
            "integer", "1.5", 1207, "Invalid digit, Value '.', Pos 1, Type: Integer", id="a fraction"
        ),
        pytest.param(
            "integer", "1_0", 1207, "Invalid digit, Value '_', Pos 1, Type: Integer", id="underscore"
        ),
        pytest.param(
            "integer", "0x1", 1207, "Invalid digit, Value 'x', Pos 1, Type: Integer", id="hexadecimal"
        ),
        pytest.param(
            "integer", "-", 1207, "Invalid digit, Value '-', Pos 0, Type: Integer", id="a sign alone"
        ),
        pytest.param("smallint", "32768", 1204, "Overflow, Value '32768', Type: Short", id="too large"),
        pytest.param(
            "decimal(8, 2)", "1e2", 1207, "Invalid digit, Value 'e', Pos 1, Type: Decimal", id="exponent"
        ),
        pytest.param(
            "decimal(4, 2)", "100", 1204, "Overflow, Value '100', Type: Decimal", id="too many digits"
        ),
        pytest.param("double precision", "1e", 1204, "Overflow", id="half an exponent"),
        pytest.param(
            "double precision", "1e999", 1204, "Overflow, Value '1e999', Type: Double", id="overflow"
        ),
        pytest.param("real", "1,5", 1208, "Invalid digit, Value ',', Pos 1, Type: Float", id="a comma"),
        pytest.param("boolean", "2", 1210, "Unknown boolean format", id="boolean"),
        pytest.param(
            "date", "2013-2-8", 1205, "Invalid Date Format - length must be 10 or more", id="short date"
        ),
        pytest.param("date", "2013-02-30", 1205, "Invalid Date Format [YYYY-MM-DD]", id="no such day"),
        pytest.param("date", "02/08/2013", 1205, "Invalid Date Format [YYYY-MM-DD]", id="another order"),
        pytest.param(
            "timestamp",
            "2013-02-08T12:00:00",
            1206,
            "Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]",
            id="ISO 8601 needs 'auto'",
        ),
        pytest.param("timestamptz", "noon", 1206, "Invalid timestamp format", id="no time"),
        pytest.param("varchar(3)", "aüü", 1204, "String length exceeds DDL length", id="five bytes"),
        pytest.param("integer not null", "", 1213, "Missing data for not-null field", id="nothing"),
        pytest.param("varchar(3) not null", "\\N", 1213, "Missing data for not-null field", id="NULL"),
    ],
)
def test_what_a_type_does_not_take_is_told_in_redshift_s_words(  # noqa: PLR0913, PLR0917  # a table's columns
    engine: Engine, s3: MemoryS3, kind: str, text: str, code: int, reason: str
) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html, and nothing is loaded."""
    engine.execute([f"create table t (a {kind})"])
    with pytest.raises(RedshiftError, match="`s3://lake/file`: line 1, column a: "):
        load(engine, s3, f"{text}\n".encode(), "")
    ((line, column, found, told, raw),) = rows(engine, FAILURES)
    assert (line, column, found) == (1, "a", code)
    assert told.startswith(reason)
    assert raw == ("" if text == "\\N" else text)
    assert rows(engine) == []


@pytest.mark.parametrize(
    ("kind", "text", "options", "expected"),
    [
        pytest.param("decimal(8, 2)", "20.255", "roundec", Decimal("20.26"), id="ROUNDEC"),
        pytest.param("decimal(8, 2)", "-20.255", "roundec", Decimal("-20.26"), id="ROUNDEC, negative"),
        pytest.param("varchar(3)", "NIL", "null as 'NIL'", None, id="NULL AS"),
        pytest.param("varchar(3)", "\\N", "null as 'NIL'", "\\N", id="NULL AS in place of backslash N"),
        pytest.param("varchar(3)", "\0", r"null as '\0'", None, id="NULL AS NUL"),
        pytest.param("integer", "NIL", "null as 'NIL'", None, id="NULL AS of a number"),
        pytest.param("varchar(3)", "", "emptyasnull", None, id="EMPTYASNULL"),
        pytest.param("varchar(3)", " ", "emptyasnull", " ", id="EMPTYASNULL of a blank"),
        pytest.param("varchar(3)", " ", "blanksasnull", None, id="BLANKSASNULL"),
        pytest.param("varchar(3)", "", "blanksasnull", "", id="BLANKSASNULL of nothing"),
        pytest.param("varchar(3)", "a   ", "trimblanks", "a", id="TRIMBLANKS"),
        pytest.param("varchar(3)", "  a", "trimblanks", "  a", id="TRIMBLANKS at the start"),
        pytest.param("varchar(3)", "abcdef", "truncatecolumns", "abc", id="TRUNCATECOLUMNS"),
        pytest.param("varchar(4)", "aüüü", "truncatecolumns", "aü", id="TRUNCATECOLUMNS between characters"),
        pytest.param("date", "Feb-08-2013", "dateformat 'MON-DD-YYYY'", NOON.date(), id="DATEFORMAT MON"),
        pytest.param(
            "date", "february-08-2013", "dateformat 'MON-DD-YYYY'", NOON.date(), id="a month in full"
        ),
        pytest.param("date", "08.02.2013", "dateformat as 'DD.MM.YYYY'", NOON.date(), id="DATEFORMAT"),
        pytest.param(
            "date", "20130208", "dateformat 'YYYYMMDD'", NOON.date(), id="DATEFORMAT without separators"
        ),
        pytest.param("date", "02/08/2013", "dateformat 'auto'", NOON.date(), id="DATEFORMAT auto"),
        pytest.param("date", "2013.039", "dateformat 'auto'", NOON.date(), id="day of the year"),
        pytest.param(
            "date", "2013-02-08T01:02:03Z", "dateformat 'auto'", NOON.date(), id="ISO 8601 as a date"
        ),
        pytest.param("timestamp", "08/02/2013 12", "timeformat 'DD/MM/YYYY HH'", NOON, id="HH is HH24"),
        pytest.param(
            "timestamp", "2013-02-08 12:00 PM", "timeformat 'YYYY-MM-DD HH12:MI AM'", NOON, id="HH12"
        ),
        pytest.param(
            "timestamp",
            "08.02.2013 12:00:00.5",
            "timeformat 'DD.MM.YYYY HH:MI:SS'",
            NOON.replace(microsecond=500_000),
            id="SS takes a fraction",
        ),
        pytest.param("timestamp", "2013-02-08T12:00:00Z", "timeformat 'auto'", NOON, id="ISO 8601"),
        pytest.param(
            "timestamp", "2013-02-08 12:00:00-08", "timeformat 'auto'", NOON, id="a zone is ignored"
        ),
        pytest.param("timestamp", "20130208 120000", "timeformat 'auto'", NOON, id="YYYYMMDD HHMISS"),
        pytest.param("timestamp", "08 Feb 12:00:00 2013", "timeformat 'auto'", NOON, id="the year last"),
        pytest.param(
            "timestamp", "2013-02-08", "timeformat 'auto'", NOON.replace(hour=0), id="no time is midnight"
        ),
        pytest.param("timestamp", "1360324800", "timeformat 'epochsecs'", NOON, id="epochsecs"),
        pytest.param("timestamp", "1360324800000", "timeformat 'epochmillisecs'", NOON, id="epochmillisecs"),
        pytest.param(
            "timestamptz", "1360324800", "timeformat 'epochsecs'", ZONED, id="epochsecs with a zone"
        ),
        pytest.param(
            "timestamptz", "2013-02-08T07:00:00-05:00", "timeformat 'auto'", ZONED, id="ISO 8601, zoned"
        ),
        pytest.param("date", "00/00/00", "dateformat 'auto' acceptanydate", None, id="ACCEPTANYDATE"),
        pytest.param("timestamp", "never", "acceptanydate", None, id="ACCEPTANYDATE of a time"),
    ],
)
def test_options_change_the_value(  # noqa: PLR0913, PLR0917  # a table's columns
    engine: Engine, s3: MemoryS3, kind: str, text: str, options: str, expected: Any
) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html says how.

    And r_DATEFORMAT_and_TIMEFORMAT_strings.html and automatic-recognition.html there.
    """
    assert value(engine, s3, kind, text, options) == expected


@pytest.mark.parametrize("options", ["dateformat 'YY-MM-DD'", "dateformat 'DAY'", "timeformat 'HH:MI:SS OF'"])
def test_parts_of_formats_that_are_not_here_are_refused_by_name(
    engine: Engine, s3: MemoryS3, options: str
) -> None:
    """AWS does not say which century YY is in."""
    engine.execute(["create table t (a date, b timestamp)"])
    with pytest.raises(NotSupportedError, match=r"(YY|DAY|OF) in (DATE|TIME)FORMAT"):
        load(engine, s3, b"|\n", options)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        pytest.param(b"a\xa4", "a4 (error 3)", id="a first byte"),
        pytest.param(b"a\xe4\xbd", "e4 bd (error 2)", id="no end"),
        pytest.param(b"a\xe4b", "e4 (error 4)", id="a byte in between"),
    ],
)
def test_bytes_that_are_no_utf_8_are_told(engine: Engine, s3: MemoryS3, raw: bytes, told: str) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/multi-byte-character-load-errors.html."""
    engine.execute(["create table t (a integer, b varchar(9))"])
    load(engine, s3, b"1|ok\n2|" + raw + b"\n", "maxerror 5")
    ((line, column, code, reason, _),) = rows(engine, FAILURES)
    assert (line, column, code) == (2, "b", 1220)
    assert reason.endswith(f"Bad UTF-8 hex sequence: {told}")
    assert rows(engine) == [(1, "ok")]


@pytest.mark.parametrize(
    ("raw", "options", "expected"),
    [
        pytest.param(b"a\xffb", "acceptinvchars", "a?b", id="a byte"),
        pytest.param(b"a\xe4\xbd", "acceptinvchars as '^'", "a^^", id="as many as there are bytes"),
        pytest.param("a\ufffeü".encode(), "acceptinvchars", "a???ü", id="no character"),
        pytest.param("a\ufffeü".encode(), "", "a\ufffeü", id="which is one without the option"),
    ],
)
def test_invalid_characters_are_replaced(
    engine: Engine, s3: MemoryS3, raw: bytes, options: str, expected: str
) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-conversion.html, ACCEPTINVCHARS."""
    engine.execute(["create table t (a varchar(9))"])
    load(engine, s3, raw + b"\n", options)
    assert rows(engine) == [(expected,)]


def test_a_column_that_is_left_out_has_its_default(engine: Engine, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-column-mapping.html."""
    engine.execute(["create table t (a integer, b date default '2013-02-08', c varchar(3))"])
    load(engine, s3, b"x|1\n", "", "(c, a)")
    assert rows(engine) == [(1, date(2013, 2, 8), "x")]


@pytest.mark.parametrize(
    ("columns", "reason"),
    [
        pytest.param("(a, z)", 'column "z" of relation "t" does not exist', id="no such column"),
        pytest.param("(a, a)", "a column is named more than once", id="twice"),
    ],
)
def test_a_list_of_columns_is_checked(engine: Engine, s3: MemoryS3, columns: str, reason: str) -> None:
    """Before anything is loaded."""
    engine.execute(["create table t (a integer, b integer)"])
    with pytest.raises(RedshiftError, match=reason):
        load(engine, s3, b"1|2\n", "", columns)
