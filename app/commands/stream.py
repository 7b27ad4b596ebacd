"""The command stream."""

import logging
import signal
from typing import Annotated

import typer
from rich.console import Console

from app import wiring
from runtime.settings import Settings

IDLE_SECONDS = 0.1
STREAMING = "streaming flight-events and weather-observations"
"""Said when every shard is claimed: what is sent from now on is streamed at once."""


def stream(
    until_drained: Annotated[  # noqa: FBT002  # a flag of the command line
        bool, typer.Option("--until-drained", help="End when a replay has ended and all of it is committed.")
    ] = False,
) -> None:
    """Stream flights and weather from Kinesis to the lake, until Ctrl-C ends it after the batch at hand."""
    console = Console()
    settings = Settings.from_env()
    is_stopping = False

    def stop(*_signal: object) -> None:
        nonlocal is_stopping
        is_stopping = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    logging.disable(logging.WARNING)  # Beam's, of parts that are not needed here
    drivers = wiring.drivers(settings)
    console.print(STREAMING, highlight=False)
    records = duplicates = rejects = 0
    try:
        while not is_stopping:
            manifests = [manifest for driver in drivers for manifest in driver.step()]
            for each in manifests:
                records += each.records
                duplicates += each.duplicates
                rejects += each.rejects
            if manifests:
                said = f"{records:,} records; {duplicates} duplicates dropped, {rejects} rejects set aside"
                console.print(said, highlight=False)
            elif until_drained and all(driver.is_drained() for driver in drivers):
                break
            else:
                wiring.CLOCK.sleep(IDLE_SECONDS)
    finally:
        for driver in drivers:
            driver.close()
