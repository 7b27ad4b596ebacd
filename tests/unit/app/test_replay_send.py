"""The replay: its faults are exact and repeatable, and the sender repeats what was refused and no more."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, get_args

import orjson
import pytest
from botocore.exceptions import ClientError, NoCredentialsError, ReadTimeoutError

from app.replay.faults import NO_FAULTS, FaultPlan, Outgoing, inject
from app.replay.replay import Speed, outgoing, run
from app.replay.sender import RecordTooLargeError, ReplayStalledError, Sender
from contracts.batches import MOST_RECORD_BYTES, BadBatchError, unpack
from contracts.lake import replay_end_key
from contracts.parse import parse_flight_event, parse_weather_observation
from contracts.positions import StreamIdentity
from contracts.rejects import Reject, Rule
from contracts.streams import FLIGHT_EVENTS_STREAM, WEATHER_STREAM
from runtime.objects import MemoryObjects, NoSuchObjectError

FIRST, LAST = date(2013, 2, 8), date(2013, 2, 8)
START = datetime(2013, 2, 8, tzinfo=UTC)
STREAMS = {
    name: StreamIdentity(f"arn:aws:kinesis:us-east-1:000000000000:stream/{name}", 1)
    for name in (FLIGHT_EVENTS_STREAM, WEATHER_STREAM)
}


class HandClock:
    """A clock that moves only when someone sleeps."""

    def __init__(self) -> None:
        """Start at zero."""
        self.seconds = 0.0

    def now(self) -> datetime:
        """Return the time."""
        return START + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Return the seconds slept."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Move on."""
        self.seconds += seconds


class MemoryKinesis:
    """Kinesis's side of PutRecords; `refuse` decides, by the number of the request, what goes wrong."""

    def __init__(self, refuse: Callable[[int, int], str] = lambda _request, _index: "") -> None:
        """Take what goes wrong."""
        self.requests: list[int] = []
        self.records: list[tuple[str, bytes]] = []
        self._refuse = refuse

    def describe_stream_summary(self, *, StreamName: str) -> Any:  # noqa: N803  # AWS's names
        """Say which stream this is."""
        arn, created = STREAMS[StreamName].arn, datetime.fromtimestamp(0.001, UTC)
        return {"StreamDescriptionSummary": {"StreamARN": arn, "StreamCreationTimestamp": created}}

    def get_paginator(self, operation: Literal["list_shards"], /) -> Any:
        """See `paginate`."""
        assert operation == "list_shards"
        return self

    def paginate(self, *, StreamName: str) -> Any:  # noqa: N803  # AWS's names
        """Show the shards as pages of one each."""
        for shard in self.list_shards(StreamName=StreamName)["Shards"]:
            yield {"Shards": [shard]}

    def list_shards(self, *, StreamName: str) -> Any:  # noqa: N803  # AWS's names
        """Show a shard that was split, and its two children."""
        assert StreamName in STREAMS
        middle, end = 2**127, 2**128
        ranges = [(0, end, {"EndingSequenceNumber": "9"}), (0, middle, {}), (middle, end, {})]
        return {
            "Shards": [
                {
                    "ShardId": f"shardId-{number}",
                    "HashKeyRange": {"StartingHashKey": str(low), "EndingHashKey": str(high - 1)},
                    "SequenceNumberRange": {"StartingSequenceNumber": "1"} | ending,
                }
                for number, (low, high, ending) in enumerate(ranges)
            ]
        }

    def put_records(self, *, StreamName: str, Records: Sequence[Any]) -> Any:  # noqa: N803  # AWS's names
        """Take records, or refuse some."""
        request = len(self.requests)
        self.requests.append(len(Records))
        results = []
        for index, record in enumerate(Records):
            if error := self._refuse(request, index):
                results.append({"ErrorCode": error, "ErrorMessage": "slow down"})
            else:
                self.records.append((StreamName, record["Data"]))
                number = str(len(self.records))
                results.append({"ShardId": "shardId-000000000000", "SequenceNumber": number})
        if self._refuse(request, -1) == "lost":
            raise ReadTimeoutError(endpoint_url="http://127.0.0.1")
        return {"Records": results, "FailedRecordCount": sum("ErrorCode" in each for each in results)}


class FailsOnce(MemoryKinesis):
    """Kinesis whose first answer is an error."""

    def __init__(self, error: Exception) -> None:
        """Take the error."""
        super().__init__()
        self.tries = 0
        self._error = error

    def put_records(self, *, StreamName: str, Records: Sequence[Any]) -> Any:  # noqa: N803  # AWS's names
        """Fail, or take records."""
        self.tries += 1
        if self.tries == 1:
            raise self._error
        return super().put_records(StreamName=StreamName, Records=Records)


def some(count: int, size: int = 10) -> list[Outgoing]:
    """Return records of `size` bytes, a second apart."""
    return [
        Outgoing(FLIGHT_EVENTS_STREAM, f"e{n}", "k", f"{n:0{size}}".encode(), START + timedelta(seconds=n))
        for n in range(count)
    ]


def test_faults_are_exactly_what_is_written_down() -> None:
    """The truth goes out whole; beyond it nothing but the copies and the malformed that the ledger names."""
    truth = outgoing(FIRST, LAST)
    due, faults = inject(truth, FaultPlan(duplicate_share=0.01))
    broken = Counter[str]()
    events = Counter[str]()
    for record in due:
        parse = parse_flight_event if record.stream == FLIGHT_EVENTS_STREAM else parse_weather_observation
        try:
            (data,) = unpack(record.data)
        except BadBatchError:
            broken["bad_batch"] += 1
            continue
        row = parse(data)
        if isinstance(row, Reject):
            broken[row.rule] += 1
        else:
            events[row["event_id"]] += 1
    assert events == Counter(record.event_id for record in truth) + Counter(faults.duplicates)
    assert broken == Counter(rule for _, rule, _ in faults.malformed)
    assert len(faults.malformed) == FaultPlan().malformed
    assert 0.005 < len(faults.duplicates) / len(truth) < 0.02
    assert orjson.loads(faults.to_json())["duplicates"] == faults.duplicates


def test_the_same_seed_gives_the_same_bytes_in_the_same_order() -> None:
    """And another seed gives others."""
    truth = outgoing(FIRST, LAST)
    assert inject(truth, FaultPlan())[0] == inject(truth, FaultPlan())[0]
    assert inject(truth, FaultPlan())[0] != inject(truth, FaultPlan(seed=1))[0]


@pytest.mark.parametrize("stream", [FLIGHT_EVENTS_STREAM, WEATHER_STREAM])
def test_each_stream_has_every_rule_broken(stream: str) -> None:
    """By the plan that the demo uses; only a delay is nothing that an observation has."""
    _, faults = inject(outgoing(FIRST, LAST), FaultPlan())
    rules: set[Rule] = set(get_args(Rule))
    if stream == WEATHER_STREAM:
        rules.remove("impossible_delay")
    assert {rule for name, rule, _ in faults.malformed if name == stream} == rules


def test_out_of_order_is_what_another_has_overtaken() -> None:
    """Records a second apart are all overtaken when they come minutes late; those an hour apart never are."""
    plan = FaultPlan(duplicate_share=0, late_share=0, out_of_order_share=0.5, malformed=0)
    close = some(1000)
    due, faults = inject(close, plan)
    seen, overtaken = START, set[str]()
    happened = {each.event_id: START + timedelta(seconds=n) for n, each in enumerate(close)}
    for at, event_id in ((happened[each.event_id], each.event_id) for each in due):
        overtaken |= {event_id} if at < seen else set()
        seen = max(seen, at)
    assert 400 < len(faults.out_of_order) == len(overtaken & set(faults.out_of_order))
    apart = [replace(each, due=START + timedelta(hours=n)) for n, each in enumerate(close)]
    assert inject(apart, plan)[1].out_of_order == []


def test_late_events_come_behind_later_ones() -> None:
    """A moved record keeps its bytes and loses its place."""
    due, faults = inject(some(1000), FaultPlan(late_share=0.1, duplicate_share=0, malformed=0))
    assert faults.late
    assert [each.event_id for each in due] != [each.event_id for each in some(1000)]
    assert sorted(each.data for each in due) == sorted(each.data for each in some(1000))


@pytest.mark.parametrize(
    ("plan", "message"),
    [
        pytest.param(
            {"duplicate_share": 1.5}, "`duplicate_share` must be between 0 and 1; got `1.5`", id="share"
        ),
        pytest.param({"malformed": -1}, "`malformed` must not be negative; got `-1`", id="count"),
    ],
)
def test_an_impossible_plan_is_refused(plan: dict[str, Any], message: str) -> None:
    """Before anything is sent."""
    with pytest.raises(ValueError, match=message):
        FaultPlan(**plan)


@pytest.mark.parametrize(
    ("records", "requests"),
    [
        pytest.param(some(500), [500], id="as many as a request holds"),
        pytest.param(some(501), [500, 1], id="one more"),
        pytest.param(some(6, size=2**20 - 1), [5, 1], id="by bytes"),
    ],
)
def test_requests_keep_within_the_limits(records: list[Outgoing], requests: list[int]) -> None:
    """500 records, and 5 MB with the partition keys."""
    kinesis = MemoryKinesis()
    Sender(kinesis, HandClock()).send(FLIGHT_EVENTS_STREAM, records)
    assert kinesis.requests == requests


def test_a_record_that_kinesis_would_not_take_is_refused() -> None:
    """One byte too many, its partition key counted."""
    with pytest.raises(RecordTooLargeError, match="`e0` has 1048577 bytes; Kinesis takes 1048576"):
        Sender(MemoryKinesis(), HandClock()).send(FLIGHT_EVENTS_STREAM, some(1, size=MOST_RECORD_BYTES))


def test_only_the_failed_records_are_sent_again() -> None:
    """Every third is refused once: each arrives once, and the retries are counted."""

    def refuse(request: int, index: int) -> str:
        return "ProvisionedThroughputExceededException" if request == 0 and index % 3 == 0 else ""

    kinesis = MemoryKinesis(refuse)
    sender = Sender(kinesis, HandClock())
    sender.send(FLIGHT_EVENTS_STREAM, some(9))
    assert kinesis.requests == [9, 3]
    assert sorted(data for _, data in kinesis.records) == [each.data for each in some(9)]
    assert (sender.sent, sender.retried) == ({FLIGHT_EVENTS_STREAM: 9}, 3)
    assert sender.last == {FLIGHT_EVENTS_STREAM: {"shardId-000000000000": 9}}


def test_a_lost_answer_sends_the_request_again() -> None:
    """At least once: Kinesis then holds the records twice, and acknowledged them once."""
    kinesis = MemoryKinesis(lambda request, index: "lost" if (request, index) == (0, -1) else "")
    sender = Sender(kinesis, HandClock())
    sender.send(FLIGHT_EVENTS_STREAM, some(2))
    assert len(kinesis.records) == 4
    assert (sender.sent, sender.retried) == ({FLIGHT_EVENTS_STREAM: 2}, 2)


@pytest.mark.parametrize(
    ("code", "status", "tries"),
    [
        pytest.param("ThrottlingException", 400, 2, id="a throttle"),
        pytest.param("ServiceUnavailable", 503, 2, id="a server that is down for a moment"),
        pytest.param("InternalFailure", 500, 2, id="a server's own fault"),
        pytest.param("ResourceNotFoundException", 400, 1, id="no such stream, however often one asks"),
    ],
)
def test_a_refused_request_is_repeated_if_that_can_help(code: str, status: int, tries: int) -> None:
    """Each is refused once; what no repetition heals is raised at once."""
    response: Any = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}}
    kinesis = FailsOnce(ClientError(response, "PutRecords"))
    sender = Sender(kinesis, HandClock())
    with nullcontext() if tries > 1 else pytest.raises(ClientError, match=code):
        sender.send(FLIGHT_EVENTS_STREAM, some(1))
    assert (kinesis.tries, sender.retried) == (tries, tries - 1)


def test_missing_credentials_are_no_outage() -> None:
    """The client raises them before anything is sent, and would again."""
    kinesis = FailsOnce(NoCredentialsError())
    with pytest.raises(NoCredentialsError, match="Unable to locate credentials"):
        Sender(kinesis, HandClock()).send(FLIGHT_EVENTS_STREAM, some(1))
    assert kinesis.tries == 1


def test_a_stalled_replay_says_how_much_of_it_all_is_unsent() -> None:
    """500 of 1,600 are acknowledged, then nothing is."""
    kinesis = MemoryKinesis(lambda request, _index: "Throttled" if request else "")
    with pytest.raises(ReplayStalledError, match="with 1100 records unsent: Throttled: slow down"):
        run(
            records=some(1600),
            kinesis=kinesis,
            objects=MemoryObjects("stalled"),
            speed=Speed(),
            plan=NO_FAULTS,
            clock=HandClock(),
        )


def test_a_paced_replay_ends_soon_after_it_is_told_to() -> None:
    """In the middle of a night without flights, which at this pace lasts for minutes; no end is written."""
    objects, clock = MemoryObjects("told to end"), HandClock()
    night = [replace(each, due=START + timedelta(hours=5 * n)) for n, each in enumerate(some(2))]

    def end_after_a_second(_sent: int, _total: int) -> None:
        if clock.monotonic() > 1:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        run(
            records=night,
            kinesis=MemoryKinesis(),
            objects=objects,
            speed=Speed.parse("60"),
            plan=NO_FAULTS,
            clock=clock,
            on_progress=end_after_a_second,
        )
    assert clock.monotonic() < 2
    assert list(objects.keys("")) == []


def test_a_kinesis_that_keeps_refusing_ends_the_replay() -> None:
    """With how much is unsent, and why; no end of the replay is written, and an old one is gone."""
    objects = MemoryObjects("refused")
    objects.put(replay_end_key(STREAMS[FLIGHT_EVENTS_STREAM]), b"{}")
    kinesis = MemoryKinesis(lambda _request, index: "Throttled" if index == 0 else "")
    with pytest.raises(
        ReplayStalledError, match="gave up on `flight-events` with 1 records unsent: Throttled: slow down"
    ):
        run(
            records=some(2),
            kinesis=kinesis,
            objects=objects,
            speed=Speed(),
            plan=NO_FAULTS,
            clock=HandClock(),
        )
    with pytest.raises(NoSuchObjectError):
        objects.get(replay_end_key(STREAMS[FLIGHT_EVENTS_STREAM]))


@pytest.mark.parametrize(
    ("speed", "seconds"),
    [pytest.param("max", 0, id="as fast as it goes"), pytest.param("60", 10, id="a minute a second")],
)
def test_a_replay_keeps_its_pace_and_says_where_it_ended(speed: str, seconds: float) -> None:
    """601 records, a second apart."""
    objects, clock = MemoryObjects(f"pace {speed}"), HandClock()
    progress: list[tuple[int, int]] = []
    result = run(
        records=some(601),
        kinesis=MemoryKinesis(),
        objects=objects,
        speed=Speed.parse(speed),
        plan=NO_FAULTS,
        clock=clock,
        on_progress=lambda sent, total: progress.append((sent, total)),
    )
    assert result.sent == {FLIGHT_EVENTS_STREAM: 601}
    assert result.seconds == pytest.approx(seconds, abs=0.2)
    assert progress[-1] == (601, 601)
    end = orjson.loads(objects.get(replay_end_key(STREAMS[FLIGHT_EVENTS_STREAM])))
    assert end["last"] == {"shardId-000000000000": "601"}
    assert orjson.loads(objects.get(replay_end_key(STREAMS[WEATHER_STREAM])))["last"] == {}


@pytest.mark.parametrize("text", ["0", "-1", "fast", "inf", "nan"])
def test_an_impossible_speed_is_refused(text: str) -> None:
    """With what would be possible."""
    with pytest.raises(ValueError, match="`speed` must be `max`, or a factor above 0"):
        Speed.parse(text)


def test_dates_beyond_the_source_are_refused() -> None:
    """Its one year is named."""
    with pytest.raises(ValueError, match="dates must lie in 2013, the year that the source covers"):
        outgoing(date(2014, 1, 1), date(2014, 1, 2))
