"""The flow: a replay, the stream and the load at once, until all that was sent is in the warehouse."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

from rich.console import Console
from rich.progress import Progress

from app import wiring
from app.demo.stream_process import StreamProcess
from app.replay.faults import FaultPlan, Outgoing
from app.replay.replay import ReplayResult, Speed, run
from runtime.settings import Settings
from warehouse.models.loader import Loader

LOAD_SECONDS = 0.5
"""Between two looks for what waits to be loaded."""


def flow(
    stream: StreamProcess, records: list[Outgoing], speed: Speed, settings: Settings, console: Console
) -> ReplayResult:
    """Replay while the stream runs and what it delivers is loaded; return when all is loaded.

    **On failure**: the replay is stopped, and what was sent stays in Kinesis.

    Raises:
        StreamEndedError: The stream ended with an error.
        ReplayStalledError: Kinesis kept refusing.
    """
    loader = Loader(wiring.lake(settings), wiring.warehouse(settings), settings.lake)
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
    return result


def load_waiting(settings: Settings) -> None:
    """Load all that waits in the lake."""
    loader = Loader(wiring.lake(settings), wiring.warehouse(settings), settings.lake)
    while loader.load_waiting().batches:
        pass
