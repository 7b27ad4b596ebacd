"""What a stream says of itself: counted as told, shown on loopback alone, sent on to CloudWatch."""

import socket
from datetime import UTC, datetime
from threading import Event
from typing import Any
from urllib.request import urlopen

import psutil
import pytest

from contracts.manifest import LakeObject, RangeManifest
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from runtime import metrics as module
from runtime.clock import SystemClock
from runtime.metrics import CloudWatchPublisher, MetricsPortError, StreamMetrics, served
from runtime.settings import Settings
from tests.support.stack import free_port
from tests.support.waiting import until

STREAM = StreamIdentity("arn:aws:kinesis:us-east-1:000000000000:stream/flights", 1)
SHARD = {"stream": "flights", "shard": "shardId-0"}
STORM = datetime(2013, 2, 8, tzinfo=UTC)
NOW = datetime(2020, 1, 1, tzinfo=UTC)
SETTINGS = Settings(endpoint_url="http://127.0.0.1:9")


class StoppedClock(SystemClock):
    """Always the same moment."""

    def now(self) -> datetime:
        """See `Clock.now`."""
        return NOW


class CloudWatch:
    """Keeps what it was sent; refuses requests for as long as it is out."""

    def __init__(self) -> None:
        """Have been sent nothing."""
        self.figures: list[dict[str, Any]] = []
        self.requests = 0
        self.is_out = Event()

    def put_metric_data(self, *, Namespace: str, MetricData: list[dict[str, Any]]) -> None:  # noqa: N803  # AWS's names
        """Take figures."""
        self.requests += 1
        if self.is_out.is_set():
            msg = "CloudWatch is out"
            raise ConnectionError(msg)
        assert Namespace == "Millrace/Stream"
        assert len(MetricData) <= 1000
        self.figures += MetricData

    def values(self, metric: str, shard_id: str = "shardId-0") -> list[float]:
        """Return all that was sent of one figure."""
        dimensions = [{"Name": "Stream", "Value": "flights"}, {"Name": "ShardId", "Value": shard_id}]
        return [
            each["Value"]
            for each in self.figures
            if (each["MetricName"], each["Dimensions"]) == (metric, dimensions)
        ]


@pytest.fixture
def metrics() -> StreamMetrics:
    """Figures of a stream that did nothing yet."""
    return StreamMetrics()


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> CloudWatch:
    """Be what the publisher gets for a client."""
    twin = CloudWatch()
    monkeypatch.setattr(module, "client", lambda *_arguments: twin)
    return twin


def manifest(*, shard_id: str = "shardId-0", watermark: datetime | None = STORM) -> RangeManifest:
    """Return what became of ten records: seven events, two duplicates, a reject."""
    written = (LakeObject.of("events", "e", 7, b"e"), LakeObject.of("rejects", "r", 1, b"r"))
    return RangeManifest(ShardRange(STREAM, shard_id, ResumeAfter(), 9), 10, 2, 1, watermark, written)


def value(metrics: StreamMetrics, name: str, **labels: str) -> float | None:
    """Return one figure of the shard."""
    return metrics.registry.get_sample_value(f"millrace_stream_{name}", SHARD | labels)


def test_ranges_are_added_up_by_stream_and_shard(metrics: StreamMetrics) -> None:
    """Totals grow, gauges are the last range's, and a step's seconds are a histogram."""
    metrics.committed(manifest(), {"plan": 0.1, "run": 2, "commit": 0.4}, 1.5)
    metrics.committed(manifest(shard_id="shardId-1"), {}, None)
    metrics.committed(manifest(), {"plan": 0.1, "run": 1, "commit": 0.4}, 1.5)
    totals = {
        name: value(metrics, f"{name}_total") for name in ("records", "events", "duplicates", "rejects")
    }
    assert totals == {"records": 20, "events": 14, "duplicates": 4, "rejects": 2}
    assert value(metrics, "records_total", shard="shardId-1") == 10
    assert value(metrics, "commit_delay_seconds") == pytest.approx(1.5)
    assert value(metrics, "watermark_timestamp_seconds") == STORM.timestamp()
    assert value(metrics, "last_batch_seconds") == pytest.approx(1.5)
    assert value(metrics, "batch_seconds_sum", step="run") == 3
    assert value(metrics, "batch_seconds_bucket", step="run", le="1.0") == 1


def test_what_nobody_said_is_no_zero(metrics: StreamMetrics) -> None:
    """A lag that is unknown would read as none, a watermark as 1970."""
    metrics.committed(manifest(watermark=None), {}, None)
    names = ("behind_latest_seconds", "commit_delay_seconds", "watermark_timestamp_seconds")
    assert [value(metrics, name) for name in names] == [None, None, None]
    metrics.lag("flights", "shardId-0", 2_500)
    metrics.buffered("flights", "shardId-0", 12)
    assert value(metrics, "behind_latest_seconds") == 2.5
    assert value(metrics, "buffered_records") == 12


def test_of_a_shard_that_ended_the_totals_stay(metrics: StreamMetrics) -> None:
    """Its watermark stands for ever, which is no fault; a shard that nobody knew may end as well."""
    metrics.committed(manifest(), {"run": 1}, 0.0)
    metrics.committed(manifest(shard_id="shardId-1"), {"run": 1}, 0.0)
    metrics.lag("flights", "shardId-0", 1)
    metrics.buffered("flights", "shardId-0", 1)
    for shard_id in ("shardId-0", "shardId-9"):
        metrics.ended("flights", shard_id)
    left = {
        sample.name
        for family in metrics.registry.collect()
        if family.type == "gauge"
        for sample in family.samples
        if sample.labels == SHARD
    }
    assert left == set()
    assert value(metrics, "records_total") == 10
    assert value(metrics, "watermark_timestamp_seconds", shard="shardId-1") == STORM.timestamp()


def test_a_clock_behind_kinesis_makes_no_negative_delay(metrics: StreamMetrics) -> None:
    """Two clocks never agree."""
    metrics.committed(manifest(), {}, -3.0)
    assert value(metrics, "commit_delay_seconds") == 0


def test_figures_are_shown_on_loopback_alone(metrics: StreamMetrics) -> None:
    """In Prometheus' text form, for as long as the block lasts."""
    port = free_port()
    metrics.committed(manifest(), {}, None)
    with served(metrics, port):
        with urlopen(f"http://127.0.0.1:{port}/metrics") as answer:
            assert answer.headers["Content-Type"].startswith("text/plain; version=")
            said = answer.read().decode().splitlines()
        assert 'millrace_stream_records_total{shard="shardId-0",stream="flights"} 10.0' in said
        listening = psutil.Process().net_connections(kind="inet")
        assert [each.laddr.ip for each in listening if each.laddr.port == port and not each.raddr] == [
            "127.0.0.1"
        ]
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.1", port))


def test_a_taken_port_is_one_line(metrics: StreamMetrics) -> None:
    """It names the port, what is wrong, and the setting."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        expected = (
            rf"port {port} for the stream's metrics cannot be had: Address already in use; .*_METRICS_PORT"
        )
        with pytest.raises(MetricsPortError, match=expected), served(metrics, port):
            pass


def test_port_0_shows_nothing(metrics: StreamMetrics) -> None:
    """No socket listens."""
    before = len(psutil.Process().net_connections(kind="inet"))
    with served(metrics, 0):
        assert len(psutil.Process().net_connections(kind="inet")) == before


def test_cloudwatch_is_sent_what_was_added(metrics: StreamMetrics, cloudwatch: CloudWatch) -> None:
    """Again and again, and at the end what came since; AWS adds them up."""
    metrics.committed(manifest(), {}, None)
    with CloudWatchPublisher(metrics, SETTINGS, StoppedClock(), every_seconds=0.01):
        until(lambda: cloudwatch.values("Records"))
        metrics.committed(manifest(), {}, None)
        until(lambda: sum(cloudwatch.values("Records")) == 20)
    with CloudWatchPublisher(metrics, SETTINGS, StoppedClock()):
        metrics.committed(manifest(), {"run": 2}, None)
    assert cloudwatch.values("Records")[-1] == 30  # a publisher of its own has sent nothing yet
    assert cloudwatch.values("Watermark")[-1] == STORM.timestamp()
    (last,) = (each for each in cloudwatch.figures if each["MetricName"] == "BatchDuration")
    assert (last["Value"], last["Unit"], last["Timestamp"]) == (2, "Seconds", NOW)


def test_an_outage_of_cloudwatch_is_made_up_for(metrics: StreamMetrics, cloudwatch: CloudWatch) -> None:
    """It is counted, nothing is raised, and the next request brings what was not taken."""
    cloudwatch.is_out.set()
    with CloudWatchPublisher(metrics, SETTINGS, StoppedClock(), every_seconds=0.01):
        metrics.committed(manifest(), {}, None)
        until(lambda: cloudwatch.requests >= 2)
        cloudwatch.is_out.clear()
        metrics.committed(manifest(), {}, None)
    assert sum(cloudwatch.values("Records")) == 20
    failures = metrics.registry.get_sample_value("millrace_stream_cloudwatch_failures_total")
    assert failures is not None
    assert failures >= 2


def test_no_cloudwatch_at_all_is_no_harm(metrics: StreamMetrics, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even to the end of the stream: nobody listens there."""
    metrics.committed(manifest(), {}, None)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with CloudWatchPublisher(
        metrics, Settings(endpoint_url=f"http://127.0.0.1:{free_port()}"), StoppedClock()
    ):
        pass
    assert metrics.registry.get_sample_value("millrace_stream_cloudwatch_failures_total") == 1


def test_many_shards_are_sent_in_several_requests(metrics: StreamMetrics, cloudwatch: CloudWatch) -> None:
    """PutMetricData takes 1,000 figures, and each is sent once."""
    for number in range(250):
        metrics.committed(manifest(shard_id=f"shardId-{number}"), {"run": 1}, 0.0)
        metrics.lag("flights", f"shardId-{number}", 0)
        metrics.buffered("flights", f"shardId-{number}", 0)
    with CloudWatchPublisher(metrics, SETTINGS, StoppedClock()):
        pass
    assert (cloudwatch.requests, len(cloudwatch.figures)) == (3, 250 * 9)
    assert cloudwatch.values("Records", "shardId-249") == [10]
