"""What the load promises, told to any warehouse: the engine in memory, and the real server."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import md5, sha256
from itertools import permutations
from threading import Barrier, Thread
from typing import Any

import pytest

from contracts.lake import events_prefix
from pipelines.windows import WINDOWS
from runtime.warehouse import StatementFailedError
from tests.support.lake import NOON, Row, flight_event, observation, partial
from tests.support.world import World
from warehouse.models.loader import Loader

SCHEDULED = flight_event("scheduled", -900)
DEPARTED = flight_event("departed", 20)
ARRIVED = flight_event("arrived", 120)
WHOLE = ("2013-02-07 21:00:00", "2013-02-08 12:20:00", 20, "2013-02-08 14:00:00", 120)
TIMES = """
    select scheduled_at, departed_at, departure_delay_minutes, arrived_at, arrival_delay_minutes
    from fact_flight
"""
HOURS = "select batch_id, departures, on_time from agg_airport_hour"
LOADED = (
    "fact_flight",
    "fact_weather",
    "agg_airport_hour",
    "agg_delay_bucket",
    "agg_departure_minute",
    "agg_aircraft_session",
    "stream_watermark",
    "etl_ledger",
)


class LoadStories:
    """Every test takes a fixture `world`, which the suite's subclass gives."""

    @pytest.mark.parametrize(
        "events", [pytest.param(each) for each in permutations((SCHEDULED, DEPARTED, ARRIVED))]
    )
    def test_the_events_of_a_flight_make_one_row_in_whatever_order(
        self, world: World, events: Sequence[Row]
    ) -> None:
        """Each event comes in a load of its own, and what did not come yet is null."""
        loader = world.loader()
        for event in events:
            world.lake.flights([event])
            assert loader.load_waiting().batches == 1
        assert world.rows(TIMES) == [WHOLE]

    @pytest.mark.parametrize(
        ("loads", "expected"),
        [
            pytest.param([[DEPARTED], [DEPARTED]], (20, "IAH"), id="a duplicate in a later load"),
            pytest.param([[DEPARTED, DEPARTED]], (20, "IAH"), id="a duplicate in one load"),
            pytest.param(
                [[flight_event("departed", 30, destination="DEN")], [DEPARTED]],
                (30, "DEN"),
                id="older, later",
            ),
            pytest.param(
                [[DEPARTED], [flight_event("departed", 30, destination="DEN")]],
                (30, "DEN"),
                id="newer, later",
            ),
            pytest.param(
                [[flight_event("departed", 30, destination="DEN"), DEPARTED]],
                (30, "DEN"),
                id="both in one load",
            ),
            pytest.param(
                [
                    [
                        flight_event("departed", 30, delay_minutes=2, sub_sequence_number=1),
                        flight_event("departed", 30, delay_minutes=1, sub_sequence_number=10),
                    ]
                ],
                (1, "IAH"),
                id="of one time and record the later in the record",
            ),
            pytest.param(
                [
                    [
                        flight_event("departed", 30, delay_minutes=2, sequence_number="9"),
                        flight_event("departed", 30, delay_minutes=1, sequence_number="10"),
                    ]
                ],
                (1, "IAH"),
                id="of one time the later in the stream, by number and not by text",
            ),
            pytest.param(
                [[flight_event("departed", 30, delay_minutes=None)], [DEPARTED]],
                (None, "IAH"),
                id="newer, null",
            ),
            pytest.param(
                [[flight_event("arrived", 99, destination="DEN")], [DEPARTED]],
                (20, "DEN"),
                id="the newest event of any kind describes the flight",
            ),
            pytest.param(
                [[DEPARTED], [SCHEDULED, flight_event("arrived", 99, destination="DEN")]],
                (20, "DEN"),
                id="so it does with an old one beside it",
            ),
        ],
    )
    def test_the_newest_event_of_a_kind_wins(
        self, world: World, loads: Sequence[Sequence[Row]], expected: tuple[Any, ...]
    ) -> None:
        """An older event never overwrites a newer one, whichever is loaded first."""
        loader = world.loader()
        for events in loads:
            world.lake.flights(events)
            loader.load_waiting()
        assert world.rows("select departure_delay_minutes, destination from fact_flight") == [expected]

    def test_the_newest_arrival_wins_with_its_delay(self, world: World) -> None:
        """Even when it has none, or a smaller one."""
        arrivals = [
            flight_event("arrived", 90, delay_minutes=9),
            flight_event("arrived", 99, delay_minutes=1),
        ]
        world.lake.flights(
            [*arrivals, flight_event("arrived", 95, 2), flight_event("arrived", 96, 2, delay_minutes=None)]
        )
        world.loader().load_waiting()
        assert world.rows("select flight, arrival_delay_minutes from fact_flight") == [(1, 1), (2, None)]

    def test_what_is_loaded_is_not_loaded_again(self, world: World) -> None:
        """Neither by the same loader nor by one that starts anew; partials would count twice."""
        world.lake.flights([SCHEDULED, DEPARTED], [partial(2, 1, 20)])
        first = world.loader()
        result = first.load_waiting()
        assert (result.batches, result.records, result.events, result.rejects) == (1, 2, 2, 0)
        assert first.load_waiting().batches == 0
        assert world.loader().load_waiting().batches == 0
        assert world.rows("select departures, on_time, delay_minutes from agg_airport_hour") == [(2, 1, 20)]

    def test_the_same_load_submitted_twice_counts_once(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A loader that did not see the ledger, as one that lost the race for its lock, changes nothing."""
        world.lake.flights([SCHEDULED, DEPARTED], windows=WINDOWS)
        world.lake.weather([observation(0, 30.0)])
        monkeypatch.setattr(Loader, "_in_ledger", lambda *_: dict[str, str]())
        before = None
        for _ in range(2):
            assert world.loader().load_waiting().batches == 2
            after = {table: world.rows(f"select * from {table}") for table in LOADED}  # noqa: S608  # ours
            assert before in {None, str(after)}
            before = str(after)
        assert [world.count(table) for table in LOADED] == [1, 1, 1, 1, 1, 1, 2, 2]

    def test_a_range_that_was_rewritten_takes_the_place_of_itself(self, world: World) -> None:
        """Whole, whoever loads it and however often; nothing of other ranges is touched."""
        other = world.lake.flights([flight_event("departed", 5, 2)], [partial(4, 4, 5)])
        mistaken = world.lake.flights([DEPARTED], [partial(7, 7, 7)], windows=WINDOWS)
        world.loader().load_waiting()
        world.lake.rewrite(mistaken, [partial(2, 1, 20)])
        assert [each.version.batch_id for each in world.loader().waiting().values()] == [mistaken]
        assert world.loader().load_waiting().batches == 1
        assert world.loader().load_waiting().batches == 0
        assert world.rows(HOURS) == sorted([(other, 4, 4), (mistaken, 2, 1)])
        digests = [(each, sha256(world.lake.manifest(each)[1]).hexdigest()) for each in (other, mistaken)]
        assert world.rows("select batch_id, manifest_digest from etl_ledger") == sorted(digests)
        assert [world.count(table) for table in ("agg_delay_bucket", "agg_aircraft_session")] == [1, 2]

    def test_a_loader_that_has_seen_a_manifest_is_told_of_its_next_version(self, world: World) -> None:
        """By S3's notification, which names its ETag."""
        batch = world.lake.flights([DEPARTED], [partial(7, 7, 7)], windows=WINDOWS)
        loader = world.loader()
        for hour in ((7, 7, 7), (2, 1, 20)):
            world.lake.rewrite(batch, [partial(*hour)])
            key, data = world.lake.manifest(batch)
            etag = md5(data, usedforsecurity=False).hexdigest()
            assert loader.is_news(key, etag)
            assert loader.load_waiting().batches == 1
            assert not loader.is_news(key, etag)
            assert world.rows(HOURS) == [(batch, *hour[:2])]

    def test_the_warehouse_follows_the_manifests_whatever_was_loaded_before(self, world: World) -> None:
        """Older code wrote one again."""
        batch = world.lake.flights([DEPARTED], [partial(7, 7, 7)], windows=WINDOWS)
        for hour in ((2, 1, 20), (7, 7, 7)):
            world.lake.rewrite(batch, [partial(*hour)])
            world.loader().load_waiting()
            assert world.rows(HOURS) == [(batch, *hour[:2])]

    def test_a_loader_that_is_late_is_put_right(self, world: World) -> None:
        """It loads a manifest behind its next version; whoever rechecks the ledger sees it."""
        batch = world.lake.flights([DEPARTED])
        late, prompt = world.loader(), world.loader()
        before = list(late.waiting().values())
        world.lake.rewrite(batch, [partial(7, 7, 7)])
        prompt.load_waiting()
        late._load(before)  # noqa: SLF001  # what `load_waiting` goes on with
        assert world.rows(HOURS) == []
        for loads in (1, 0):
            prompt.recheck()
            assert prompt.load_waiting().batches == loads
            assert world.rows(HOURS) == [(batch, 7, 7)]
        assert world.count("etl_ledger") == 1

    def test_a_load_of_many_children_is_one_batch(self, world: World) -> None:
        """However often shards were split: the Data API takes 40 statements at once."""
        for index in range(60):
            world.lake.flights([flight_event("departed", index, index)], (), f"shardId-{index}", NOON)
        world.loader().load_waiting()
        assert world.count("stream_watermark") == 60
        for index in range(60):
            ended = (f"shardId-{index}",)
            world.lake.flights([DEPARTED], (), f"shardId-{60 + index}", NOON, parents=ended)
        world.loader().load_waiting()
        shards = [each for (each,) in world.rows("select shard_id from stream_watermark")]
        assert shards == sorted(f"shardId-{60 + index}" for index in range(60))

    def test_each_revision_of_a_window_is_a_row_of_its_batch(self, world: World) -> None:
        """A late departure adds to its hour, its bucket and its minute; what was said before stays said."""
        late = flight_event("departed", 20, 2)
        first = world.lake.flights([SCHEDULED, DEPARTED], windows=WINDOWS)
        world.loader().load_waiting()
        second = world.lake.flights([late], windows=WINDOWS)
        assert world.loader().load_waiting().batches == 1
        for table, delay in (
            ("agg_airport_hour", "delay_minutes"),
            ("agg_delay_bucket", "bucket"),
            ("agg_departure_minute", "20"),
        ):
            said = world.rows(f"select batch_id, origin, departures, {delay} from {table}")  # noqa: S608  # ours
            value = 151 if delay == "bucket" else 20
            assert said == sorted([(first, "EWR", 1, value), (second, "EWR", 1, value)])
        sql = "select window_start, sum(departures)::bigint from {} group by window_start"
        assert world.rows(sql.format("agg_airport_hour")) == [("2013-02-08 12:00:00", 2)]
        assert world.rows(sql.format("agg_delay_bucket")) == [("2013-02-08 12:00:00", 2)]
        assert world.rows(sql.format("agg_departure_minute")) == [("2013-02-08 12:20:00", 2)]

    def test_a_loaded_batch_beside_a_new_one_stays_as_it_is(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Of one load, only the batches that the ledger lacks come in."""
        world.lake.flights([SCHEDULED], [partial(1, 1, 0)])
        world.loader().load_waiting()
        world.lake.flights([DEPARTED], [partial(2, 1, 20)])
        monkeypatch.setattr(Loader, "_in_ledger", lambda *_: dict[str, str]())
        assert world.loader().load_waiting().batches == 2
        assert world.rows("select sum(departures)::bigint from agg_airport_hour") == [(3,)]
        assert world.count("etl_ledger") == 2

    def test_a_batch_of_rejects_is_written_to_the_ledger(self, world: World) -> None:
        """There is nothing to COPY, and yet it is done."""
        batch_id = world.lake.rejects(3)
        assert world.loader().load_waiting().rejects == 3
        sql = "select batch_id, shard_id, last_sequence_number, records, events, rejects from etl_ledger"
        assert world.rows(sql) == [(batch_id, "shardId-0", "3", 3, 0, 3)]
        assert world.count("stream_watermark") == 0

    def test_a_watermark_never_goes_back(self, world: World) -> None:
        """Neither for an older batch that is loaded late, nor for one that has none."""
        loader = world.loader()
        for watermark in (NOON, NOON - timedelta(hours=1), None):
            world.lake.flights([DEPARTED], watermark=watermark)
            loader.load_waiting()
        world.lake.flights([DEPARTED], shard_id="shardId-1", watermark=NOON + timedelta(microseconds=1))
        loader.load_waiting()
        assert world.rows("select shard_id, watermark from stream_watermark") == [
            ("shardId-0", "2013-02-08 12:00:00"),
            ("shardId-1", "2013-02-08 12:00:00.000001"),
        ]

    def test_a_child_s_watermark_takes_its_parents_place(self, world: World) -> None:
        """A shard that was split or merged has ended: it would hold the windows back for ever."""
        loader = world.loader()
        for shard in ("shardId-0", "shardId-1", "shardId-9"):
            world.lake.flights([DEPARTED], shard_id=shard)
        loader.load_waiting()
        later = NOON + timedelta(hours=1)
        world.lake.flights(
            [DEPARTED], shard_id="shardId-2", watermark=later, parents=("shardId-0", "shardId-1")
        )
        loader.load_waiting()
        assert world.rows("select shard_id, watermark from stream_watermark") == [
            ("shardId-2", "2013-02-08 13:00:00"),
            ("shardId-9", "2013-02-08 12:00:00"),
        ]

    def test_a_shard_that_idles_is_left_out_until_it_brings_something(self, world: World) -> None:
        """Five minutes, while others of its stream bring something; where all idle, none is left out."""
        loader = world.loader()
        shards = "select shard_id from stream_watermark where stream = 'flight-events'"
        for shard in ("shardId-0", "shardId-1"):
            world.lake.flights([DEPARTED], shard_id=shard)
        loader.load_waiting()
        aged = "update stream_watermark set brought_at = dateadd(minute, {minutes}, brought_at)"
        world.warehouse.query(aged.format(minutes=-4))
        world.lake.flights([DEPARTED], shard_id="shardId-1")
        loader.load_waiting()
        assert world.rows(shards) == [("shardId-0",), ("shardId-1",)]
        world.warehouse.query(aged.format(minutes=-2))
        world.lake.weather([observation(0, 30.0)])
        loader.load_waiting()
        assert world.rows(shards) == [("shardId-0",), ("shardId-1",)]
        world.lake.flights([DEPARTED], shard_id="shardId-1")
        loader.load_waiting()
        assert world.rows(shards) == [("shardId-1",)]
        world.lake.flights([DEPARTED], shard_id="shardId-0")
        loader.load_waiting()
        assert world.rows(shards) == [("shardId-0",), ("shardId-1",)]

    def test_an_observation_delivered_again_replaces_itself(self, world: World) -> None:
        """One row an airport and hour, of the last delivery."""
        loader = world.loader()
        sql = "select observed_at, temp, wind_gust from fact_weather"
        for temperatures in ((31.0, 30.0), (32.0,)):
            world.lake.weather([observation(0, temperature) for temperature in temperatures])
            loader.load_waiting()
            assert world.rows(sql) == [("2013-02-08 12:00:00", temperatures[-1], None)]
        world.lake.weather([observation(1, 25.0)])
        loader.load_waiting()
        assert world.rows(sql) == [("2013-02-08 12:00:00", 32.0, None), ("2013-02-08 13:00:00", 25.0, None)]

    def test_a_missing_file_fails_the_whole_load(self, world: World) -> None:
        """It leaves no trace, not of the batches that are there either; with the file it is loaded."""
        world.lake.weather([observation(0, 30.0)])
        world.lake.flights([SCHEDULED, DEPARTED], windows=WINDOWS)
        (key,) = world.objects.keys(events_prefix("flight-events"))
        data = world.objects.get(key)
        world.objects.delete(key)
        loader = world.loader()
        with pytest.raises(StatementFailedError, match="FAILED"):
            loader.load_waiting()
        assert [world.count(table) for table in LOADED] == [0] * len(LOADED)
        world.objects.put(key, data)
        assert loader.load_waiting().batches == 2
        assert [world.count(table) for table in LOADED] == [1, 1, 1, 1, 1, 1, 2, 2]

    def test_two_loaders_at_once_load_everything_once(self, world: World) -> None:
        """Both see the same batches waiting, in every round."""
        loaders = (world.loader(), world.loader())
        rounds, failures = 4, []
        start = Barrier(len(loaders))

        def load(loader: Loader) -> None:
            try:
                start.wait()
                loader.load_waiting()
            except Exception as error:  # noqa: BLE001  # shown by the assertion
                failures.append(error)

        for number in range(rounds):
            world.lake.flights([flight_event("departed", 20, number)], [partial(1, 0, 20)])
            world.lake.flights([flight_event("departed", 20, number)], shard_id="shardId-1")
            threads = [Thread(target=load, args=(loader,)) for loader in loaders]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        assert failures == []
        assert world.count("fact_flight") == rounds
        assert world.rows("select count(*), count(distinct batch_id) from etl_ledger") == [(8, 8)]
        assert world.rows("select sum(departures)::bigint from agg_airport_hour") == [(rounds,)]
