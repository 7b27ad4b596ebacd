"""The command stream."""

import logging
import signal
from typing import Annotated

import typer
from rich.console import Console

from app import wiring
from app.errors import UsageError
from app.stack.settings import StandSettings
from runtime.settings import Settings

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
    from app.stream.driving import Driving  # noqa: PLC0415  # with the pipelines
    from app.stream.starting import start_of  # noqa: PLC0415  # as above
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
    metrics = StreamMetrics()
    with (
        # Before any shard is claimed: a port that is taken must not stop the stream that runs.
        served(metrics, StandSettings.from_env().metrics_port),
        CloudWatchPublisher(metrics, settings, wiring.CLOCK),
    ):
        drivers = wiring.drivers(settings, start=begins)
        try:
            fuses = {driver.stream_name: Fuse(driver.stream_name, most_rejects) for driver in drivers}
            console = Console()
            console.print(STREAMING, highlight=False)
            driving = Driving(drivers, metrics, fuses, wiring.CLOCK, console)
            driving.run(lambda: is_stopping, is_ended_when_drained=until_drained)
        finally:
            for driver in drivers:
                driver.close()
