"""The job's transform, on a real Spark session: what is counted, and on which date."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from pyspark.sql import DataFrame, SparkSession

from contracts.schema import DAILY_ON_TIME
from jobs.daily_on_time import main, transform

STORM = date(2013, 2, 8)
Event = tuple[str, str, datetime, str, int, str, datetime, datetime, int | None, str, int]
SCHEMA = (
    "event_id string, kind string, event_time timestamp, carrier string, flight int, origin string, "
    "time_hour timestamp, scheduled_departure timestamp, delay_minutes int, sequence_number string, "
    "sub_sequence_number int"
)


@pytest.fixture(scope="module")
def spark() -> Iterator[SparkSession]:
    """One session for the module, without a UI, quick to start."""
    session = (
        SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.extraJavaOptions", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .getOrCreate()
    )
    yield session
    session.stop()


def event(kind: str, flight: int, scheduled: datetime, delay: int | None = None, number: str = "1") -> Event:
    """Return one event of a flight of UA from EWR."""
    hour = scheduled.replace(minute=0)
    name = f"UA-{flight}-EWR-{hour:%Y%m%dT%H}-{kind}"
    at = scheduled + timedelta(minutes=delay or 0)
    return (name, kind, at, "UA", flight, "EWR", hour, scheduled, delay, number, 0)


def counted(spark: SparkSession, events: list[Event], last: date = STORM) -> list[tuple[object, ...]]:
    """Return the job's rows for the storm's date."""
    days: DataFrame = transform(spark.createDataFrame(events, SCHEMA), STORM, last)
    assert days.columns == DAILY_ON_TIME.names
    return sorted(tuple(row) for row in days.collect())


@pytest.mark.timeout(180)
def test_a_flight_is_counted_by_what_became_of_it(spark: SparkSession) -> None:
    """On time is under 15 minutes; early counts as on time; never departed is cancelled."""
    noon = datetime(2013, 2, 8, 17, 30, tzinfo=UTC)
    events = [event("scheduled", flight, noon) for flight in (1, 2, 3, 4)]
    events += [event("departed", 1, noon, 14), event("departed", 2, noon, 15), event("departed", 3, noon, -5)]
    events += [event("arrived", 1, noon, 3)]
    assert counted(spark, events) == [(STORM, "UA", 4, 3, 1, 2, 24)]


@pytest.mark.timeout(180)
def test_a_date_is_new_yorks(spark: SparkSession) -> None:
    """03:30 UTC on the 9th is still the 8th; 05:00 UTC is not."""
    late = datetime(2013, 2, 9, 3, 30, tzinfo=UTC)
    events = [event("scheduled", 1, late), event("scheduled", 2, late + timedelta(hours=1, minutes=30))]
    assert counted(spark, events) == [(STORM, "UA", 1, 0, 1, 0, 0)]
    assert [row[0] for row in counted(spark, events, last=date(2013, 2, 9))] == [STORM, date(2013, 2, 9)]


@pytest.mark.timeout(180)
def test_an_event_that_stands_twice_counts_once_and_the_newest_wins(spark: SparkSession) -> None:
    """Sequence numbers are compared as numbers: 10 is behind 9."""
    noon = datetime(2013, 2, 8, 17, tzinfo=UTC)
    twice = [event("scheduled", 1, noon)] * 2
    same_time = [event("departed", 1, noon, 20, number) for number in ("9", "10")]
    newest = (*same_time[1][:8], 30, "10", 0)
    assert counted(spark, [*twice, same_time[0], newest]) == [(STORM, "UA", 1, 1, 0, 0, 30)]


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
        main(["--events", "e", "--output", "o", "--from", dates[0], "--to", dates[1]])
    assert refused.value.code == 2
    assert message in capsys.readouterr().err
