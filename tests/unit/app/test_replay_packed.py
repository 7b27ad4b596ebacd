"""A packed replay: its limits hold, its faults stay what they are, and it follows its stream's shards."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import md5
from typing import Any

import pytest
from botocore.exceptions import ClientError

from app.commands.replay import PlainBatchError, UnknownPackingError, replay
from app.replay.faults import NO_FAULTS, FaultPlan, Outgoing, inject
from app.replay.packer import Packer
from app.replay.replay import ReplayResult, Speed, outgoing, run
from app.replay.sender import RecordTooLargeError
from contracts.batches import MOST_RECORD_BYTES, PACKINGS, BadBatchError, Packing, unpack
from contracts.parse import parse_flight_event, parse_weather_observation
from contracts.rejects import Reject
from contracts.streams import FLIGHT_EVENTS_STREAM
from runtime.objects import MemoryObjects
from tests.unit.app.test_replay_send import HandClock, MemoryKinesis

START = datetime(2013, 2, 8, tzinfo=UTC)
DAY = date(2013, 2, 8)
MIDDLE = 2**127
TOGETHER: list[Packing] = [each for each in PACKINGS if each != "plain"]


class PlacedKinesis(MemoryKinesis):
    """Kinesis that keeps whole records, and places each by its hash key in one of two halves."""

    def __init__(self, refuse: Callable[[int, int], str] = lambda _request, _index: "") -> None:
        """Hold nothing yet."""
        super().__init__(refuse)
        self.placed: list[dict[str, Any]] = []
        self.looks = 0
        self.generation = 0
        self.listing_error: ClientError | None = None

    def paginate(self, *, StreamName: str) -> Iterator[Any]:  # noqa: N803  # AWS's names
        """Show the halves, or fail; those of an earlier generation are closed."""
        assert StreamName
        self.looks += 1
        if self.generation and self.listing_error:
            raise self.listing_error
        for generation in range(self.generation + 1):
            closed = {"EndingSequenceNumber": "9"} if generation < self.generation else {}
            for half in (1, 0):
                keys = {"StartingHashKey": str(half * MIDDLE), "EndingHashKey": str((half + 1) * MIDDLE - 1)}
                name = f"shard-{generation}-{half}"
                yield {"Shards": [{"ShardId": name, "HashKeyRange": keys, "SequenceNumberRange": closed}]}

    def put_records(self, *, StreamName: str, Records: Any) -> Any:  # noqa: N803  # AWS's names
        """Take records, and tell the shard of each."""
        answer = super().put_records(StreamName=StreamName, Records=Records)
        for record, result in zip(Records, answer["Records"], strict=True):
            if "ErrorCode" not in result:
                self.placed.append(record | {"stream": StreamName})
                half = int(record["ExplicitHashKey"]) // MIDDLE
                result["ShardId"] = f"shard-{self.generation}-{half}"
        return answer


def events(count: int, size: int = 10) -> list[Outgoing]:
    """Events of seven keys, a second apart, none like another and none that compresses."""
    digits = [md5(str(n).encode(), usedforsecurity=False).hexdigest() for n in range(count)]
    return [
        Outgoing(
            FLIGHT_EVENTS_STREAM,
            f"e{n}",
            f"k{n % 7}",
            (digits[n] * (size // 32 + 1))[:size].encode(),
            START + timedelta(seconds=n),
        )
        for n in range(count)
    ]


def sent(kinesis: MemoryKinesis, packing: Packing, **choices: Any) -> ReplayResult:
    """Run a replay into a lake of its own."""
    defaults: dict[str, Any] = {"speed": Speed(), "plan": NO_FAULTS, "clock": HandClock()}
    return run(kinesis=kinesis, objects=MemoryObjects("packed"), packing=packing, **(defaults | choices))


@pytest.mark.parametrize("packing", TOGETHER)
@pytest.mark.parametrize("most", [1, 30, 5000])
def test_a_record_holds_as_many_events_as_it_is_told(packing: Packing, most: int) -> None:
    """And the fewest records that this allows; each event is there once."""
    kinesis = PlacedKinesis()
    assert sent(kinesis, packing, records=events(700), most_events=most).sent == {FLIGHT_EVENTS_STREAM: 700}
    sizes = [len(unpack(each["Data"])) for each in kinesis.placed]
    assert max(sizes) <= most
    if most == 5000:
        assert len(sizes) == 2
    assert Counter(event for each in kinesis.placed for event in unpack(each["Data"])) == Counter(
        each.data for each in events(700)
    )


def test_a_record_of_kpl_is_never_over_kinesis_s_limit() -> None:
    """Nor is it when the events alone would be; a shard's events keep their order over the records."""
    given = events(40, size=100_000)
    records = list(Packer(PlacedKinesis(), FLIGHT_EVENTS_STREAM, "kpl").pack(given))
    assert all(len(each.data) + len(each.partition_key) <= MOST_RECORD_BYTES for each in records)
    assert sum(each.events for each in records) == 40
    for start in {each.explicit_hash_key for each in records}:
        got = [data for each in records if each.explicit_hash_key == start for data in unpack(each.data)]
        wanted = {each.data for each in given} & set(got)
        assert got == [each.data for each in given if each.data in wanted]


def test_an_event_beyond_kinesis_s_limit_is_named() -> None:
    """With its size as it would be sent: its partition key and KPL's own bytes included."""
    given = [replace(events(1)[0], data=b"0" * MOST_RECORD_BYTES)]
    with pytest.raises(
        RecordTooLargeError, match=r"record of `e0` has 10486\d\d bytes; Kinesis takes 1048576"
    ):
        list(Packer(PlacedKinesis(), FLIGHT_EVENTS_STREAM, "kpl").pack(given))


@pytest.mark.parametrize("packing", TOGETHER)
def test_faults_are_the_same_however_they_are_packed(packing: Packing) -> None:
    """Every event and every reject arrives as it does plain, a batch that cannot be read as one too."""
    kinesis, plan, truth = PlacedKinesis(), FaultPlan(malformed=190), outgoing(DAY, DAY)
    result = sent(kinesis, packing, records=truth, plan=plan)
    due, faults = inject(truth, plan)
    assert sum(result.sent.values()) == len(due)
    arrived = [each for record in kinesis.placed for each in _outcomes(record["stream"], record["Data"])]
    assert Counter(arrived) == Counter(
        each for record in due for each in _outcomes(record.stream, record.data)
    )
    rules = Counter(rule for rule, _ in arrived if rule)
    assert rules == Counter(rule for _, rule, _ in faults.malformed)
    assert any(b"\n" in data for rule, data in arrived if rule == "bad_batch")  # else this proves little
    assert len(kinesis.placed) < 80


def _outcomes(stream: str, data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the broken rule, empty for an event, and the bytes of all that a record holds."""
    parse = parse_flight_event if stream == FLIGHT_EVENTS_STREAM else parse_weather_observation
    try:
        unpacked = unpack(data)
    except BadBatchError:
        yield "bad_batch", data
        return
    for each in unpacked:
        row = parse(each)
        yield row.rule if isinstance(row, Reject) else "", each


def test_only_the_failed_records_are_sent_again_and_events_are_counted() -> None:
    """The first record of the first request is refused once."""
    kinesis = PlacedKinesis(lambda request, index: "Throttled" if (request, index) == (0, 0) else "")
    result = sent(kinesis, "zstd", records=events(700))
    assert kinesis.requests == [len(kinesis.placed), 1]
    assert (result.sent, result.retried) == ({FLIGHT_EVENTS_STREAM: 700}, 1)
    assert sum(len(unpack(each["Data"])) for each in kinesis.placed) == 700


def test_a_stream_that_is_resharded_is_looked_at_once_more() -> None:
    """At the answer that names another shard, and no more often."""

    class Resharded(PlacedKinesis):
        def put_records(self, *, StreamName: str, Records: Any) -> Any:  # noqa: N803  # AWS's names
            self.generation = int(len(self.requests) >= 2)
            return super().put_records(StreamName=StreamName, Records=Records)

    kinesis = Resharded()
    sent(kinesis, "zstd", records=events(20), speed=Speed.parse("1"))
    assert len(kinesis.requests) == 20
    assert kinesis.looks == 3  # one for each stream at the start


@pytest.mark.parametrize(
    ("code", "is_fatal"), [("LimitExceededException", False), ("ResourceNotFoundException", True)]
)
def test_a_refused_look_is_tried_again_with_the_next_records(
    code: str,
    is_fatal: bool,  # noqa: FBT001  # of a table
) -> None:
    """What passes ends no replay; what does not is raised."""

    class Resharded(PlacedKinesis):
        def put_records(self, *, StreamName: str, Records: Any) -> Any:  # noqa: N803  # AWS's names
            self.generation = 1
            self.listing_error = error if len(self.requests) < 5 else None
            return super().put_records(StreamName=StreamName, Records=Records)

    error = ClientError({"Error": {"Code": code}}, "ListShards")
    kinesis = Resharded()
    if is_fatal:
        with pytest.raises(ClientError, match=code):
            sent(kinesis, "zstd", records=events(20), speed=Speed.parse("1"))
        return
    result = sent(kinesis, "zstd", records=events(20), speed=Speed.parse("1"))
    assert result.sent == {FLIGHT_EVENTS_STREAM: 20}
    assert kinesis.looks == 2 + 6


def test_choices_that_make_no_sense_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is read or sent."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    with pytest.raises(UnknownPackingError, match="must be one of plain, gzip, zstd, kpl; got `lz4`"):
        replay(packing="lz4")
    with pytest.raises(PlainBatchError, match="`batch-records` needs a `packing`"):
        replay(packing="plain", batch_records=10)
