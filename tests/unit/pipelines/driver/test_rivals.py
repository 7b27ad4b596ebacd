"""Two rival drivers that die at any step, over a stream that is split and merged: every event once.

Hypothesis decides what happens when: records and copies come, shards are split and merged, drivers start,
step, die after a plan, a run or a commit, and start again beside each other; what was in memory is lost. A
commit happens as soon as it may, or as late.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from io import BytesIO
from itertools import count, pairwise
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from pyarrow import parquet

from contracts.batches import pack
from contracts.events import FlightEvent, FlightKey
from contracts.lake import MANIFESTS
from contracts.manifest import RangeManifest
from contracts.positions import HASH_KEYS, ShardRange, hash_key
from pipelines import state
from pipelines.driver.checkpoints import MemoryCheckpoints, ShardLostError
from pipelines.driver.driver import Driver, Step
from pipelines.driver.plan import RangePlan
from pipelines.feed import FLIGHTS
from pipelines.flights import flights
from pipelines.kinesis import cache
from pipelines.kinesis.memory import MemorySource
from pipelines.kinesis.read import ReadAllFromKinesis
from pipelines.kinesis.source import Source
from pipelines.legs import SESSION_GAP
from pipelines.steps import AggregateWindows, Deliver, ReadRanges, _archive, _set_aside
from pipelines.windows import WINDOWS
from runtime.clock import SystemClock
from runtime.objects import MemoryObjects
from tests.support.waiting import until

type Session = tuple[str, datetime, datetime, int]

_NAMES = count()
NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
HOURS_APART, DAYS_HOURS = 37, 3 * 24
STEPS: tuple[Step, ...] = ("planned", "ran", "committed")


class KilledError(BaseException):
    """Stands for SIGKILL."""


class _Later[Result](Future[Result]):
    """What is done when somebody waits for it, and not before."""

    def __init__(self, work: Callable[[], Result]) -> None:
        """Do nothing yet."""
        super().__init__()
        self._work = work

    def result(self, timeout: float | None = None) -> Result:
        """Do it."""
        self.set_result(self._work())
        return super().result(timeout)


class Commits(Executor):
    """In the place of a thread: commits begin at once, or when the driver waits for them."""

    def __init__(self) -> None:
        """Be as late as one can."""
        self.are_late = True

    def submit[**Args, Result](
        self, fn: Callable[Args, Result], /, *args: Args.args, **kwargs: Args.kwargs
    ) -> Future[Result]:
        """See `Executor.submit`."""
        later = _Later(lambda: fn(*args, **kwargs))
        if self.are_late:
            return later
        done: Future[Result] = Future()
        done.set_result(later.result())
        return done


class PlainDriver(Driver):
    """A driver whose runs are the pipeline's own functions, without Beam around them."""

    def __init__(self, source: Source, objects: MemoryObjects, name: str) -> None:
        """Live until it is told to die after some step."""
        self.dies_after: Step | None = None
        self.commits = Commits()
        self._read = ReadAllFromKinesis(source).read
        self._parse = ReadRanges(source, FLIGHTS, objects).parse
        self._aggregate = AggregateWindows(WINDOWS)._aggregate  # noqa: SLF001  # the step's own function
        self._deliver = Deliver(objects)
        super().__init__(
            source=source,
            build=flights,
            objects=objects,
            checkpoints=MemoryCheckpoints(name),
            clock=SystemClock(),
            observe=self._observed,
            committer=self.commits,
        )

    def _observed(self, step: Step, _range: ShardRange) -> None:
        if step == self.dies_after:
            raise KilledError

    def _run(self, plans: Sequence[RangePlan]) -> None:
        for plan in plans:
            self._deliver.start_bundle()
            self._deliver.process(_set_aside(self._aggregate(_archive(self._parse(self._read(plan))))))
            self._deliver.finish_bundle()
            self._observed("ran", plan.shard_range)


class Rivals(RuleBasedStateMachine):
    """The world, and at most two drivers."""

    def __init__(self) -> None:
        """Begin with one shard and no driver."""
        super().__init__()
        self.name = f"rivals-{next(_NAMES)}"
        self.source = MemorySource(self.name)
        self.objects = MemoryObjects(self.name)
        self.drivers: list[PlainDriver] = []
        self.sent = 0

    @rule(new=st.integers(1, 8), copies=st.integers(0, 4), is_packed=st.booleans())
    def put(self, new: int, copies: int, is_packed: bool) -> None:  # noqa: FBT001  # hypothesis gives it
        """Events come, and copies of earlier ones; packed ones go by the first one's key."""
        numbers = [*range(self.sent, self.sent + new), *range(max(0, self.sent - copies), self.sent)]
        self.sent += new
        if is_packed and len({self._shard(number) for number in numbers}) == 1:
            self.source.put(pack([departure(each) for each in numbers], "zstd"), key(numbers[0]))
            return
        for number in numbers:
            self.source.put(departure(number), key(number))

    def _shard(self, number: int) -> str:
        return key(number)

    @precondition(lambda self: len(self.drivers) < 2)
    @rule()
    def start(self) -> None:
        """A driver starts, whoever else runs."""
        self.drivers.append(PlainDriver(self.source, self.objects, self.name))

    @precondition(lambda self: self.drivers)
    @rule(which=st.integers(0, 1), dies_after=st.sampled_from([None, None, *STEPS]), are_late=st.booleans())
    def step(self, which: int, dies_after: Step | None, are_late: bool) -> None:  # noqa: FBT001  # as above
        """One steps, and may die at it; one whose shards were taken over stops."""
        driver = self.drivers[which % len(self.drivers)]
        driver.dies_after, driver.commits.are_late = dies_after, are_late
        try:
            driver.step()
        except (KilledError, ShardLostError):
            driver.close()
            self.drivers.remove(driver)

    @rule()
    def forget(self) -> None:
        """What was kept in memory is gone, as in another process."""
        state._kept.clear()  # noqa: SLF001  # as a restart does
        cache._ranges.clear()  # noqa: SLF001  # as above

    @precondition(lambda self: len(self.source.shards()) < 12)
    @rule(which=st.integers(0, 11))
    def split(self, which: int) -> None:
        """An open shard is split."""
        shards = open_shards(self.source)
        self.source.split(shards[which % len(shards)])

    @precondition(lambda self: len(open_shards(self.source)) > 1 and len(self.source.shards()) < 12)
    @rule()
    def merge(self) -> None:
        """The two with the lowest hash keys are merged."""
        self.source.merge(*open_shards(self.source)[:2])

    @invariant()
    def nothing_is_committed_twice(self) -> None:
        """Whatever has happened so far."""
        assert all(times == 1 for times in self._archived().values())

    def teardown(self) -> None:
        """In the end one driver does what is left, and every event is there, once."""
        for driver in self.drivers:
            driver.close()
        last = PlainDriver(self.source, self.objects, self.name)

        def is_done() -> bool:
            last.step()
            return len(self._archived()) == self.sent

        until(is_done, 20)
        for _ in range(3):
            last.step()
        assert last.is_idle
        last.close()
        assert self._archived() == Counter(event(each).event_id for each in range(self.sent))
        assert self._sum("partials") == self._sum("departure_minutes") == self.sent
        assert self._sessions() == sessions(range(self.sent))

    def _manifests(self) -> list[RangeManifest]:
        return [RangeManifest.from_json(self.objects.get(each)) for each in self.objects.keys(MANIFESTS)]

    def _tables(self, dataset: str) -> list[Any]:
        return [
            parquet.read_table(BytesIO(self.objects.get(each.key)))
            for manifest in self._manifests()
            for each in manifest.objects
            if each.dataset == dataset
        ]

    def _archived(self) -> Counter[str]:
        return Counter(name for table in self._tables("events") for name in table["event_id"].to_pylist())

    def _sum(self, dataset: str) -> int:
        return sum(sum(table["departures"].to_pylist()) for table in self._tables(dataset))

    def _sessions(self) -> Counter[Session]:
        """Those whose changes add up."""
        found: Counter[Session] = Counter()
        for table in self._tables("aircraft_sessions"):
            for row in table.to_pylist():
                session = row["tail_number"], row["session_start"], row["session_end"], row["legs"]
                found[session] += row["change"]
        assert set(found.values()) <= {0, 1}
        return +found


def sessions(numbers: Iterable[int]) -> Counter[Session]:
    """The sessions of events, in plain Python."""
    found: Counter[Session] = Counter()
    times: dict[str, list[datetime]] = {}
    for number in numbers:
        times.setdefault(key(number), []).append(event(number).event_time)
    for tail, each in times.items():
        ordered = sorted(each)
        starts = [0, *(i for i in range(1, len(each)) if ordered[i] - ordered[i - 1] >= SESSION_GAP)]
        for first, behind in pairwise([*starts, len(each)]):
            found[tail, ordered[first], ordered[behind - 1], behind - first] += 1
    return found


def open_shards(source: MemorySource) -> list[str]:
    """The shards without children, by their hash keys."""
    shards = enumerate(source._stream.shards)  # noqa: SLF001  # the twin's own
    found = [(shard.hash_keys.start, index) for index, shard in shards if not shard.is_closed]
    return [source.shards()[index].shard_id for _, index in sorted(found)]


def event(number: int) -> FlightEvent:
    """A departure of a flight of its own; an aircraft's come out of order, and its days grow together."""
    at = NOON + timedelta(hours=number * HOURS_APART % DAYS_HOURS)
    flight = FlightKey("UA", number, "EWR", at)
    return FlightEvent(flight, "departed", at, "IAH", key(number), at, number)


def departure(number: int) -> bytes:
    """Its bytes."""
    return event(number).to_json()


def key(number: int) -> str:
    """Its partition key, the aircraft: a few, so that some share a shard through every split."""
    return f"N{number % 5}"


TestRivals = Rivals.TestCase
TestRivals.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


def test_a_departure_that_strays_tears_a_day_and_never_doubles_it() -> None:
    """It comes to the other child of a split, as one that was packed before may; then both are merged."""
    world = Rivals()
    low = [name for name in map(str, range(20)) if hash_key(name) < HASH_KEYS.stop // 2]
    high = [name for name in map(str, range(20)) if hash_key(name) >= HASH_KEYS.stop // 2]
    driver = PlainDriver(world.source, world.objects, world.name)

    def put(hour: int, by: str) -> None:
        at = NOON + timedelta(hours=hour)
        flight = FlightKey("UA", hour, "EWR", at)
        leg = FlightEvent(flight, "departed", at, "IAH", high[0], at, 0)
        world.source.put(leg.to_json(), by)
        until(lambda: driver.step() != [], 20)

    put(0, high[0])
    world.source.split(open_shards(world.source)[0])
    until(lambda: driver.step() == [] and len(driver.millis_behind()) == 2, 20)
    put(1, low[0])
    put(2, high[0])
    world.source.merge(*open_shards(world.source))
    until(lambda: driver.step() == [] and len(driver.millis_behind()) == 1, 20)
    put(3, high[0])
    driver.close()
    hours = [NOON + timedelta(hours=hour) for hour in range(4)]
    assert world._sessions() == Counter(  # noqa: SLF001  # of the same module
        {(high[0], hours[0], hours[3], 3): 1, (high[0], hours[1], hours[1], 1): 1}
    )
