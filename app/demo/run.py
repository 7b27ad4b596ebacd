"""The demo: real flights through every hop, every total checked against the source."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import Progress

from app import wiring
from app.commands.bootstrap import deploy_functions, leave_out_board, prepare
from app.demo.board import BoardOutcome, BoardWatch
from app.demo.flow import flow, load_waiting
from app.demo.stream_process import StreamProcess
from app.emr.documents import job_names
from app.errors import StandError
from app.jobs import run_jobs
from app.marts import build_marts
from app.reconcile.reconcile import difference_table, reconcile
from app.replay.faults import Faults, Outgoing
from app.replay.replay import ReplayResult, Speed, forget_end, outgoing
from app.report.charts import cancelled_by_hour, draw
from app.report.figures import Figures, Step
from app.report.freshness import freshness_millis
from app.report.page import write_page
from app.report.summary import summary
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.settings import Settings

BUILD = Path("build/demo")


class NotReconciledError(StandError):
    """The warehouse does not hold what the source says."""

    def __init__(self, differences: int, figures: Figures) -> None:
        """Keep the counts."""
        super().__init__(differences, figures)
        self.differences = differences
        self.figures = figures

    def __str__(self) -> str:
        """Say how far off it is."""
        return (
            f"not reconciled with the source: {self.differences} differences, "
            f"{self.figures.events_lost} events lost, {self.figures.events_twice} counted twice, "
            f"{self.figures.duplicates_caught} of {self.figures.duplicates_injected} duplicates and "
            f"{self.figures.rejects_caught} of {self.figures.rejects_injected} rejects caught, "
            f"{self.figures.dead_letters} dead letters for {self.figures.poison_injected} poison records, "
            f"{self.figures.alerts} alerts, {self.figures.throttles} throttles; "
            "build/demo/report.json has the figures"
        )


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be shown.

    Attributes:
        days: First and last New York date, both included.
        speed: How fast the replay goes.
        is_kept: Whether the stack stays up and the worlds stay as they are; else both start and end empty.
        has_board: Whether events go to the flight board too, which takes longer than all the rest.
    """

    days: tuple[date, date]
    speed: Speed
    is_kept: bool
    has_board: bool = True


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
            self._begin()
            board, before = self._board(), self._ledger_totals()
            sent, flow_seconds = self._flow(records, board)
            outcome = self._outcome(board, sent.faults)
            with self._step("run the Spark jobs", is_live=True):
                run_jobs(job_names(), days, settings, self._stand, self._console)
            warehouse = wiring.warehouse(settings)
            with self._step("build the marts", is_live=True):
                build_marts(settings, self._stand, self._console)
            with self._step("reconcile with the source"):
                reconciliation = reconcile(warehouse.query, *days)
                reconciliation = replace(reconciliation, checks=reconciliation.checks + outcome.checks)
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
        injected, malformed = len(sent.faults.duplicates), len(sent.faults.malformed)
        duplicates, rejects = after[0] - before[0], after[1] - before[1]
        figures = Figures(
            events_sent=events_sent,
            duplicates_injected=injected,
            duplicates_caught=duplicates,
            rejects_injected=malformed,
            rejects_caught=rejects,
            events_lost=reconciliation.events_lost,
            events_twice=reconciliation.events_twice,
            flights_in_warehouse=flights,
            flights_on_board=outcome.flights,
            alerts=outcome.alerts,
            poison_injected=outcome.poison,
            dead_letters=outcome.dead_letters,
            throttles=outcome.throttles,
            records_per_second=round(events_sent / flow_seconds, 1),
            freshness_p50_ms=_percentile(freshness, 50),
            freshness_p99_ms=_percentile(freshness, 99),
            wall_seconds=round(wiring.CLOCK.monotonic() - started, 2),
            reconciled=reconciliation.is_equal
            and duplicates >= injected
            and (rejects == malformed or (self._options.is_kept and rejects > malformed))
            and outcome.is_right,
            steps=tuple(self._steps),
        )
        figures.write(BUILD / "report.json")
        write_page(BUILD / "report.html", days, figures, reconciliation.checks, charts)
        self._console.print(summary(figures, reconciliation, cancelled))
        self._console.print(f"[bold]{BUILD / 'report.html'}[/] shows it in charts", highlight=False)
        if not figures.reconciled:
            self._console.print(difference_table(reconciliation))
            raise NotReconciledError(len(reconciliation.differences), figures)

    def _begin(self) -> None:
        """Start the stack, and make all that is in it."""
        settings = self._settings
        with self._step("start the stack"):
            if not (self._options.is_kept and self._stack.is_cloud_up):
                self._stack.reset()
            self._stack.up()
        with self._step("make the resources"):
            prepare(settings)
            forget_end(wiring.producer(), wiring.lake(settings))
        load_waiting(settings)  # what an interrupted run left is not this one's
        with self._step("deploy the functions"):
            deploy_functions(settings)

    def _board(self) -> BoardWatch | None:
        if not self._options.has_board:
            leave_out_board()
            return None
        first, last = self._options.days
        days = {first + timedelta(days=offset) for offset in range((last - first).days + 1)}
        with self._step("work out the board from the source"):
            return BoardWatch(self._settings, days)

    def _outcome(self, board: BoardWatch | None, faults: Faults) -> BoardOutcome:
        if board is None:
            return BoardOutcome()
        malformed = [digest for name, _, digest in faults.malformed if name == FLIGHT_EVENTS_STREAM]
        with (
            self._step("bring the board up to date", is_live=True),
            Progress(console=self._console) as progress,
        ):
            task = progress.add_task("right on the board", total=None)
            return board.outcome(
                malformed, lambda right, total: progress.update(task, completed=right, total=total)
            )

    def _flow(self, records: list[Outgoing], board: BoardWatch | None) -> tuple[ReplayResult, float]:
        """Return what was sent, and the seconds from the first record sent to the last one loaded."""
        with StreamProcess(self._stand.home / "logs" / "stream.log") as stream:
            with self._step("start the stream"):
                stream.wait_until_streaming()
            started = wiring.CLOCK.monotonic()
            try:
                if board:
                    board.begin()
                with self._step("replay, stream and load", is_live=True):
                    look = board.look if board else None
                    speed = self._options.speed
                    sent = flow(stream, records, speed, self._settings, self._console, look)
            finally:
                if board:
                    board.end()
            seconds = wiring.CLOCK.monotonic() - started
        BUILD.mkdir(parents=True, exist_ok=True)
        (BUILD / "faults.json").write_bytes(sent.faults.to_json())
        return sent, seconds

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
