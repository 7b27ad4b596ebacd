"""The job, on a real Spark session: what is counted, on which date, and what a re-run replaces."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession
from pyspark.testing import assertDataFrameEqual

from jobs.daily_on_time import job, main, transform
from jobs.shared.archive import flight_events
from jobs.shared.arguments import Arguments
from jobs.shared.errors import QualityError
from jobs.shared.schemas import DAILY_ON_TIME
from tests.unit.jobs.conftest import FRIDAY, SATURDAY, Row, event, noon

pytestmark = pytest.mark.timeout(180)
Archived = Callable[..., Arguments]


def assert_counted(spark: SparkSession, arguments: Arguments, expected: Sequence[tuple[object, ...]]) -> None:
    """Assert what the transform makes of an archive."""
    assertDataFrameEqual(
        transform(flight_events(spark, arguments)), spark.createDataFrame(expected, DAILY_ON_TIME)
    )


def test_a_flight_is_counted_by_what_became_of_it(spark: SparkSession, archived: Archived) -> None:
    """On time is under 15 minutes; early counts as on time; never departed is cancelled."""
    events = [event("scheduled", flight, noon()) for flight in (1, 2, 3, 4)]
    events += [event("departed", 1, noon(), 14), event("departed", 2, noon(), 15)]
    events += [event("departed", 3, noon(), -5), event("arrived", 1, noon(), 3)]
    events += [event("scheduled", 5, noon(), origin="JFK")]
    expected = [(FRIDAY, "UA", "EWR", 4, 3, 1, 2, 24), (FRIDAY, "UA", "JFK", 1, 0, 1, 0, 0)]
    assert_counted(spark, archived(events), expected)


def test_a_date_is_new_yorks(spark: SparkSession, archived: Archived) -> None:
    """03:30 UTC on the 9th is still the 8th; 05:00 UTC is not."""
    late = datetime(2013, 2, 9, 3, 30, tzinfo=UTC)
    events = [event("scheduled", 1, late), event("scheduled", 2, late + timedelta(hours=1, minutes=30))]
    friday = (FRIDAY, "UA", "EWR", 1, 0, 1, 0, 0)
    arguments = archived(events)
    assert_counted(spark, arguments, [friday, (SATURDAY, *friday[1:])])
    assert_counted(spark, Arguments(arguments.lake, FRIDAY, FRIDAY), [friday])


def test_an_event_that_stands_twice_counts_once_and_the_newest_wins(
    spark: SparkSession, archived: Archived
) -> None:
    """Sequence numbers are compared as numbers: 10 is behind 9."""
    older = event("departed", 1, noon(), 20, sequence_number="9")
    newer = older | {"delay_minutes": 30, "sequence_number": "10"}
    events = [event("scheduled", 1, noon())] * 2 + [newer, older]
    assert_counted(spark, archived(events), [(FRIDAY, "UA", "EWR", 1, 1, 0, 0, 30)])


def test_a_re_run_replaces_its_days_and_no_other(
    spark: SparkSession, archived: Archived, tmp_path: Path
) -> None:
    """A file a day; Friday alone again leaves Saturday's file; a day without flights writes nothing."""
    arguments = archived([event("scheduled", 1, noon(day)) for day in (FRIDAY, SATURDAY)])
    job(spark, arguments)
    (saturday,) = (tmp_path / "daily_on_time" / "day=2013-02-09").glob("*.parquet")
    archived([event("scheduled", 2, noon())])
    job(spark, Arguments(arguments.lake, FRIDAY, FRIDAY))
    (friday,) = (tmp_path / "daily_on_time" / "day=2013-02-08").glob("*.parquet")
    assert parquet.read_table(friday, partitioning=None).column("scheduled").to_pylist() == [2]
    assert saturday.exists()
    empty = date(2013, 2, 10)
    job(spark, Arguments(arguments.lake, empty, empty))
    days = sorted(each.name for each in (tmp_path / "daily_on_time").glob("day=*"))
    assert days == ["day=2013-02-08", "day=2013-02-09"]


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        pytest.param({"kind": "landed"}, "a kind is scheduled, departed or arrived", id="unknown kind"),
        pytest.param({"delay_minutes": None}, "a departure says by how much it was late", id="no delay"),
    ],
)
def test_rows_that_break_a_rule_are_shown_and_nothing_is_written(
    spark: SparkSession,
    archived: Archived,
    capsys: pytest.CaptureFixture[str],
    wrong: Row,
    rule: str,
) -> None:
    """Ten of them, as a table."""
    rows = [event("departed", flight, noon(), 1) | wrong for flight in range(11, 23)]
    arguments = archived(rows)
    with pytest.raises(QualityError, match=rf"12 rows break the rule: .*{rule}; nothing was written"):
        job(spark, arguments)
    assert capsys.readouterr().out.count("UA-") == 10
    assert not Path(unquote(urlsplit(arguments.lake).path), "daily_on_time").exists()


def test_explained_it_prints_the_plan_and_writes_nothing(
    spark: SparkSession, archived: Archived, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No output, no record."""
    job(spark, replace(archived([event("scheduled", 1, noon())]), is_explained=True))
    assert "== Physical Plan ==" in capsys.readouterr().out
    assert [each.name for each in tmp_path.iterdir()] == ["events"]


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        pytest.param(["2013-02-30", "2013-03-01"], "invalid", id="no such day"),
        pytest.param(["2013-02-09", "2013-02-08"], "--to 2013-02-08 is before --from", id="reversed"),
    ],
)
def test_impossible_dates_are_refused(
    dates: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Before Spark is started, with exit code 2."""
    with pytest.raises(SystemExit) as refused:
        main(["--lake", "s3://lake", "--from", dates[0], "--to", dates[1]])
    assert refused.value.code == 2
    assert message in capsys.readouterr().err
