"""A Spark job by EMR Serverless: it reads and writes the lake, replaces its day, and its day is loaded."""

import io
from datetime import date, datetime

import pyarrow as pa
import pytest
from pyarrow import parquet
from rich.console import Console

from app import wiring
from app.commands.bootstrap import prepare
from app.commands.job import run
from app.emr.code import publish
from app.emr.documents import check_job
from app.emr.errors import JobFailedError, NoJobError, NoRunError
from app.emr.record import record_of
from app.emr.runs import Run
from app.errors import StandError
from app.jobs import run_jobs
from app.replay.replay import outgoing
from app.stack.settings import StandSettings
from contracts.lake import DAILY_ON_TIME, events_key, job_day_prefix, run_records_prefix
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
    run_jobs(["daily_on_time"], (FRIDAY, SATURDAY), world, stand, Console())
    lake = wiring.lake(world)
    saturday = list(lake.keys(job_day_prefix(DAILY_ON_TIME, "2013-02-09")))
    friday = list(lake.keys(job_day_prefix(DAILY_ON_TIME, "2013-02-08")))
    (done,) = run_jobs(["daily_on_time"], (FRIDAY, FRIDAY), world, stand, Console())
    assert list(lake.keys(job_day_prefix(DAILY_ON_TIME, "2013-02-09"))) == saturday
    assert len(list(lake.keys(job_day_prefix(DAILY_ON_TIME, "2013-02-08")))) == len(friday) == 1
    days = "select flight_date, sum(cancelled)::bigint from agg_carrier_day group by flight_date order by 1"
    assert wiring.warehouse(world).query(days).rows == (("2013-02-08", 472), ("2013-02-09", 393))
    assert all(key.startswith(f"{DAILY_ON_TIME}/") for key in (*friday, *saturday))
    assert len(list(lake.keys(run_records_prefix("daily_on_time")))) == 2
    record = record_of(done, (FRIDAY, FRIDAY), lake)
    assert record is not None
    ((written, rows),) = record["outputs"].items()
    assert (written, rows) == (f"s3://{world.lake}/daily_on_time/", 32)
    runs = wiring.runs()
    assert next(runs.all()).id == runs.named(done.id).id == done.id
    assert runs.cancel(done).state == "SUCCESS"  # it has ended
    assert runs.log(done, "stdout") == ""


@pytest.mark.long
def test_a_job_alone_brings_the_flights_it_needs(world: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Into an empty world, through the stream."""
    prepare(world)
    friday = datetime(2013, 2, 8)
    run("daily_on_time", friday, friday)
    assert "the lake lacks flights of 2013-02-08 to 2013-02-08: sending them" in capsys.readouterr().out
    counted = (
        wiring.warehouse(world).query("select sum(cancelled)::bigint, count(*) from agg_carrier_day").rows
    )
    assert counted == ((472, 32),)
    ((flights,),) = wiring.warehouse(world).query("select count(*) from fact_flight").rows
    assert flights == 930


def test_a_job_that_fails_says_why_in_one_line(world: Settings, stand: StandSettings) -> None:
    """There is nothing to read: its own last words, and how to see its log."""
    prepare(world)
    with pytest.raises(
        JobFailedError,
        match=r"job `daily_on_time` failed: .*error: no archive at s3://lake-\d+/.*; `millrace job logs \w+`",
    ) as failed:
        run_jobs(["daily_on_time"], (FRIDAY, FRIDAY), world, stand, Console())
    runs = wiring.runs()
    assert "error: no archive at" in runs.log(runs.named(failed.value.run), "stdout")


def test_an_interrupted_run_is_cancelled(world: Settings, stand: StandSettings) -> None:
    """Ctrl-C while it runs: EMR says CANCELLED, and its log is not there yet where it never ran."""
    prepare(world)
    publish("daily_on_time", wiring.lake(world))
    runs = wiring.runs()
    begun = runs.start("daily_on_time", (FRIDAY, FRIDAY), lake=world.lake)

    def interrupt(_run: Run) -> None:
        raise KeyboardInterrupt

    with pytest.raises(StandError, match=rf"run `{begun.id}` is \w+, and has no stderr in S3 yet"):
        runs.log(begun, "stderr")
    with pytest.raises(KeyboardInterrupt):
        runs.follow(begun, interrupt)
    assert runs.named(begun.id).state == "CANCELLED"
    with pytest.raises(NoRunError, match="there is no run `00nothing`; `millrace job list`"):
        runs.named("00nothing")
    assert stand.port


def test_an_unknown_job_is_refused() -> None:
    """With the jobs that there are; a path is none."""
    with pytest.raises(NoJobError, match=r"there is no job `../daily_on_time`; there are: .*daily_on_time"):
        check_job("../daily_on_time")
