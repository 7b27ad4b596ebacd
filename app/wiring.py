"""The composition root: whatever is made of adapters is made here, and nowhere else."""

from typing import TYPE_CHECKING, Any

import localstack_client.session
from botocore.config import Config

from app.emr.runs import Runs
from contracts.streams import FLIGHT_EVENTS_STREAM, WEATHER_STREAM
from runtime.clock import SystemClock
from runtime.objects import Objects, S3Objects
from runtime.settings import Settings
from runtime.warehouse import Warehouse

if TYPE_CHECKING:
    from pipelines.driver.driver import Driver, Observe
    from pipelines.driver.start import Start

STREAMS = (FLIGHT_EVENTS_STREAM, WEATHER_STREAM)
CLOCK = SystemClock()


def lake(settings: Settings) -> Objects:
    """Return the lake."""
    return S3Objects(settings)


def warehouse(settings: Settings) -> Warehouse:
    """Return the warehouse."""
    return Warehouse(settings, CLOCK)


def cloud(service: str, config: Config | None = None) -> Any:
    """Return a client of one of the local cloud's services."""
    session: Any = localstack_client.session.Session()
    return session.client(service, config=config)


def producer() -> Any:
    """Return a Kinesis client that does not retry by itself: the sender does, and counts it."""
    return cloud("kinesis", Config(retries={"total_max_attempts": 1}))


def runs() -> Runs:
    """Return the runs of Spark jobs by EMR Serverless."""
    return Runs(cloud("emr-serverless"), cloud("s3"), CLOCK)


def drivers(
    settings: Settings, observe: "Observe | None" = None, start: "Start | None" = None
) -> "list[Driver]":
    """Return a driver for each stream, its shards claimed; Beam is imported here: it takes seconds."""
    from pipelines.driver.checkpoints import DynamoCheckpoints  # noqa: PLC0415
    from pipelines.driver.driver import Driver  # noqa: PLC0415
    from pipelines.flights import flights  # noqa: PLC0415
    from pipelines.kinesis.source import KinesisSource  # noqa: PLC0415
    from pipelines.weather import weather  # noqa: PLC0415

    return [
        Driver(
            source=KinesisSource(settings, name),
            build=build,
            objects=lake(settings),
            checkpoints=DynamoCheckpoints(settings),
            clock=CLOCK,
            start=start,
            observe=observe or (lambda _step, _range: None),
        )
        for name, build in ((FLIGHT_EVENTS_STREAM, flights), (WEATHER_STREAM, weather))
    ]
