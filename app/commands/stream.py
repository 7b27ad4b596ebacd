"""The command stream."""

import logging
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from app import wiring
from app.errors import UsageError
from app.stack.settings import StandSettings
from runtime.settings import Settings

if TYPE_CHECKING:
    from contracts.manifest import RangeManifest
    from pipelines.driver.driver import Driver
    from pipelines.driver.fuse import Fuse
    from runtime.metrics import StreamMetrics

IDLE_SECONDS = 0.1
STREAMING = "streaming flight-events and weather-observations"
"""Said when every shard is claimed: what is sent from now on is streamed at once."""


class StartOfAllError(UsageError):
    """What is waited for may lie before the start."""

    def __str__(self) -> str:
        """Say which of both to leave."""
        return (
            "`until-drained` waits for all that a replay sent, and `start` may leave some of it out: say one"
        )


def stream(
    until_drained: Annotated[  # noqa: FBT002  # a flag of the command line
        bool, typer.Option("--until-drained", help="End when a replay has ended and all of it is committed.")
    ] = False,
    most_rejects: Annotated[
        float,
        typer.Option(min=0, max=1, help="Share of the last records that may be no events; beyond it ends."),
    ] = 0.5,
    start: Annotated[
        str | None,
        typer.Option(
            help="Of streams that were never read: TRIM_HORIZON (all, the default), LATEST, AT_TIMESTAMP=…Z."
        ),
    ] = None,
) -> None:
    """Stream flights and weather from Kinesis to the lake, until Ctrl-C ends it after the batch at hand."""
    from app.stream.starting import start_of  # noqa: PLC0415  # with the pipelines
    from pipelines.driver.fuse import Fuse  # noqa: PLC0415
    from runtime.metrics import CloudWatchPublisher, StreamMetrics, served  # noqa: PLC0415  # takes a moment

    settings = Settings.from_env()
    if start and until_drained:
        raise StartOfAllError
    begins = start_of(start, wiring.CLOCK.now()) if start else None
    is_stopping = False

    def stop(*_signal: object) -> None:
        nonlocal is_stopping
        is_stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    logging.disable(logging.WARNING)  # Beam's, of parts that are not needed here
    metrics = StreamMetrics(wiring.CLOCK)
    with (
        # Before any shard is claimed: a port that is taken must not stop the stream that runs.
        served(metrics, StandSettings.from_env().metrics_port),
        CloudWatchPublisher(metrics, settings, wiring.CLOCK),
    ):
        drivers = wiring.drivers(settings, start=begins)
        try:
            fuses = {driver.stream_name: Fuse(driver.stream_name, most_rejects) for driver in drivers}
            _drive(drivers, metrics, fuses, lambda: is_stopping, is_ended_when_drained=until_drained)
        finally:
            for driver in drivers:
                driver.close()


def _drive(
    drivers: "Sequence[Driver]",
    metrics: "StreamMetrics",
    fuses: "Mapping[str, Fuse]",
    is_stopping: Callable[[], bool],
    *,
    is_ended_when_drained: bool,
) -> None:
    console = Console()
    console.print(STREAMING, highlight=False)
    records = duplicates = rejects = 0
    while not is_stopping():
        manifests = [manifest for driver in drivers for manifest in _step(driver, metrics)]
        for each in manifests:
            records += each.records
            duplicates += each.duplicates
            rejects += each.rejects
        if manifests:
            said = f"{records:,} records; {duplicates} duplicates dropped, {rejects} rejects set aside"
            console.print(said, highlight=False)
            for each in manifests:
                fuses[each.shard_range.stream.name].note(each)
        elif is_ended_when_drained and all(driver.is_drained() for driver in drivers):
            break
        else:
            wiring.CLOCK.sleep(IDLE_SECONDS)


def _step(driver: "Driver", metrics: "StreamMetrics") -> "list[RangeManifest]":
    before = driver.millis_behind()
    manifests = driver.step()
    for each in manifests:
        metrics.committed(each, asdict(driver.times), driver.arrived_at(each.shard_range.shard_id))
    behind = driver.millis_behind()
    for shard_id, millis in behind.items():
        metrics.lag(driver.stream_name, shard_id, millis)
    for shard_id, records in driver.buffered().items():
        metrics.buffered(driver.stream_name, shard_id, records)
    for shard_id in before.keys() - behind.keys():
        metrics.ended(driver.stream_name, shard_id)
    return manifests
