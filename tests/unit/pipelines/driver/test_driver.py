"""The driver's promise, told as stories against the twins in memory: nothing lost, nothing twice."""

from contextlib import suppress
from threading import Event

import orjson
import pytest

from contracts.batches import Packing, pack
from contracts.lake import replay_end_key
from contracts.positions import ShardRange
from pipelines.driver.checkpoints import ShardLostError
from pipelines.driver.driver import Step
from pipelines.driver.plan import RangePlan
from pipelines.kinesis import cache
from pipelines.kinesis.read import RangeLostError
from tests.support.waiting import until
from tests.unit.pipelines.driver.worlds import KilledError, World, departure, drain, once


@pytest.fixture
def world() -> World:
    """Give each test a world of its own."""
    return World()


def test_every_event_is_archived_once_and_counted_once(world: World) -> None:
    """Duplicates are dropped within a range and across ranges; a reject is set aside with its bytes."""
    world.put(1, 20)
    world.put(1, 5)
    driver = world.driver()
    drain(driver, 25)
    world.put(5, 30)
    world.source.put(b"no event", "9")
    drain(driver, 27)
    driver.close()
    assert world.archived() == once(1, 30)
    assert world.departures() == 30
    manifests = list(world.manifests())
    assert sum(manifest.duplicates for manifest in manifests) == 21
    assert sum(manifest.rejects for manifest in manifests) == 1
    rejects = [each.key for manifest in manifests for each in manifest.objects if each.dataset == "rejects"]
    (line,) = (world.objects.get(key) for key in rejects)
    reject = orjson.loads(line)
    assert (bytes.fromhex(reject["data_hex"]), reject["rule"]) == (b"no event", "not_json")


@pytest.mark.parametrize("packing", ["gzip", "zstd", "kpl"])
def test_packed_events_are_archived_once(world: World, packing: Packing) -> None:
    """Beside plain ones; copies within and across records are dropped, a broken batch is one reject."""
    events = [departure(flight).to_json() for flight in range(1, 41)]
    for part in (events[:25], events[20:], [*events[:3], b"no event"]):
        world.source.put(pack(part, packing), "k")
    world.source.put(departure(41).to_json(), "k")
    world.source.put(pack(events, "zstd")[:-5], "k")
    driver = world.driver()
    manifests = drain(driver, 25 + 20 + 4 + 1 + 1)
    driver.close()
    assert world.archived() == once(1, 41)
    assert sum(manifest.duplicates for manifest in manifests) == 5 + 3
    lines = [
        orjson.loads(line)
        for manifest in manifests
        for each in manifest.objects
        if each.dataset == "rejects"
        for line in world.objects.get(each.key).splitlines()
    ]
    assert [each["rule"] for each in lines] == ["not_json", "bad_batch"]
    assert bytes.fromhex(lines[0]["data_hex"]) == b"no event"


@pytest.mark.parametrize("step", ["planned", "ran", "committed"])
def test_a_driver_killed_after_a_step_is_taken_over_without_loss(world: World, step: Step) -> None:
    """Killed after the first shard's step; more arrives meanwhile; the next driver finishes it all."""
    world.put(1, 20)
    killed = world.mortal(step)
    with pytest.raises(KilledError):
        drain(killed, 20)
    killed.close()
    world.put(11, 40)
    objects_before = {key: world.objects.get(key) for key in world.objects.keys("")}
    heir = world.driver()
    while sum(world.archived().values()) < 40 or len(list(world.objects.keys("plans/"))) > len(
        list(world.manifests())
    ):
        heir.step()
    heir.close()
    assert world.archived() == once(1, 40)
    assert world.departures() == 40
    assert {key: world.objects.get(key) for key in objects_before} == objects_before


def test_a_batch_is_committed_while_the_next_one_runs(world: World) -> None:
    """Its commit waits here until the second has run, which would never be if that waited for the commit."""
    ran, waited = list[ShardRange](), list[bool]()
    has_second_run = Event()

    def observe(step: Step, shard_range: ShardRange) -> None:
        if step == "ran":
            ran.append(shard_range)
            if len(ran) == 4:
                has_second_run.set()
        if step == "committed" and not waited:
            waited.append(has_second_run.wait(20))

    driver = world.driver(observe=observe)
    for first in (1, 21):
        world.put(first, first + 19)
        until(lambda: sum(driver.buffered().values()) == 20, 20)
        driver.step()
    driver.settle()
    driver.close()
    assert waited == [True]
    assert world.archived() == once(1, 40)


def test_a_plan_is_adopted_even_when_more_was_read_since(world: World) -> None:
    """A position is cut once: the heir runs the range that was planned, and reads Kinesis again for it."""
    world.put(1, 10)
    killed = world.mortal("planned")
    with pytest.raises(KilledError):
        drain(killed, 10)
    killed.close()
    (planned,) = world.objects.keys("plans/")
    plan = orjson.loads(world.objects.get(planned))
    world.put(11, 30)
    heir = world.driver()
    manifests = drain(heir, 30)
    heir.close()
    adopted = next(each for each in manifests if each.shard_range.shard_id == plan["shard_id"])
    assert (adopted.records, str(adopted.shard_range.last)) == (plan["count"], plan["last"])
    assert world.archived() == once(1, 30)


def test_an_earlier_driver_loses_its_shards_and_harms_nothing(world: World) -> None:
    """Two are started by mistake: the first stops with a clear error, the second goes on."""
    first = world.driver()
    world.put(1, 10)
    second = world.driver()
    with pytest.raises(ShardLostError, match="another stream has taken over `world-"):
        drain(first, 10)
    first.close()
    drain(second, 10)
    world.put(11, 20)
    drain(second, 10)
    second.close()
    assert world.archived() == once(1, 20)
    assert world.departures() == 20


def test_records_that_kinesis_forgot_fail_the_run(world: World) -> None:
    """A planned range that retention has eaten into is an error, never a smaller result."""
    world.put(1, 10)
    killed = world.mortal("planned")
    with pytest.raises(KilledError):
        drain(killed, 10)
    killed.close()
    (planned,) = world.objects.keys("plans/")
    shard_range = RangePlan.from_json(world.objects.get(planned)).shard_range
    cache.forget(shard_range)
    world.source.trim(shard_range.shard_id, 1)
    heir = world.driver()
    with pytest.raises(RangeLostError, match="its retention may have run out"):
        drain(heir, 10)
    heir.close()


def test_drained_means_that_all_a_replay_sent_is_committed(world: World) -> None:
    """Not before the replay has said that it ended, and not before its last record is committed."""
    world.put(1, 10)
    driver = world.driver()
    manifests = drain(driver, 10)
    assert not driver.is_drained()
    last = {each.shard_range.shard_id: str(each.shard_range.last) for each in manifests}
    end = orjson.dumps({"last": last})
    world.objects.put(replay_end_key(world.source.identity()), end)
    assert driver.is_drained()
    shard = next(iter(last))
    last[shard] = str(int(last[shard]) + 100)
    world.objects.put(replay_end_key(world.source.identity()), orjson.dumps({"last": last}))
    assert not driver.is_drained()
    driver.close()


def test_children_begin_when_their_parents_are_committed(world: World) -> None:
    """Through splits and a merge: every event once, copies of what a parent saw included."""
    world.put(1, 40)
    first, second = (shard.shard_id for shard in world.source.shards())
    driver = world.driver()
    drain(driver, 40)
    world.source.split(first)
    world.put(20, 60)
    world.source.merge(world.source.shards()[-1].shard_id, second)
    world.put(50, 90)
    drain(driver, 41 + 41)
    driver.close()
    assert world.archived() == once(1, 90)
    assert world.departures() == 90
    assert {each.shard_range.shard_id for each in world.manifests()} == {
        shard.shard_id for shard in world.source.shards()
    }
    assert {each.parents for each in world.manifests() if each.parents} <= {
        shard.parents for shard in world.source.shards()
    }
    assert sum(bool(each.parents) for each in world.manifests()) == 3


def test_a_driver_started_after_a_split_reads_parents_first(world: World) -> None:
    """And one that is started when they are drained does not read them again."""
    world.put(1, 20)
    first = world.source.shards()[0].shard_id
    world.source.split(first)
    world.put(10, 40)
    driver = world.driver()
    drain(driver, 20 + 31)
    driver.close()
    heir = world.driver()
    world.put(30, 50)
    drain(heir, 21)
    heir.close()
    assert first not in heir.millis_behind()
    assert world.archived() == once(1, 50)


@pytest.mark.parametrize("step", ["planned", "ran", "committed"])
def test_a_driver_killed_amid_a_split_is_taken_over(world: World, step: Step) -> None:
    """Whatever of the parents and of the children was planned, run or committed."""
    world.put(1, 30)
    world.source.split(world.source.shards()[0].shard_id)
    world.put(20, 60)
    for deaths in range(1, 5):
        killed = world.mortal(step, deaths)
        with suppress(KilledError):
            while sum(world.archived().values()) < 60:
                killed.step()
        killed.close()
    heir = world.driver()
    while sum(world.archived().values()) < 60 or heir.step():
        heir.step()
    heir.close()
    assert world.archived() == once(1, 60)
    assert world.departures() == 60
