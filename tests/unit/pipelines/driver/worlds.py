"""A stream, a lake and checkpoints in memory, and drivers that die where they are told to."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count

from pyarrow import parquet

from contracts.events import FlightEvent, FlightKey
from contracts.lake import MANIFESTS
from contracts.manifest import RangeManifest
from contracts.positions import ShardRange
from pipelines.driver.checkpoints import MemoryCheckpoints
from pipelines.driver.driver import Driver, Observe, Step
from pipelines.driver.start import Start
from pipelines.flights import flights
from pipelines.kinesis.memory import MemorySource
from runtime.clock import SystemClock
from runtime.objects import MemoryObjects

_NAMES = count()
SCHEDULED = datetime(2013, 2, 8, 12, tzinfo=UTC)


class World:
    """A stream, a lake and a table of checkpoints of their own."""

    def __init__(self) -> None:
        """Make an empty one."""
        self.name = f"world-{next(_NAMES)}"
        self.source = MemorySource(self.name, shard_count=2)
        self.objects = MemoryObjects(self.name)
        self.checkpoints = MemoryCheckpoints(self.name)

    def put(self, first: int, last: int) -> None:
        """Put the departures of flights `first` to `last`, one every minute."""
        for flight in range(first, last + 1):
            self.source.put(departure(flight).to_json(), str(flight))

    def mortal(self, die_after: Step, deaths: int = 1, start: Start | None = None) -> Driver:
        """Start a driver that dies as a killed process does, just after so many steps of that name."""
        left = deaths

        def observe(step: Step, _shard_range: ShardRange) -> None:
            nonlocal left
            left -= step == die_after
            if step == die_after and not left:
                raise KilledError

        return self.driver(start, observe)

    def driver(
        self, start: Start | None = None, observe: Observe = lambda _step, _shard_range: None
    ) -> Driver:
        """Start a driver."""
        return Driver(
            source=self.source,
            build=flights,
            objects=self.objects,
            checkpoints=self.checkpoints,
            clock=SystemClock(),
            start=start,
            observe=observe,
        )

    def archived(self) -> Counter[str]:
        """Count the events of the archive by identity."""
        return Counter(
            event_id
            for manifest in self.manifests()
            for each in manifest.objects
            if each.dataset == "events"
            for event_id in parquet.read_table(BytesIO(self.objects.get(each.key)))["event_id"].to_pylist()
        )

    def departures(self) -> int:
        """Add up the partials."""
        tables = [
            parquet.read_table(BytesIO(self.objects.get(each.key)))
            for manifest in self.manifests()
            for each in manifest.objects
            if each.dataset == "partials"
        ]
        return sum(sum(table["departures"].to_pylist()) for table in tables)

    def manifests(self) -> Iterator[RangeManifest]:
        """Read every manifest."""
        for key in self.objects.keys(MANIFESTS):
            yield RangeManifest.from_json(self.objects.get(key))


class KilledError(BaseException):
    """Stands for SIGKILL: no handler of the driver may catch it."""


def departure(flight: int) -> FlightEvent:
    """Return a departure 20 minutes late when the number is even, else on time."""
    key = FlightKey("UA", flight, "EWR", SCHEDULED)
    delay = 20 if flight % 2 == 0 else 0
    at = SCHEDULED + timedelta(minutes=delay)
    return FlightEvent(key, "departed", at, "IAH", None, SCHEDULED, delay)


def once(first: int, last: int) -> Counter[str]:
    """Return the events of those flights, each once."""
    return Counter(departure(flight).event_id for flight in range(first, last + 1))


def drain(driver: Driver, events: int) -> list[RangeManifest]:
    """Step until that many records are read."""
    manifests: list[RangeManifest] = []
    while sum(manifest.records for manifest in manifests) < events:
        manifests += [each.manifest for each in driver.step()]
    return manifests
