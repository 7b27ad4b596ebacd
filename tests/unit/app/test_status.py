"""`millrace status` reads what a stream says of itself; without a stream it says so."""

import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread

import pytest
from rich.console import Console

from app.commands import stack
from app.errors import UsageError
from app.stack.settings import StandSettings
from app.stream.figures import StreamWatch, summary
from contracts.manifest import RangeManifest
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from runtime.clock import SystemClock
from runtime.metrics import StreamMetrics, served
from tests.support.commands import MILLRACE, run
from tests.support.stack import free_port
from tests.support.waiting import until

STORM = datetime(2013, 2, 8, 12, tzinfo=UTC)


class HandClock(SystemClock):
    """A clock that is moved by hand."""

    seconds = 0.0

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return self.seconds


def commit(metrics: StreamMetrics, records: int, shard_id: str = "shardId-000000000000") -> None:
    """Commit a range of so many records, two of them duplicates, one a reject."""
    stream = StreamIdentity("arn:aws:kinesis:us-east-1:000000000000:stream/flight-events", 1)
    shard_range = ShardRange(stream, shard_id, ResumeAfter(), 9)
    metrics.committed(RangeManifest(shard_range, records, 2, 1, STORM, ()), {"run": 0.5}, None)


@pytest.fixture
def port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """Give a stand of its own, where nothing runs, a free port for the stream's metrics."""
    port = free_port()
    monkeypatch.setenv("MILLRACE_HOME", str(tmp_path))
    monkeypatch.setenv("MILLRACE_METRICS_PORT", str(port))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return port


@pytest.fixture
def metrics(port: int) -> Iterator[StreamMetrics]:
    """Be a stream that runs."""
    metrics = StreamMetrics()
    with served(metrics, port):
        yield metrics


def watched(watch: StreamWatch) -> str:
    """Return what one look of `--watch` shows on a terminal of 80 columns."""
    console = Console(width=80)
    with console.capture() as shown:
        console.print(stack._watched(StandSettings.from_env(), watch))  # noqa: SLF001  # --watch never ends
    return shown.get()


def test_figures_are_those_of_the_stream(port: int, metrics: StreamMetrics) -> None:
    """By shard; what the stream does not know is not made up."""
    commit(metrics, 10)
    commit(metrics, 5, "shardId-000000000001")
    metrics.lag("flight-events", "shardId-000000000001", 1_500)
    first, second = StreamWatch(port, SystemClock()).look() or []
    assert (first.stream, first.shard_id, first.records) == ("flight-events", "shardId-000000000000", 10)
    assert (first.duplicates, first.rejects, first.watermark) == (2, 1, STORM)
    assert (first.behind_seconds, first.delay_seconds, first.batch_seconds) == (None, None, 0.5)
    assert (second.records, second.behind_seconds) == (5, 1.5)
    assert summary([first, second]) == ("15 records, 4 duplicates dropped, 2 rejects set aside; 1.5 s behind")


def test_a_rate_is_what_came_since_the_last_look(port: int) -> None:
    """None at the first; a stream that was started again counts from zero; one that was away has none."""
    clock = HandClock()
    watch = StreamWatch(port, clock)

    def rate() -> float | None:
        clock.seconds += 2
        (shard,) = watch.look() or []
        return shard.records_per_second

    first, second = StreamMetrics(), StreamMetrics()
    with served(first, port):
        commit(first, 10)
        assert rate() is None
        commit(first, 30)
        assert rate() == 15
        assert rate() == 0
    with served(second, port):
        commit(second, 8)
        assert rate() == 4
    assert watch.look() is None
    with served(second, port):
        assert rate() is None


def test_status_adds_a_line_where_a_stream_answers(metrics: StreamMetrics) -> None:
    """Below the servers; before its first batch too."""
    assert run("status").splitlines()[-1] == "stream: 0 records, 0 duplicates dropped, 0 rejects set aside"
    commit(metrics, 1_234)
    shown = run("status")
    assert "warehouse" in shown
    assert shown.splitlines()[-1] == "stream: 1,234 records, 2 duplicates dropped, 1 rejects set aside"


def test_status_alone_says_nothing_of_a_stream_that_is_not_there(port: int) -> None:
    """It is as it was."""
    assert port
    assert "stream" not in run("status")


def test_watch_shows_servers_and_shards(port: int, metrics: StreamMetrics) -> None:
    """On a terminal of 80 columns every figure is whole."""
    commit(metrics, 1_234_567, "shardId-000000000012")
    metrics.lag("flight-events", "shardId-000000000012", 250)
    clock = HandClock()
    watch = StreamWatch(port, clock)
    assert "warehouse" in watched(watch)
    clock.seconds += 1
    commit(metrics, 1_000, "shardId-000000000012")
    lines = watched(watch).splitlines()
    assert "flight-events" in (line.strip() for line in lines)
    assert "12 1,235,567 1,000 2 4 0.25 - 2013-02-08 12:00 0.50" in (" ".join(line.split()) for line in lines)
    assert lines[-2:] == [
        "1,235,567 records, 4 duplicates dropped, 2 rejects set aside; 0.2 s behind",
        "1,000 records/s; behind, delay and batch in seconds, watermark in UTC",
    ]


def test_watch_without_a_stream_says_so(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line that names the port, or the setting that keeps it quiet."""
    said = watched(StreamWatch(port, SystemClock())).splitlines()
    assert said[-1] == f"no stream answers on port {port}; `millrace stream` starts one"
    monkeypatch.setenv("MILLRACE_METRICS_PORT", "0")
    said = watched(StreamWatch(0, SystemClock())).splitlines()
    assert said[-1] == "the stream shows no metrics: MILLRACE_METRICS_PORT is 0"


def test_watch_looks_again_and_again_until_it_is_interrupted(port: int) -> None:
    """A stream that starts is seen, and so is one that has ended."""
    master, terminal = pty.openpty()
    os.set_blocking(master, False)
    seen = bytearray()

    def has_shown(text: str) -> bool:
        with suppress(BlockingIOError):
            seen.extend(os.read(master, 2**16))
        return text.encode() in seen

    with subprocess.Popen([*MILLRACE, "status", "--watch"], stdout=terminal, stderr=terminal) as process:
        try:
            until(lambda: has_shown("no stream answers"), 30)
            metrics = StreamMetrics()
            with served(metrics, port):
                commit(metrics, 10)
                until(lambda: has_shown("flight-events"), 30)
            seen.clear()
            until(lambda: has_shown("no stream answers"), 30)
            process.send_signal(signal.SIGINT)
            until(lambda: has_shown("millrace: interrupted"), 30)
        except TimeoutError:
            process.kill()
            raise
    assert process.returncode == 130
    os.close(master)
    os.close(terminal)


class _Stranger(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<p>millrace_stream_records_total</p>")

    def log_message(self, *_message: object) -> None:
        pass


def test_whoever_else_answers_on_the_port_is_no_stream(port: int) -> None:
    """A page of theirs is not taken for figures."""
    with HTTPServer(("127.0.0.1", port), _Stranger) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        assert StreamWatch(port, SystemClock()).look() is None
        thread.join()


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        pytest.param({"MILLRACE_METRICS_PORT": "65536"}, "`metrics_port` must be between 0 and", id="high"),
        pytest.param({"MILLRACE_METRICS_PORT": "x"}, "`MILLRACE_METRICS_PORT` must be a port", id="word"),
        pytest.param({"MILLRACE_METRICS_PORT": "4566"}, "`port` and `metrics_port` must differ", id="taken"),
    ],
)
def test_a_port_that_cannot_be_is_refused(environment: dict[str, str], message: str) -> None:
    """By the setting's name."""
    with pytest.raises(UsageError, match=message):
        StandSettings.from_env(environment)
