"""Driving streams: their drivers in turn, each step counted, until somebody stops it or all is drained."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

from rich.console import Console

from pipelines.driver.pace import GOAL_SECONDS, LEAST_BYTES
from runtime.clock import Clock

if TYPE_CHECKING:
    from pipelines.driver.driver import Committed, Driver
    from pipelines.driver.fuse import Fuse
    from runtime.metrics import StreamMetrics

IDLE_SECONDS = 0.1
"""Between two looks at what has come."""


class Driving:
    """Drivers of streams, one step after the other.

    **On failure**: what was committed until then is counted, and the error is raised.
    """

    def __init__(
        self,
        drivers: "Sequence[Driver]",
        metrics: "StreamMetrics",
        fuses: "Mapping[str, Fuse]",
        clock: Clock,
        console: Console,
    ) -> None:
        """Take each stream's driver, its fuse by its name, and who is told of what."""
        self._drivers = drivers
        self._metrics = metrics
        self._fuses = fuses
        self._clock = clock
        self._console = console
        self._records = self._duplicates = self._rejects = 0

    def run(self, is_stopping: Callable[[], bool], *, is_ended_when_drained: bool) -> None:
        """Step until it is told to stop, or until a replay has ended and all of it is committed.

        Raises:
            MillraceError: A driver's, or that most of what comes is no event.
        """
        try:
            due = self._clock.monotonic()
            while not is_stopping():
                began = self._clock.monotonic()
                if self._round(is_due=began >= due):
                    due = began + GOAL_SECONDS
                    continue
                if is_ended_when_drained and all(driver.is_drained() for driver in self._drivers):
                    break
                self._clock.sleep(IDLE_SECONDS)
            for driver in self._drivers:
                self._note(self._count(driver.settle()))
        except Exception:
            for driver in self._drivers:
                with suppress(Exception):  # the first error is the one that says why
                    self._count(driver.settle())
            raise

    def _round(self, *, is_due: bool) -> bool:
        """Step each driver, if it is time or much waits; return whether one had something to run."""
        if is_due or max(driver.waiting_bytes for driver in self._drivers) >= LEAST_BYTES:
            for driver in self._drivers:
                self._note(self._step(driver))
            return not all(driver.is_idle for driver in self._drivers)
        for driver in self._drivers:
            self._note(self._count(driver.settle()))
        return False

    def _step(self, driver: "Driver") -> "list[Committed]":
        before = driver.millis_behind()
        committed = self._count(driver.step())
        behind = driver.millis_behind()
        for shard_id, millis in behind.items():
            self._metrics.lag(driver.stream_name, shard_id, millis)
        for shard_id, records in driver.buffered().items():
            self._metrics.buffered(driver.stream_name, shard_id, records)
        for shard_id in before.keys() - behind.keys():
            self._metrics.ended(driver.stream_name, shard_id)
        return committed

    def _count(self, committed: "list[Committed]") -> "list[Committed]":
        for each in committed:
            self._metrics.committed(each.manifest, asdict(each.times), each.delay_seconds)
            self._records += each.manifest.records
            self._duplicates += each.manifest.duplicates
            self._rejects += each.manifest.rejects
        if committed:
            dropped = f"{self._duplicates} duplicates dropped, {self._rejects} rejects set aside"
            self._console.print(f"{self._records:,} records; {dropped}", highlight=False)
        return committed

    def _note(self, committed: "list[Committed]") -> None:
        """Have the fuses weigh what was counted."""
        for each in committed:
            self._fuses[each.manifest.shard_range.stream.name].note(each.manifest)
