"""The flow: a replay and the stream at once, until load-warehouse has loaded all that was sent."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event

from rich.console import Console
from rich.progress import Progress

from app import wiring
from app.demo.stream_process import StreamProcess
from app.errors import StandError
from app.replay.faults import FaultPlan, Outgoing
from app.replay.replay import ReplayResult, Speed, run
from runtime.settings import Settings
from warehouse.models.loader import Loader

LOOK_SECONDS = 0.5
"""Between two looks at what is loaded."""

USUAL_FAULTS = FaultPlan()

STALLED_SECONDS = 180.0
"""The function is invoked each minute: what it has not loaded for so long it never will."""

_LOADED = "select coalesce(sum(records), 0)::bigint from etl_ledger"


class LoadStalledError(StandError):
    """The function load-warehouse does not load what waits."""

    def __str__(self) -> str:
        """Say what to look at."""
        return (
            f"load-warehouse has loaded nothing for {STALLED_SECONDS:.0f} s, and manifests wait: "
            "its log says why, in CloudWatch's group /aws/lambda/load-warehouse"
        )


def flow(  # noqa: PLR0913, PLR0917  # each is a part of the flow
    stream: StreamProcess,
    records: list[Outgoing],
    speed: Speed,
    settings: Settings,
    console: Console,
    look: Callable[[], None] | None = None,
    plan: FaultPlan = USUAL_FAULTS,
) -> ReplayResult:
    """Replay while the stream runs and what it delivers is loaded; return when all is loaded.

    **On failure**: the replay is stopped, and what was sent stays in Kinesis.

    Args:
        stream: Runs already.
        records: What is sent.
        speed: How fast.
        settings: Names of lake and warehouse.
        console: Shows the progress.
        look: Called again and again meanwhile.
        plan: Faults that are added.

    Raises:
        StreamEndedError: The stream ended with an error.
        ReplayStalledError: Kinesis kept refusing.
        LoadStalledError: The warehouse is not loaded.
    """
    loads = _Loads(settings)
    stopping = Event()
    with Progress(console=console) as progress, ThreadPoolExecutor(1) as pool:
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
            objects=wiring.lake(settings),
            speed=speed,
            plan=plan,
            clock=wiring.CLOCK,
            on_progress=on_progress,
        )
        try:
            while stream.is_running() and not (replayed.done() and replayed.exception()):
                progress.update(loading, completed=loads.records())
                if look:
                    look()
                wiring.CLOCK.sleep(LOOK_SECONDS)
            if not replayed.done() or not replayed.exception():
                stream.check()
        except BaseException:
            stopping.set()
            raise
        result = replayed.result()
        while loads.wait():
            progress.update(loading, completed=loads.records())
            if look:
                look()
            wiring.CLOCK.sleep(LOOK_SECONDS)
        progress.update(loading, completed=loads.records())
    return result


class _Loads:
    """What the function load-warehouse has loaded since this was made."""

    def __init__(self, settings: Settings) -> None:
        self._warehouse = wiring.warehouse(settings)
        self._loader = Loader(wiring.lake(settings), self._warehouse, settings.lake)
        self._before = self._total()
        self._moved = wiring.CLOCK.monotonic()
        self._seen = self._before

    def records(self) -> int:
        return self._total() - self._before

    def wait(self) -> bool:
        """Return whether something waits.

        Raises:
            LoadStalledError: It has waited for too long.
        """
        if not self._loader.waiting():
            return False
        now, total = wiring.CLOCK.monotonic(), self._total()
        if total != self._seen:
            self._moved, self._seen = now, total
        elif now - self._moved > STALLED_SECONDS:
            raise LoadStalledError
        return True

    def _total(self) -> int:
        ((records,),) = self._warehouse.query(_LOADED).rows
        return int(records)


def load_waiting(settings: Settings) -> None:
    """Load by hand all that waits in the lake."""
    loader = Loader(wiring.lake(settings), wiring.warehouse(settings), settings.lake)
    while loader.load_waiting().batches:
        pass
