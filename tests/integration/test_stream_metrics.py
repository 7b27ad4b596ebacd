"""A stream that runs says what it does: on 127.0.0.1 while it runs, in CloudWatch also when it has ended."""

import subprocess
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.commands.stream import STREAMING
from app.stream.figures import ShardFigures, StreamWatch
from contracts.events import FlightEvent, FlightKey
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.metrics import NAMESPACE
from runtime.settings import Settings
from tests.support.commands import MILLRACE, run
from tests.support.stack import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)
METRICS = ("Records", "Events", "Duplicates", "Rejects")
SCHEDULED = datetime(2013, 2, 8, 12, tzinfo=UTC)


def departure(flight: int) -> bytes:
    """Return a departure on time."""
    key = FlightKey("UA", flight, "EWR", SCHEDULED)
    return FlightEvent(key, "departed", SCHEDULED, "IAH", None, SCHEDULED, 0).to_json()


def put(records: list[bytes]) -> None:
    """Put records of one partition key."""
    wiring.producer().put_records(
        StreamName=FLIGHT_EVENTS_STREAM, Records=[{"Data": data, "PartitionKey": "N1"} for data in records]
    )


def published(metric: str, since: datetime) -> float:
    """Return what CloudWatch has of the stream's total, of all shards and of other tests' streams."""
    cloudwatch = wiring.cloud("cloudwatch")
    shards = wiring.cloud("kinesis").list_shards(StreamName=FLIGHT_EVENTS_STREAM)["Shards"]
    points: list[dict[str, Any]] = [
        point
        for shard in shards
        for point in cloudwatch.get_metric_statistics(
            Namespace=NAMESPACE,
            MetricName=metric,
            Dimensions=[
                {"Name": "Stream", "Value": FLIGHT_EVENTS_STREAM},
                {"Name": "ShardId", "Value": shard["ShardId"]},
            ],
            StartTime=since,
            EndTime=since + timedelta(hours=1),
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
    ]
    return sum(float(point["Sum"]) for point in points)


def test_a_stream_says_what_it_did(world: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Prometheus, `millrace status` and CloudWatch have the same totals; a second stream leaves it alone."""
    prepare(world)
    since = wiring.CLOCK.now() - timedelta(minutes=5)
    before = {metric: published(metric, since) for metric in METRICS}
    port = free_port()
    monkeypatch.setenv("MILLRACE_METRICS_PORT", str(port))
    watch = StreamWatch(port, wiring.CLOCK)

    def counted(records: int) -> list[ShardFigures]:
        return [each for each in watch.look() or [] if each.records == records]

    with subprocess.Popen([*MILLRACE, "stream"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            assert STREAMING in process.stdout.readline()
            listening = [
                each.laddr.ip
                for each in psutil.Process(process.pid).net_connections(kind="inet")
                if each.status == psutil.CONN_LISTEN
            ]
            assert listening == ["127.0.0.1"]
            put([departure(1), departure(2), departure(1), b"{"])
            assert until(lambda: counted(4))
            put([departure(3)])
            (shard,) = until(lambda: counted(5))
            assert (shard.stream, shard.duplicates, shard.rejects) == (FLIGHT_EVENTS_STREAM, 1, 1)
            assert shard.behind_seconds is not None
            assert shard.batch_seconds
            assert run("status").splitlines()[-1].startswith("stream: 5 records, 1 duplicates dropped")
            second = subprocess.run([*MILLRACE, "stream"], capture_output=True, text=True, check=False)
            assert second.returncode == 1
            assert second.stderr.startswith(f"millrace: port {port} for the stream's metrics cannot be had: ")
            assert len(second.stderr.splitlines()) == 1
            assert process.poll() is None
        finally:
            process.terminate()
            process.communicate(timeout=60)
    assert process.returncode == 0
    assert watch.look() is None
    added = [published(metric, since) - before[metric] for metric in METRICS]
    assert added == [5, 3, 1, 1]


def test_a_poison_storm_stops_the_stream(world: Settings) -> None:
    """In one line that says how to go on; what it rejected is in the lake, and a stream that may goes on."""
    prepare(world)
    for _ in range(3):
        put([b"no event"] * 500)
    done = subprocess.run([*MILLRACE, "stream"], capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("millrace: ")
    assert "records of `flight-events` are no events" in line
    lake = wiring.lake(world)
    rejected = sum(lake.get(key).count(b"\n") for key in lake.keys("rejects/"))
    assert 1_000 <= rejected <= 1_500
    put([departure(1)])
    with subprocess.Popen([*MILLRACE, "stream", "--most-rejects", "1"], stdout=subprocess.DEVNULL) as process:
        try:
            until(lambda: list(lake.keys("events/flight-events/")), 60)
        finally:
            process.terminate()
            process.wait(30)
