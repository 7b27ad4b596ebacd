"""Literals: what stands in SQL is what was meant, or nothing is said."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from warehouse.models.statements import date_literal, statements, text_literal, timestamp_literal


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        pytest.param("shardId-0", "'shardId-0'", id="plain"),
        pytest.param("", "''", id="empty"),
        pytest.param("x'); drop table etl_ledger; --", "'x''); drop table etl_ledger; --'", id="a quote"),
    ],
)
def test_a_text_cannot_end_its_literal(text: str, literal: str) -> None:
    """Quotes are doubled."""
    assert text_literal(text) == literal


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\\", id="backslash, Redshift's escape"),
        pytest.param("a\nb", id="line break"),
        pytest.param("\0", id="nothing"),
        pytest.param("\N{RIGHT SINGLE QUOTATION MARK}", id="not ASCII"),
    ],
)
def test_a_text_that_could_mean_something_else_is_refused(text: str) -> None:
    """No name of a stream, a shard or an object has such characters."""
    with pytest.raises(
        ValueError, match="`text` must be printable ASCII without a backslash to stand in SQL"
    ):
        text_literal(text)


@pytest.mark.parametrize(
    ("time", "literal"),
    [
        pytest.param(None, "null::timestamp", id="none"),
        pytest.param(
            datetime(2013, 2, 8, 12, 0, 0, 7, UTC),
            "timestamp '2013-02-08 12:00:00.000007'",
            id="microseconds",
        ),
        pytest.param(
            datetime(2013, 2, 8, 12, tzinfo=timezone(timedelta(hours=-5))),
            "timestamp '2013-02-08 17:00:00.000000'",
            id="another zone",
        ),
    ],
)
def test_times_are_written_in_utc(time: datetime | None, literal: str) -> None:
    """The warehouse's columns know no zone."""
    assert timestamp_literal(time) == literal


def test_dates_are_written_as_dates() -> None:
    """And never as text."""
    assert date_literal(date(2013, 2, 8)) == "date '2013-02-08'"


def test_a_file_is_its_statements_with_their_fragments() -> None:
    """In their order, without the semicolons between them."""
    lock, delete = statements("load/job_days.sql", table="agg_carrier_day", dates="date '2013-02-08'")
    (copy,) = statements("load/job_rows.sql", table="agg_carrier_day", manifest="'s3://b/k'")
    assert lock == "lock agg_carrier_day"
    assert delete == "delete from agg_carrier_day\nwhere flight_date in (date '2013-02-08')"
    assert copy.startswith("copy agg_carrier_day\nfrom 's3://b/k'\n")


def test_a_forgotten_fragment_is_an_error() -> None:
    """No placeholder reaches the warehouse."""
    with pytest.raises(KeyError, match="dates"):
        statements("load/job_days.sql", table="agg_carrier_day")
