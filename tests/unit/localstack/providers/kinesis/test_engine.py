"""What only a clock that moves by hand, or a look behind the API, can show."""

import json
import threading
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from localstack.providers.kinesis.errors import KinesisError
from localstack.providers.kinesis.shapes import REFUSED
from localstack.providers.kinesis.world import Caller
from tests.support.kinesis import CALLER, Clock, Kinesis, blob
from tests.support.waiting import until

OTHER = Caller("111111111111", "us-east-1")
HOUR = 3600.0


def refused(code: str, match: str = "") -> pytest.RaisesExc[KinesisError]:
    """Expect an error of that code."""
    return pytest.raises(KinesisError, match=f"^{code}: .*{match}")


def test_an_iterator_expires_after_five_minutes(kinesis: Kinesis) -> None:
    """And not before."""
    kinesis.create()
    iterator = kinesis.iterator("shardId-000000000000")
    kinesis.clock.now += 300
    assert kinesis("GetRecords", ShardIterator=iterator)["Records"] == []
    kinesis.clock.now += 0.001
    with refused("ExpiredIteratorException", "tolerated delay of 300000 milliseconds"):
        kinesis("GetRecords", ShardIterator=iterator)


def test_a_next_token_expires_after_five_minutes(kinesis: Kinesis) -> None:
    """As ListShards' page says."""
    kinesis.create(shards=3)
    token = kinesis("ListShards", StreamName="s", MaxResults=1)["NextToken"]
    kinesis.clock.now += 301
    with refused("ExpiredNextTokenException"):
        kinesis("ListShards", NextToken=token)


def test_retention_trims(kinesis: Kinesis) -> None:
    """To the millisecond for who reads, from the oldest iterator too."""
    kinesis.create()
    kinesis.put("a")
    kinesis.clock.now += HOUR
    kinesis.put("b")
    assert kinesis.keys() == [["a", "b"]]
    kinesis.clock.now += 23 * HOUR
    assert kinesis.keys() == [["a", "b"]]
    kinesis.clock.now += 0.001
    assert kinesis.keys() == [["b"]]


def test_a_longer_retention_does_not_bring_back_what_is_gone(kinesis: Kinesis) -> None:
    """Nor does a restart."""
    kinesis.create()
    kinesis("IncreaseStreamRetentionPeriod", StreamName="s", RetentionPeriodHours=48)
    kinesis.put("a")
    kinesis.clock.now += 30 * HOUR
    kinesis.put("b")
    kinesis("DecreaseStreamRetentionPeriod", StreamName="s", RetentionPeriodHours=24)
    kinesis("IncreaseStreamRetentionPeriod", StreamName="s", RetentionPeriodHours=48)
    assert kinesis.keys() == [["b"]]
    assert kinesis.reopened().keys() == [["b"]]


def test_a_closed_shard_leaves_the_list_after_retention(kinesis: Kinesis) -> None:
    """With its records."""
    kinesis.create()
    kinesis.put("a")
    shard = kinesis.shards()[0]["ShardId"]
    kinesis("SplitShard", StreamName="s", ShardToSplit=shard, NewStartingHashKey=str(2**127))
    kinesis.clock.now += 25 * HOUR
    assert len(kinesis.shards()) == 2
    assert not list(kinesis.folder.rglob("*.records"))
    assert len(kinesis.reopened().shards()) == 2


def test_a_clock_that_goes_back_moves_no_record_back(kinesis: Kinesis) -> None:
    """Arrivals of a shard rise, or AT_TIMESTAMP could not be searched for."""
    kinesis.create()
    kinesis.put("a")
    kinesis.clock.now -= 60
    kinesis.put("b")
    arrivals = [record["ApproximateArrivalTimestamp"] for record in kinesis.read("shardId-000000000000")]
    assert arrivals == sorted(arrivals)


def test_millis_behind_is_the_age_of_what_was_read_last(kinesis: Kinesis) -> None:
    """And 0 at the tip."""
    kinesis.create()
    kinesis.put("a")
    kinesis.clock.now += 5
    kinesis.put("b")
    kinesis.clock.now += 7
    first = kinesis("GetRecords", ShardIterator=kinesis.iterator("shardId-000000000000"), Limit=1)
    second = kinesis("GetRecords", ShardIterator=first["NextShardIterator"], Limit=1)
    assert (first["MillisBehindLatest"], second["MillisBehindLatest"]) == (12_000, 0)


def test_all_but_throughput_survives_a_kill(kinesis: Kinesis) -> None:
    """Settings, tags, consumers, policies, lineage, iterators."""
    arn = kinesis.create(shards=2)
    kinesis.put("a", "b", "c")
    kinesis("AddTagsToStream", StreamName="s", Tags={"team": "x"})
    kinesis("RegisterStreamConsumer", StreamARN=arn, ConsumerName="c")
    kinesis("StartStreamEncryption", StreamName="s", EncryptionType="KMS", KeyId="alias/aws/kinesis")
    kinesis("UpdateShardCount", StreamName="s", TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    kinesis("UpdateAccountSettings", MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    iterator = kinesis.iterator("shardId-000000000000")
    asked: list[tuple[str, dict[str, Any]]] = [
        ("DescribeStream", {"StreamName": "s"}),
        ("DescribeStreamSummary", {"StreamName": "s"}),
        ("ListTagsForStream", {"StreamName": "s"}),
        ("ListStreamConsumers", {"StreamARN": arn}),
        ("DescribeAccountSettings", {}),
        ("GetRecords", {"ShardIterator": iterator}),
    ]
    before = [kinesis(operation, **request) for operation, request in asked]
    again = kinesis.reopened()
    assert [again(operation, **request) for operation, request in asked] == before


def test_a_deleted_stream_s_iterator_reads_no_namesake(kinesis: Kinesis) -> None:
    """A stream of the same name that comes later is another."""
    kinesis.create()
    iterator = kinesis.iterator("shardId-000000000000")
    kinesis("DeleteStream", StreamName="s")
    kinesis.create()
    with refused("ResourceNotFoundException", "Stream s"):
        kinesis("GetRecords", ShardIterator=iterator)


def test_a_half_deleted_stream_is_cleared_away(kinesis: Kinesis) -> None:
    """A kill between the two steps of a deletion leaves no ghost."""
    kinesis.create()
    kinesis.put("a")
    next(kinesis.folder.rglob("stream.json")).unlink()
    assert kinesis.reopened()("ListStreams")["StreamNames"] == []
    assert not list(kinesis.folder.iterdir())


def test_accounts_and_regions_are_worlds_of_their_own(kinesis: Kinesis) -> None:
    """A name is taken once in each."""
    kinesis.create()
    for caller in (OTHER, Caller(CALLER.account, "eu-west-1")):
        assert kinesis("ListStreams", caller=caller)["StreamNames"] == []
        kinesis("CreateStream", StreamName="s", ShardCount=1, caller=caller)
    with refused("ResourceInUseException"):
        kinesis.create()


def policy(effect: str = "Allow", action: str = "kinesis:PutRecord*", **more: Any) -> str:
    """Return a policy of one statement for the other account."""
    statement = {"Effect": effect, "Principal": {"AWS": OTHER.account}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | more]})


@pytest.mark.parametrize(
    ("text", "is_allowed"),
    [
        pytest.param(policy(), True, id="allowed"),
        pytest.param(policy(action="kinesis:GetRecords"), False, id="another action"),
        pytest.param(
            policy(Resource="arn:aws:kinesis:us-east-1:000000000000:stream/x"), False, id="another stream"
        ),
        pytest.param(
            policy(Principal={"AWS": "arn:aws:iam::222222222222:root"}), False, id="another account"
        ),
        pytest.param(policy("Deny", "*"), False, id="denied"),
    ],
)
def test_another_account_needs_a_policy(kinesis: Kinesis, text: str, is_allowed: bool) -> None:  # noqa: FBT001
    """The stream is named by its ARN then."""
    arn = kinesis.create()
    put = {"StreamARN": arn, "Data": blob("x"), "PartitionKey": "a"}
    with refused("AccessDeniedException", "no resource-based policy allows the kinesis:PutRecord action"):
        kinesis("PutRecord", caller=OTHER, **put)
    kinesis("PutResourcePolicy", ResourceARN=arn, Policy=text)
    if is_allowed:
        assert kinesis("PutRecord", caller=OTHER, **put)["ShardId"]
    else:
        with refused("AccessDeniedException"):
            kinesis("PutRecord", caller=OTHER, **put)


@pytest.mark.parametrize(
    ("text", "code", "match"),
    [
        pytest.param("{", "InvalidArgumentException", "JSON", id="no JSON"),
        pytest.param("[]", "InvalidArgumentException", "Statement", id="no policy"),
        pytest.param(policy("Maybe"), "InvalidArgumentException", "Effect", id="effect"),
        pytest.param(policy(Action=7), "InvalidArgumentException", "Action", id="action"),
        pytest.param(policy(Principal=None), "UnsupportedOperationException", "principal None", id="nobody"),
        pytest.param(
            policy(Principal={"AWS": "arn:aws:iam::111111111111:role/reader"}),
            "UnsupportedOperationException",
            "role/reader",
            id="role",
        ),
        pytest.param(policy(Condition={}), "UnsupportedOperationException", "`Condition`", id="condition"),
        pytest.param(
            json.dumps(
                {"Statement": {"Effect": "Allow", "NotPrincipal": "*", "Action": "*", "Resource": "*"}}
            ),
            "UnsupportedOperationException",
            "`NotPrincipal`",
            id="negated",
        ),
    ],
)
def test_a_policy_that_cannot_be_honoured_is_refused(
    kinesis: Kinesis, text: str, code: str, match: str
) -> None:
    """When it is put, not when it would have mattered."""
    arn = kinesis.create()
    with refused(code, match):
        kinesis("PutResourcePolicy", ResourceARN=arn, Policy=text)


@pytest.mark.parametrize("operation", sorted(REFUSED))
def test_what_is_not_supported_is_refused_by_name(kinesis: Kinesis, operation: str) -> None:
    """And the page that says so is named."""
    with refused("UnsupportedOperationException", f"does not support {operation}; see docs/kinesis.md"):
        kinesis(operation)


@pytest.mark.parametrize(
    ("operation", "request_", "member"),
    [
        pytest.param(
            "CreateStream", {"StreamName": "t", "WarmThroughputMiBps": 3}, "WarmThroughputMiBps", id="warm"
        ),
        pytest.param("DescribeStream", {"StreamId": "x"}, "StreamId", id="id"),
        pytest.param(
            "PutRecord",
            {"StreamName": "s", "Data": "", "PartitionKey": "a", "DryRun": True},
            "DryRun",
            id="dry",
        ),
        pytest.param("ListStreams", {"Colour": "red"}, "Colour", id="unknown"),
    ],
)
def test_a_member_that_is_not_supported_is_refused_by_name(
    kinesis: Kinesis, operation: str, request_: dict[str, Any], member: str
) -> None:
    """Nothing is accepted and then ignored."""
    kinesis.create()
    with refused("UnsupportedOperationException", f"`{member}`"):
        kinesis(operation, **request_)


def test_auto_distribution_ignores_keys(kinesis: Kinesis) -> None:
    """Records of one key, or of none, go to all shards in turn."""
    kinesis("CreateStream", StreamName="s", StreamModeDetails={"StreamMode": "ON_DEMAND"})
    arn = kinesis("DescribeStreamSummary", StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    with refused("ValidationException", "'records.2.member.partitionKey'"):
        kinesis("PutRecords", StreamName="s", Records=[{"Data": "", "PartitionKey": "a"}, {"Data": ""}])
    kinesis("UpdateStreamRecordDistributionStrategy", StreamARN=arn, RecordDistributionStrategy="AUTO")
    results = kinesis("PutRecords", StreamName="s", Records=[{"Data": ""}] * 8)["Records"]
    assert sorted(result["ShardId"] for result in results) == sorted(
        2 * [shard["ShardId"] for shard in kinesis.shards()]
    )
    assert "PartitionKey" not in kinesis.read("shardId-000000000000")[0]


def test_a_full_disk_fails_the_put_and_loses_nothing(
    kinesis: Kinesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was there stays, what failed is not there."""
    kinesis.create()
    kinesis.put("a")

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", full)
        assert kinesis.put("b")[0]["ErrorCode"] == "InternalFailure"
        with refused("InternalFailureException", "No space left"):
            kinesis("PutRecord", StreamName="s", Data="", PartitionKey="b")
    kinesis.put("c")
    assert kinesis.keys() == kinesis.reopened().keys() == [["a", "c"]]


def test_fsync_is_grouped(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Puts that wait at one moment share a flush, and each returns after its own records were flushed."""
    kinesis = Kinesis(tmp_path_factory.mktemp("k"), Clock(), fsync=True)
    kinesis.create()
    flushes: list[int] = []
    is_free, first_is_in = threading.Event(), threading.Event()

    def flush(_descriptor: int) -> None:
        flushes.append(threading.get_ident())
        first_is_in.set()
        is_free.wait(10)

    monkeypatch.setattr("os.fsync", flush)
    first = threading.Thread(target=kinesis.put, args=("a",))
    first.start()
    first_is_in.wait(10)
    others = [threading.Thread(target=kinesis.put, args=(f"b{number}",)) for number in range(8)]
    for each in others:
        each.start()
    until(lambda: len(kinesis.read("shardId-000000000000")) == 9)  # all are written, and none is flushed
    assert all(each.is_alive() for each in others)
    is_free.set()
    for each in (first, *others):
        each.join(10)
    assert len(set(flushes)) == 2, "eight puts that waited were flushed together"


def subscription(kinesis: Kinesis, shard: str = "shardId-000000000000", kind: str = "TRIM_HORIZON") -> Any:
    """Register a consumer if need be, and subscribe."""
    arn = kinesis("DescribeStreamSummary", StreamName="s")["StreamDescriptionSummary"]["StreamARN"]
    if not kinesis("ListStreamConsumers", StreamARN=arn)["Consumers"]:
        kinesis("RegisterStreamConsumer", StreamARN=arn, ConsumerName="c")
    consumer = kinesis("ListStreamConsumers", StreamARN=arn)["Consumers"][0]["ConsumerARN"]
    request = {"ConsumerARN": consumer, "ShardId": shard, "StartingPosition": {"Type": kind}}
    return kinesis.engine.subscribe(request, CALLER)


def test_a_put_wakes_a_subscription(kinesis: Kinesis) -> None:
    """The clock stands still: an event can come of the put alone."""
    kinesis.create()
    events = subscription(kinesis)
    got: list[Any] = []
    reader = threading.Thread(target=lambda: got.extend(islice(events, 1)))
    reader.start()
    kinesis.put("a")
    reader.join(10)
    assert [record["PartitionKey"] for record in got[0]["Records"]] == ["a"]
    assert got[0]["ContinuationSequenceNumber"] == got[0]["Records"][-1]["SequenceNumber"]


def test_a_subscription_ends_with_the_children_of_its_shard(kinesis: Kinesis) -> None:
    """After the last record of the parent."""
    kinesis.create()
    kinesis.put("a")
    kinesis("SplitShard", StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey=str(2**127))
    events = list(subscription(kinesis))
    assert [len(event["Records"]) for event in events] == [1]
    assert "ContinuationSequenceNumber" not in events[0]
    assert [child["ShardId"] for child in events[0]["ChildShards"]] == [
        "shardId-000000000001",
        "shardId-000000000002",
    ]


def test_a_second_subscription_takes_over_after_five_seconds(kinesis: Kinesis) -> None:
    """Before that it is refused; after it the first one ends."""
    kinesis.create()
    kinesis.put("a")
    first = subscription(kinesis)
    next(first)
    with refused("ResourceInUseException"):
        subscription(kinesis)
    kinesis.clock.now += 5
    second = subscription(kinesis)
    assert list(first) == []
    assert len(next(second)["Records"]) == 1


def test_a_subscription_ends_after_five_minutes(kinesis: Kinesis) -> None:
    """Or when its consumer or stream goes."""
    kinesis.create()
    kinesis.put("a")
    events = subscription(kinesis)
    next(events)
    kinesis.clock.now += 300
    assert list(events) == []
    events = subscription(kinesis)
    kinesis("DeleteStream", StreamName="s", EnforceConsumerDeletion=True)
    assert list(events) == []


def test_a_full_disk_changes_no_stream(kinesis: Kinesis, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written is not so in memory either: a put goes where a restart will look for it."""
    kinesis.create()

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", full)
        with refused("InternalFailureException", "No space left"):
            kinesis(
                "SplitShard", StreamName="s", ShardToSplit="shardId-000000000000", NewStartingHashKey="99"
            )
        with refused("InternalFailureException"):
            kinesis.create(name="t")
    kinesis.put("a")
    assert kinesis.keys() == kinesis.reopened().keys() == [["a"]]
    assert kinesis("ListStreams")["StreamNames"] == ["s"]


def test_a_stream_that_nobody_reads_is_trimmed(kinesis: Kinesis) -> None:
    """Its disk is freed as it is written to."""
    kinesis.create()
    for _ in range(30):
        kinesis.put("a")
        kinesis.clock.now += HOUR
    assert 24 <= len(list(kinesis.folder.rglob("*.records"))) <= 26


def test_a_stream_deleted_meanwhile_takes_nothing(kinesis: Kinesis) -> None:
    """A put or a get that waits by a switch finds its stream gone."""
    for operation in ("PutRecord", "GetRecords"):
        kinesis.create()
        kinesis("AddTagsToStream", StreamName="s", Tags={"millrace:latency-ms": "10"})
        iterator = kinesis.iterator("shardId-000000000000")
        put: dict[str, Any] = {"StreamName": "s", "Data": "", "PartitionKey": "a"}
        kinesis.engine.world.sleep = lambda _: kinesis("DeleteStream", StreamName="s")  # type: ignore[assignment]
        with refused("ResourceNotFoundException"):
            kinesis(operation, **(put if operation == "PutRecord" else {"ShardIterator": iterator}))
        kinesis.engine.world.sleep = kinesis.clock.sleep
    assert not list(kinesis.folder.iterdir())


@pytest.mark.parametrize("moment", [-1, 1e300, 253_402_300_800])
def test_a_time_beyond_time_is_refused(kinesis: Kinesis, moment: float) -> None:
    """With a code, and no failure of ours."""
    kinesis.create()
    with refused("ValidationException", "seconds since 1970"):
        kinesis.iterator("shardId-000000000000", "AT_TIMESTAMP", Timestamp=moment)


def test_a_strange_folder_is_left_alone(kinesis: Kinesis) -> None:
    """What the engine did not make it does not delete."""
    (kinesis.folder / "precious").mkdir()
    assert kinesis.reopened()("ListStreams")["StreamNames"] == []
    assert (kinesis.folder / "precious").is_dir()


def test_a_broken_stream_does_not_stop_the_others(kinesis: Kinesis, caplog: pytest.LogCaptureFixture) -> None:
    """It is named in the log, and left as it lies."""
    kinesis.create()
    (broken,) = kinesis.folder.rglob("stream.json")
    kinesis.create(name="t")
    broken.write_bytes(b"{")
    assert kinesis.reopened()("ListStreams")["StreamNames"] == ["t"]
    assert "stream.json is broken and is left out" in caplog.text
    assert broken.read_bytes() == b"{"


def test_missing_records_are_an_error_and_no_loop(kinesis: Kinesis) -> None:
    """Where somebody deleted the files beneath."""
    kinesis.create()
    kinesis.put("a")
    next(kinesis.folder.rglob("*.records")).unlink()
    with refused("InternalFailureException", "missing from the disk"):
        kinesis.read("shardId-000000000000")


def test_one_shard_that_cannot_be_written_fails_its_records_alone(
    kinesis: Kinesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others' are acknowledged, and a retry of the failed ones doubles nothing."""
    kinesis.create(shards=2)
    real = kinesis.engine.world.disk.write_at

    def write_at(path: Path, offset: int, data: bytes) -> None:
        if "shardId-000000000001" in str(path):
            raise OSError(28, "No space left on device")
        real(path, offset, data)

    with monkeypatch.context() as patch:
        patch.setattr(kinesis.engine.world.disk, "write_at", write_at)
        results = kinesis.put(*"abcdefgh")
    failed = [key for key, result in zip("abcdefgh", results, strict=True) if "ErrorCode" in result]
    assert 0 < len(failed) < 8
    kinesis.put(*failed)
    first, second = kinesis.keys()
    assert sorted(first + second) == sorted("abcdefgh")


def test_an_expired_shard_names_its_children(kinesis: Kinesis) -> None:
    """To who comes late, so that reading can go on."""
    kinesis.create()
    shard = "shardId-000000000000"
    kinesis("SplitShard", StreamName="s", ShardToSplit=shard, NewStartingHashKey=str(2**127))
    kinesis.clock.now += 24 * HOUR - 10
    iterator = kinesis.iterator(shard)
    kinesis.clock.now += 60
    assert len(kinesis.shards()) == 2
    assert len(kinesis("GetRecords", ShardIterator=iterator)["ChildShards"]) == 2


@pytest.mark.parametrize("data", [None, [], {}, 0, False, 0.0])
def test_data_that_is_no_text_is_refused(kinesis: Kinesis, data: Any) -> None:
    """Nothing of another type reaches the log."""
    kinesis.create()
    with pytest.raises(KinesisError, match=r"SerializationException|ValidationException"):
        kinesis("PutRecord", StreamName="s", Data=data, PartitionKey="a")
    with pytest.raises(KinesisError, match=r"SerializationException|ValidationException"):
        kinesis("PutRecords", StreamName="s", Records=[{"Data": data, "PartitionKey": "a"}])
    assert kinesis.keys() == [[]]


@pytest.mark.parametrize("number", [5, True, "", "1_0", " 7 ", "-3"])
def test_a_sequence_number_for_ordering_is_digits(kinesis: Kinesis, number: Any) -> None:
    """As its pattern says."""
    kinesis.create()
    with pytest.raises(KinesisError, match=r"SerializationException|ValidationException"):
        kinesis("PutRecord", StreamName="s", Data="", PartitionKey="a", SequenceNumberForOrdering=number)


def test_a_member_of_a_record_that_there_is_not_is_refused(kinesis: Kinesis) -> None:
    """As it is of a request."""
    kinesis.create()
    with refused("UnsupportedOperationException", "`Foo`"):
        kinesis("PutRecords", StreamName="s", Records=[{"Data": "", "PartitionKey": "a", "Foo": 1}])


def test_a_token_is_good_for_its_own_operation(kinesis: Kinesis) -> None:
    """And for none that it was not given by."""
    kinesis.create()
    kinesis.create(name="t")
    token = kinesis("ListStreams", Limit=1)["NextToken"]
    with refused("InvalidArgumentException", "Invalid NextToken"):
        kinesis("ListShards", NextToken=token)


def test_a_long_value_costs_no_time(kinesis: Kinesis) -> None:
    """No pattern is matched against what is too long; this one would take minutes."""
    with refused("ValidationException", "less than or equal to 2048"):
        kinesis("DescribeStream", StreamARN="arn:aws" + ":kinesis:" * 200_000)


def test_half_a_surrogate_is_refused(kinesis: Kinesis) -> None:
    """It could not be written."""
    kinesis.create()
    with refused("SerializationException", "not Unicode"):
        kinesis("AddTagsToStream", StreamName="s", Tags={"\ud800": "x"})


def test_a_consumer_is_of_its_region_and_name(kinesis: Kinesis) -> None:
    """An ARN is looked up where it says, and other names beside it must agree."""
    arn = kinesis.create()
    consumer = kinesis("RegisterStreamConsumer", StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    with refused("ResourceNotFoundException"):
        kinesis("DescribeStreamConsumer", ConsumerARN=consumer, caller=Caller(CALLER.account, "eu-west-1"))
    with refused("InvalidArgumentException", "different consumers"):
        kinesis("DeregisterStreamConsumer", ConsumerARN=consumer, ConsumerName="d")
    with refused("InvalidArgumentException", "50 tags"):
        kinesis("TagResource", ResourceARN=consumer, Tags={f"k{number}": "v" for number in range(51)})


def test_an_account_that_could_not_be_written_is_as_it_was(
    kinesis: Kinesis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In memory too."""

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("os.pwrite", full)
        with refused("InternalFailureException", "No space left"):
            kinesis("UpdateAccountSettings", MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    shown = kinesis("DescribeAccountSettings")["MinimumThroughputBillingCommitment"]
    assert shown == {"Status": "DISABLED"}


def test_a_device_that_refused_once_is_not_trusted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Linux may report a failed write once and then forget it; no later put may be acknowledged."""
    kinesis = Kinesis(tmp_path, Clock(), fsync=True)
    kinesis.create()

    def refuse(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", refuse)
        with pytest.raises(OSError, match="Input/output error"):
            kinesis.put("a")
    with pytest.raises(OSError, match="Input/output error"):
        kinesis.put("b")
