"""Delivery: objects, then the manifest that names them, and nothing more once a write has failed."""

from datetime import UTC, datetime
from itertools import count
from threading import Event

import pytest

from contracts.lake import MANIFESTS, manifest_key
from contracts.manifest import RangeManifest
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from pipelines import steps
from pipelines.driver.plan import RangePlan
from pipelines.feed import FLIGHTS
from pipelines.ranges import Batch
from pipelines.state import ShardState
from pipelines.steps import Deliver
from runtime.objects import MemoryObjects

_NAMES = count()
STREAM = StreamIdentity("arn:aws:kinesis:us-east-1:0:stream/delivered", 1)
NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)


class FailingObjects(MemoryObjects):
    """Fails at one object, and takes long for the others."""

    def __init__(self, name: str) -> None:
        """Have failed nothing yet."""
        super().__init__(name)
        self.is_released = Event()
        self.asked: list[str] = []

    def put(self, key: str, data: bytes) -> None:
        """See `Objects.put`."""
        self.asked.append(key)
        if key == "events/0/0":
            raise ConnectionError(key, len(data))
        self.is_released.wait(10)


def batch(shard: int) -> Batch:
    """A batch with three objects."""
    plan = RangePlan(ShardRange(STREAM, f"shardId-{shard}", ResumeAfter(), 1), 0, NOON)
    made = Batch(plan, FLIGHTS.schema.empty_table(), 0, 0, (), None, ShardState())
    for number in range(3):
        made = made.with_object("events", f"events/{shard}/{number}", 0, b"x")
    return made


def test_a_manifest_comes_behind_all_that_it_names() -> None:
    """Of each batch of the bundle."""
    objects = MemoryObjects(f"deliver-{next(_NAMES)}")
    deliver = Deliver(objects)
    deliver.start_bundle()
    for shard in range(3):
        deliver.process(batch(shard))
    assert not list(objects.keys(MANIFESTS))
    deliver.finish_bundle()
    for shard in range(3):
        manifest = RangeManifest.from_json(objects.get(manifest_key(batch(shard).plan.shard_range)))
        assert {each.key for each in manifest.objects} <= set(objects.keys(""))
        assert len(manifest.objects) == 3 + 1  # the state


def test_a_write_that_fails_ends_the_others() -> None:
    """What has not begun does not begin, no manifest is written, and the next bundle begins anew."""
    objects = FailingObjects(f"deliver-{next(_NAMES)}")
    deliver = Deliver(objects)
    deliver.start_bundle()
    for shard in range(10):
        deliver.process(batch(shard))
    with pytest.raises(ConnectionError):
        deliver.finish_bundle()
    objects.is_released.set()
    steps._writers().submit(lambda: None).result()  # noqa: SLF001  # all that was begun is over
    assert len(objects.asked) < 20 < 10 * 4
    assert not [key for key in objects.asked if key.startswith(MANIFESTS)]
    deliver.start_bundle()
    deliver.finish_bundle()
