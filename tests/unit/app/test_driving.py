"""Driving streams: small batches have a beat, much goes at once, and all that was committed is counted."""

from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import generate_latest
from rich.console import Console

from app.stream.driving import IDLE_SECONDS, Driving
from contracts.manifest import RangeManifest
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from pipelines.driver.checkpoints import ShardLostError
from pipelines.driver.driver import Committed, StepTimes
from pipelines.driver.fuse import Fuse
from pipelines.driver.pace import GOAL_SECONDS, LEAST_BYTES
from runtime.metrics import StreamMetrics
from tests.support.clock import HandClock

STREAM = StreamIdentity("arn:aws:kinesis:us-east-1:0:stream/s", 1)
LIMIT = 5.0


class PlayedDriver:
    """A driver whose shard has what `arrive` says, and whose batches take a tenth of a second."""

    stream_name = "s"

    def __init__(self, clock: HandClock, arrive: Callable[[float], int]) -> None:
        """Be told of the time."""
        self._clock = clock
        self._arrive = arrive
        self._pending: list[Committed] = []
        self._last = -1.0
        self.began: list[float] = []
        self.fails_at: int | None = None

    @property
    def waiting_bytes(self) -> int:
        """See `Driver.waiting_bytes`."""
        return self._arrive(self._clock.seconds) if self._clock.seconds > self._last else 0

    @property
    def is_idle(self) -> bool:
        """See `Driver.is_idle`."""
        return not self._pending

    def step(self) -> list[Committed]:
        """See `Driver.step`."""
        waits = self.waiting_bytes
        committed = self.settle()
        if waits:
            if len(self.began) == self.fails_at:
                self._pending = [batch()]
                raise ShardLostError("s", "shardId-0")
            self.began.append(self._clock.seconds)
            self._last = self._clock.seconds
            self._clock.seconds += 0.1
            self._pending = [batch()]
        return committed

    def settle(self) -> list[Committed]:
        """See `Driver.settle`."""
        committed, self._pending = self._pending, []
        return committed

    def is_drained(self) -> bool:
        """See `Driver.is_drained`."""
        return not self._pending

    def millis_behind(self) -> dict[str, int]:
        """See `Driver.millis_behind`."""
        return {}

    def buffered(self) -> dict[str, int]:
        """See `Driver.buffered`."""
        return {}


def batch(records: int = 1, rejects: int = 0) -> Committed:
    """What one batch became."""
    shard_range = ShardRange(STREAM, "shardId-0", ResumeAfter(), 1)
    return Committed(RangeManifest(shard_range, records, 0, rejects, None, ()), StepTimes(), None)


def driving(clock: HandClock, driver: Any, metrics: StreamMetrics | None = None) -> Driving:
    """Drive one driver."""
    fuses = {"s": Fuse("s", 1.0)}
    return Driving([driver], metrics or StreamMetrics(), fuses, clock, Console(quiet=True))


@pytest.mark.parametrize(
    ("waiting", "apart"),
    [
        pytest.param(1, GOAL_SECONDS, id="little"),
        pytest.param(LEAST_BYTES, 0.1, id="much"),
    ],
)
def test_batches_of_little_have_a_beat(waiting: int, apart: float) -> None:
    """They begin a second apart, and those of a backlog as soon as the last has run."""
    clock = HandClock()
    driver = PlayedDriver(clock, lambda _now: waiting)
    driving(clock, driver).run(lambda: clock.seconds >= LIMIT, is_ended_when_drained=False)
    gaps = [later - earlier for earlier, later in zip(driver.began, driver.began[1:], strict=False)]
    assert len(gaps) >= LIMIT / apart / 2
    assert all(apart - 1e-9 <= gap < apart + 2 * IDLE_SECONDS for gap in gaps)


def test_what_comes_after_a_pause_is_taken_at_once() -> None:
    """A beat is since the last batch, and what comes now and then does not wait for one."""
    clock = HandClock()
    driver = PlayedDriver(clock, lambda now: int(now % 2 < IDLE_SECONDS))
    driving(clock, driver).run(lambda: clock.seconds >= LIMIT, is_ended_when_drained=False)
    assert [round(at) for at in driver.began] == [0, 2, 4]


def test_it_ends_when_all_is_drained() -> None:
    """Without waiting for a beat."""
    clock = HandClock()
    driver = PlayedDriver(clock, lambda now: int(now == 0))
    driving(clock, driver).run(lambda: False, is_ended_when_drained=True)
    assert len(driver.began) == 1
    assert clock.seconds < GOAL_SECONDS


@pytest.mark.parametrize("fails_at", [None, 3])
def test_all_that_was_committed_is_counted(fails_at: int | None) -> None:
    """The last batch too, whether it is told to stop or a driver fails; which is raised."""
    clock, metrics = HandClock(), StreamMetrics()
    driver = PlayedDriver(clock, lambda _now: 1)
    driver.fails_at = fails_at
    driven = driving(clock, driver, metrics)
    if fails_at is None:
        driven.run(lambda: clock.seconds >= LIMIT, is_ended_when_drained=False)
    else:
        with pytest.raises(ShardLostError):
            driven.run(lambda: False, is_ended_when_drained=False)
    batches = len(driver.began) + (fails_at is not None)
    assert f'millrace_stream_records_total{{shard="shardId-0",stream="s"}} {batches}.0' in str(
        generate_latest(metrics.registry)
    )
