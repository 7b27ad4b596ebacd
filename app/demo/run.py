"""The demo: real flights through every hop, every total checked against the source."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from threading import Event

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from app import wiring
from app.commands.bootstrap import prepare
from app.commands.job import run_job
from app.demo.stream_process import StreamProcess
from app.errors import StandError
from app.reconcile.reconcile import difference_table, reconcile
from app.replay.faults import FaultPlan, Outgoing
from app.replay.replay import ReplayResult, Speed, forget_end, outgoing, run
from app.report.charts import cancelled_by_hour, draw
from app.report.figures import Figures, Step
from app.report.freshness import freshness_millis
from app.report.page import write_page
from app.report.summary import summary
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from runtime.settings import Settings
from warehouse.models.build import build_marts
from warehouse.models.loader import Loader

BUILD = Path("build/demo")
LOAD_SECONDS = 0.5
"""Between two looks for what waits to be loaded."""


class NotReconciledError(StandError):
    """The warehouse does not hold what the source says."""

    def __init__(self, differences: int, lost: int, twice: int) -> None:
        """Keep the counts."""
        super().__init__(differences, lost, twice)
        self.differences = differences
        self.lost = lost
        self.twice = twice

    def __str__(self) -> str:
        """Say how far off it is."""
        return (
            f"not reconciled with the source: {self.differences} differences, {self.lost} events lost, "
            f"{self.twice} counted twice; build/demo/report.json has the figures"
        )


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be shown.

    Attributes:
        days: First and last New York date, both included.
        speed: How fast the replay goes.
        is_kept: Whether the stack stays up and the worlds stay as they are; else both start and end empty.
    """

    days: tuple[date, date]
    speed: Speed
    is_kept: bool


class Demo:
    """One run of the demo.

    **On failure**: one error; the stream and, unless it is kept, the stack are stopped.
    """

    def __init__(self, options: Options, console: Console) -> None:
        """Start nothing yet."""
        self._options = options
        self._console = console
        self._settings = Settings.from_env()
        self._stand = StandSettings.from_env()
        self._stack = Stack(self._stand)
        self._steps: list[Step] = []

    def run(self) -> None:
        """Run every step, write report.json and report.html, and show the figures.

        Raises:
            StandError: A step failed.
        """
        started = wiring.CLOCK.monotonic()
        days, settings = self._options.days, self._settings
        with self._step("read the source"):
            records = outgoing(*days)
        try:
            with self._step("start the stack"):
                if not self._options.is_kept:
                    self._stack.down()
                    self._stack.reset()
                self._stack.up()
            with self._step("make the resources"):
                prepare(settings)
                forget_end(wiring.producer(), wiring.lake(settings))
            before = self._ledger_totals()
            with StreamProcess(self._stand.home / "logs" / "stream.log") as stream:
                with self._step("start the stream"):
                    stream.wait_until_streaming()
                flow_started = wiring.CLOCK.monotonic()
                with self._step("replay, stream and load", is_live=True):
                    sent = self._flow(stream, records)
                flow_seconds = wiring.CLOCK.monotonic() - flow_started
            with self._step("run the Spark job"):
                run_job("daily_on_time", days, settings, self._stand)
            warehouse = wiring.warehouse(settings)
            with self._step("build the marts"):
                build_marts(warehouse)
            with self._step("reconcile with the source"):
                reconciliation = reconcile(warehouse.query, *days)
            after = self._ledger_totals()
            with self._step("measure freshness"):
                freshness = freshness_millis(wiring.lake(settings), warehouse.query, wiring.STREAMS)
            with self._step("draw the report"):
                charts = draw(warehouse.query, days, freshness, self._steps)
            cancelled = cancelled_by_hour(warehouse.query, *days)
            ((flights,),) = warehouse.query("select count(*) from fact_flight").rows
        finally:
            if not self._options.is_kept:
                self._stack.down()
        events_sent = sum(sent.sent.values())
        figures = Figures(
            events_sent=events_sent,
            duplicates_injected=len(sent.faults.duplicates),
            duplicates_caught=after[0] - before[0],
            rejects_injected=len(sent.faults.malformed),
            rejects_caught=after[1] - before[1],
            events_lost=reconciliation.events_lost,
            events_twice=reconciliation.events_twice,
            flights_in_warehouse=flights,
            records_per_second=round(events_sent / flow_seconds, 1),
            freshness_p50_ms=_percentile(freshness, 50),
            freshness_p99_ms=_percentile(freshness, 99),
            wall_seconds=round(wiring.CLOCK.monotonic() - started, 2),
            reconciled=reconciliation.is_equal,
            steps=tuple(self._steps),
        )
        figures.write(BUILD / "report.json")
        write_page(BUILD / "report.html", days, figures, reconciliation.checks, charts)
        self._console.print(summary(figures, reconciliation, cancelled))
        self._console.print(f"[bold]{BUILD / 'report.html'}[/] shows it in charts", highlight=False)
        if not figures.reconciled:
            self._console.print(difference_table(reconciliation))
            lost, twice = figures.events_lost, figures.events_twice
            raise NotReconciledError(len(reconciliation.differences), lost, twice)

    def _flow(self, stream: StreamProcess, records: list[Outgoing]) -> ReplayResult:
        """Replay while the stream runs and what it delivers is loaded; return when all is loaded."""
        loader = Loader(wiring.lake(self._settings), wiring.warehouse(self._settings), self._settings.lake)
        stopping = Event()
        with Progress(console=self._console) as progress, ThreadPoolExecutor(1) as pool:
            sending = progress.add_task("sent to Kinesis", total=len(records))
            loading = progress.add_task("in the warehouse", total=len(records))

            def on_progress(sent: int, total: int) -> None:
                progress.update(sending, completed=sent, total=total)
                progress.update(loading, total=total)
                if stopping.is_set():
                    raise InterruptedError

            replayed = pool.submit(
                run,
                records=records,
                kinesis=wiring.producer(),
                objects=wiring.lake(self._settings),
                speed=self._options.speed,
                plan=FaultPlan(),
                clock=wiring.CLOCK,
                on_progress=on_progress,
            )
            try:
                while stream.is_running() and not (replayed.done() and replayed.exception()):
                    progress.advance(loading, loader.load_waiting().records)
                    wiring.CLOCK.sleep(LOAD_SECONDS)
                if not replayed.done() or not replayed.exception():
                    stream.check()
            except BaseException:
                stopping.set()
                raise
            result = replayed.result()
            while (loaded := loader.load_waiting()).batches:
                progress.advance(loading, loaded.records)
        BUILD.mkdir(parents=True, exist_ok=True)
        (BUILD / "faults.json").write_bytes(result.faults.to_json())
        return result

    def _ledger_totals(self) -> tuple[int, int]:
        """Return the duplicates and the rejects of all batches in the warehouse."""
        sql = "select coalesce(sum(duplicates), 0)::bigint, coalesce(sum(rejects), 0)::bigint from etl_ledger"
        ((duplicates, rejects),) = wiring.warehouse(self._settings).query(sql).rows
        return duplicates, rejects

    @contextmanager
    def _step(self, name: str, *, is_live: bool = False) -> Iterator[None]:
        """Time a step and show it; one that `is_live` shows its own progress."""
        started = wiring.CLOCK.monotonic()
        with nullcontext() if is_live else self._console.status(name):
            yield
        seconds = wiring.CLOCK.monotonic() - started
        self._steps.append(Step(name, round(seconds, 2)))
        self._console.print(f"[green]✓[/] {name} [dim]{seconds:.1f} s[/]", highlight=False)


def _percentile(millis: NDArray[np.float64], percent: float) -> float:
    """Return a percentile; of nothing it is not a number, which report.json writes as null."""
    return round(float(np.percentile(millis, percent)), 1) if millis.size else float("nan")
