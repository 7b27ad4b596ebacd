"""What a stream says of itself: counted in its process, shown to Prometheus, sent on to CloudWatch.

Whoever streams tells `StreamMetrics` by plain calls; nothing here knows who that is.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import batched
from threading import Event, Thread
from typing import Any, Self

from botocore.config import Config
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from contracts.errors import MillraceError
from contracts.manifest import RangeManifest
from runtime.aws import client
from runtime.clock import Clock
from runtime.settings import Settings

LOOPBACK = "127.0.0.1"
NAMESPACE = "Millrace/Stream"
PUBLISH_SECONDS = 10.0
_CLOSE_SECONDS = 25.0
"""How long the last figures are waited for: a request that hangs, and the one after it."""
_IMPATIENT = Config(connect_timeout=2, read_timeout=10, retries={"total_max_attempts": 1})
"""What could not be sent is sent with the next figures, so there is no need to try again at once."""
_SHARDS_A_REQUEST = 100
"""PutMetricData takes 1,000 figures."""

_SHARD = ("stream", "shard")
_BATCH_BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
_CLOUDWATCH = {
    "millrace_stream_records_total": ("Records", "Count"),
    "millrace_stream_events_total": ("Events", "Count"),
    "millrace_stream_duplicates_total": ("Duplicates", "Count"),
    "millrace_stream_rejects_total": ("Rejects", "Count"),
    "millrace_stream_behind_latest_seconds": ("BehindLatest", "Seconds"),
    "millrace_stream_commit_delay_seconds": ("CommitDelay", "Seconds"),
    "millrace_stream_watermark_timestamp_seconds": ("Watermark", "Seconds"),
    "millrace_stream_buffered_records": ("BufferedRecords", "Count"),
    "millrace_stream_last_batch_seconds": ("BatchDuration", "Seconds"),
}
"""What each figure of a shard is in CloudWatch; of a total, what was added since it was last sent."""


class MetricsPortError(MillraceError):
    """The port for the stream's metrics cannot be had."""

    def __init__(self, port: int, reason: str) -> None:
        """Keep which port, and what the system said."""
        super().__init__(port, reason)
        self.port = port
        self.reason = reason

    def __str__(self) -> str:
        """Say why, and what to do."""
        return (
            f"port {self.port} for the stream's metrics cannot be had: {self.reason}; end who has it, "
            "another `millrace stream` perhaps, or choose another by MILLRACE_METRICS_PORT, 0 for none"
        )


class StreamMetrics:
    """Figures of the streams of one process, by stream and shard; they start with the process.

    Any thread may call; a call takes some microseconds and waits for nobody.
    """

    def __init__(self) -> None:
        """Have counted nothing yet, in a registry of its own."""
        self.registry = CollectorRegistry()
        kept: dict[str, Any] = {"registry": self.registry}
        name = "millrace_stream_{}".format
        self._records = Counter(name("records"), "Records committed.", _SHARD, **kept)
        self._events = Counter(name("events"), "Records that became rows of the archive.", _SHARD, **kept)
        self._duplicates = Counter(name("duplicates"), "Records whose event was there.", _SHARD, **kept)
        self._rejects = Counter(name("rejects"), "Records that cannot be events.", _SHARD, **kept)
        self._behind = Gauge(
            name("behind_latest_seconds"), "Kinesis's MillisBehindLatest at the last read.", _SHARD, **kept
        )
        self._delay = Gauge(
            name("commit_delay_seconds"), "From the newest arrival of a batch to its commit.", _SHARD, **kept
        )
        self._watermark = Gauge(
            name("watermark_timestamp_seconds"),
            "Event time up to which a shard is believed complete, since 1970.",
            _SHARD,
            **kept,
        )
        self._buffered = Gauge(
            name("buffered_records"), "Records read ahead and not planned.", _SHARD, **kept
        )
        self._last_batch = Gauge(
            name("last_batch_seconds"), "All steps of the last batch together.", _SHARD, **kept
        )
        self._batch = Histogram(
            name("batch_seconds"),
            "Steps of the batch that a range was part of: plan, run, commit.",
            (*_SHARD, "step"),
            buckets=_BATCH_BUCKETS,
            **kept,
        )
        self._failures = Counter(
            name("cloudwatch_failures"), "Requests that CloudWatch did not take.", **kept
        )

    def committed(
        self, manifest: RangeManifest, seconds: Mapping[str, float], delay_seconds: float | None
    ) -> None:
        """Count a range that was just committed.

        Args:
            manifest: What became of it.
            seconds: How long each of its steps took, by the step's name: plan, run, commit.
            delay_seconds: From the arrival of its newest record in Kinesis to its commit; None if unknown.
        """
        shard = (manifest.shard_range.stream.name, manifest.shard_range.shard_id)
        self._records.labels(*shard).inc(manifest.records)
        self._events.labels(*shard).inc(manifest.events)
        self._duplicates.labels(*shard).inc(manifest.duplicates)
        self._rejects.labels(*shard).inc(manifest.rejects)
        if manifest.watermark is not None:
            self._watermark.labels(*shard).set(manifest.watermark.timestamp())
        if delay_seconds is not None:
            self._delay.labels(*shard).set(max(0.0, delay_seconds))  # Kinesis's clock may be ahead of ours
        for step, taken in seconds.items():
            self._batch.labels(*shard, step).observe(taken)
        if seconds:
            self._last_batch.labels(*shard).set(sum(seconds.values()))

    def lag(self, stream: str, shard_id: str, millis_behind: int) -> None:
        """Take a shard's `MillisBehindLatest`, in milliseconds, as GetRecords said it last."""
        self._behind.labels(stream, shard_id).set(millis_behind / 1000)

    def buffered(self, stream: str, shard_id: str, records: int) -> None:
        """Take how many records of a shard are read ahead and not planned."""
        self._buffered.labels(stream, shard_id).set(records)

    def ended(self, stream: str, shard_id: str) -> None:
        """Take that a shard was split or merged and is committed to its end: only its totals stay.

        A watermark that stands still for ever would look like a stream that hangs.
        """
        for gauge in (self._behind, self._delay, self._watermark, self._buffered, self._last_batch):
            gauge.remove(stream, shard_id)

    def not_published(self) -> None:
        """Count a request that CloudWatch did not take."""
        self._failures.inc()


@contextmanager
def served(metrics: StreamMetrics, port: int) -> Iterator[None]:
    """Show figures in Prometheus' text form on a port of 127.0.0.1 alone; 0 shows them to nobody.

    Raises:
        MetricsPortError: The port cannot be had.
    """
    if not port:
        yield
        return
    try:
        server, thread = start_http_server(port, LOOPBACK, metrics.registry)
    except OSError as error:
        raise MetricsPortError(port, error.strerror or str(error)) from None
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class CloudWatchPublisher:
    """Sends figures to CloudWatch from a thread of its own, for as long as its block lasts, and at its end.

    **Delivery**: a total is sent as what was added since the last request that was taken; one that was taken
    and whose answer was lost is counted twice. **On failure**: it is counted, and the next request brings
    what this one did not; the stream never waits for CloudWatch, but for the last figures at its end.
    """

    def __init__(
        self,
        metrics: StreamMetrics,
        settings: Settings,
        clock: Clock,
        every_seconds: float = PUBLISH_SECONDS,
    ) -> None:
        """Send nothing yet."""
        self._metrics = metrics
        self._cloudwatch = client("cloudwatch", settings, _IMPATIENT)
        self._clock = clock
        self._every_seconds = every_seconds
        self._sent: dict[tuple[str, str, str], float] = {}
        self._is_ended = Event()
        self._thread = Thread(target=self._run, name="publish to CloudWatch", daemon=True)

    def __enter__(self) -> Self:
        """Start to send."""
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        """Send the last figures, and wait for that, though not for ever."""
        self._is_ended.set()
        self._thread.join(_CLOSE_SECONDS)

    def _run(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._is_ended.wait(self._every_seconds)
            try:
                self._publish()
            except Exception:  # noqa: BLE001  # whatever ails CloudWatch, the stream goes on
                self._metrics.not_published()

    def _publish(self) -> None:
        shards: dict[tuple[str, str], dict[str, float]] = {}
        for family in self._metrics.registry.collect():
            for sample in family.samples:
                if sample.name in _CLOUDWATCH:
                    shard = (sample.labels["stream"], sample.labels["shard"])
                    shards.setdefault(shard, {})[sample.name] = sample.value
        for some in batched(shards.items(), _SHARDS_A_REQUEST, strict=False):
            figures = {(*shard, name): value for shard, named in some for name, value in named.items()}
            self._cloudwatch.put_metric_data(
                Namespace=NAMESPACE, MetricData=[self._datum(*each) for each in figures.items()]
            )
            self._sent |= figures

    def _datum(self, figure: tuple[str, str, str], value: float) -> dict[str, Any]:
        stream, shard_id, name = figure
        metric, unit = _CLOUDWATCH[name]
        return {
            "MetricName": metric,
            "Dimensions": [{"Name": "Stream", "Value": stream}, {"Name": "ShardId", "Value": shard_id}],
            "Timestamp": self._clock.now(),
            "Unit": unit,
            "Value": value - self._sent.get(figure, 0.0) if name.endswith("_total") else value,
        }
