"""Limits and faults: off until a tag switches them on, the same again with the same seed."""

from typing import Any

import pytest

from localstack.providers.kinesis.errors import KinesisError
from tests.support.kinesis import CALLER, Kinesis, blob

SHARD = "shardId-000000000000"


def tag(kinesis: Kinesis, **switches: str) -> None:
    """Switch on what the names say."""
    kinesis(
        "AddTagsToStream",
        StreamName="s",
        Tags={f"millrace:{key.replace('_', '-')}": value for key, value in switches.items()},
    )


def put_bytes(kinesis: Kinesis, count: int, size: int) -> int:
    """Put `count` records of `size` bytes, key included, and return how many failed."""
    records = [{"Data": blob("x" * (size - 1)), "PartitionKey": "k"}] * count
    return int(kinesis("PutRecords", StreamName="s", Records=records)["FailedRecordCount"])


def test_without_limits_nothing_is_throttled(kinesis: Kinesis) -> None:
    """They are off by default."""
    kinesis.create()
    assert sum(put_bytes(kinesis, 500, 10) for _ in range(6)) == 0
    assert all(kinesis("GetRecords", ShardIterator=kinesis.iterator(SHARD)) for _ in range(20))


def test_a_shard_takes_a_thousand_records_a_second(kinesis: Kinesis) -> None:
    """The others fail one by one and succeed a second later."""
    kinesis.create()
    tag(kinesis, limits="on")
    assert [put_bytes(kinesis, 500, 10) for _ in range(3)] == [0, 0, 500]
    kinesis.clock.now += 0.25
    assert put_bytes(kinesis, 500, 10) == 250
    kinesis.clock.now += 60
    assert [put_bytes(kinesis, 500, 10) for _ in range(3)] == [0, 0, 500]


def test_a_shard_takes_a_mebibyte_a_second(kinesis: Kinesis) -> None:
    """Whatever the number of records."""
    kinesis.create()
    tag(kinesis, limits="on")
    assert put_bytes(kinesis, 30, 2**20 // 20) == 10
    kinesis.clock.now += 1
    assert put_bytes(kinesis, 10, 2**20 // 20) == 0


def test_a_throttled_record_says_which_shard(kinesis: Kinesis) -> None:
    """In PutRecords by its result, in PutRecord by an error."""
    kinesis.create()
    tag(kinesis, limits="on")
    put_bytes(kinesis, 500, 10)
    put_bytes(kinesis, 500, 10)
    code, words = (
        "ProvisionedThroughputExceededException",
        f"Rate exceeded for shard {SHARD} in stream s under account 000000000000",
    )
    result = kinesis.put("a")[0]
    assert (result["ErrorCode"], result["ErrorMessage"].startswith(words)) == (code, True)
    with pytest.raises(KinesisError, match=f"{code}: {words}"):
        kinesis("PutRecord", StreamName="s", Data="", PartitionKey="a")


def test_a_shard_answers_five_reads_a_second(kinesis: Kinesis) -> None:
    """For all its pollers together."""
    kinesis.create()
    tag(kinesis, limits="on")
    iterator = kinesis.iterator(SHARD)
    for _ in range(5):
        kinesis("GetRecords", ShardIterator=iterator)
    with pytest.raises(KinesisError, match="ProvisionedThroughputExceededException"):
        kinesis("GetRecords", ShardIterator=iterator)
    kinesis.clock.now += 0.2
    assert kinesis("GetRecords", ShardIterator=iterator)


def test_ten_mebibytes_read_at_once_cost_five_seconds(kinesis: Kinesis) -> None:
    """As GetRecords' page says."""
    kinesis.create()
    for _ in range(11):
        put_bytes(kinesis, 1, 2**20)
    tag(kinesis, limits="on")
    iterator = kinesis.iterator(SHARD)
    assert len(kinesis("GetRecords", ShardIterator=iterator)["Records"]) in (9, 10)
    kinesis.clock.now += 4.4
    with pytest.raises(KinesisError, match="ProvisionedThroughputExceededException"):
        kinesis("GetRecords", ShardIterator=iterator)
    kinesis.clock.now += 0.6
    assert kinesis("GetRecords", ShardIterator=iterator)


def failures(kinesis: Kinesis) -> list[Any]:
    """Return the error codes of a hundred puts."""
    return [kinesis.put("a")[0].get("ErrorCode") for _ in range(100)]


def test_errors_come_at_their_rate_and_again_with_their_seed(kinesis: Kinesis) -> None:
    """Each kind that AWS documents for a record."""
    kinesis.create()
    tag(kinesis, error_rate="0.3", seed="7")
    first = failures(kinesis)
    kinesis("RemoveTagsFromStream", StreamName="s", TagKeys=["millrace:error-rate", "millrace:seed"])
    tag(kinesis, error_rate="0.3", seed="7")
    assert failures(kinesis) == first
    assert set(first) == {None, "InternalFailure", "ProvisionedThroughputExceededException"}
    assert 50 < first.count(None) < 90


def test_another_tag_leaves_the_faults_as_they_are(kinesis: Kinesis) -> None:
    """A fault's sequence goes on."""
    kinesis.create()
    tag(kinesis, error_rate="0.5", seed="7")
    whole = [kinesis.put("a")[0].get("ErrorCode") for _ in range(40)]
    kinesis("RemoveTagsFromStream", StreamName="s", TagKeys=["millrace:error-rate", "millrace:seed"])
    tag(kinesis, error_rate="0.5", seed="7")
    parts = []
    for _ in range(4):
        kinesis("AddTagsToStream", StreamName="s", Tags={"team": "x"})
        parts += [kinesis.put("a")[0].get("ErrorCode") for _ in range(10)]
    assert parts == whole


def test_a_dead_shard_is_dead_to_subscribers(kinesis: Kinesis) -> None:
    """It refuses them, and ends the ones it has."""
    arn = kinesis.create()
    kinesis.put("a")
    consumer = kinesis("RegisterStreamConsumer", StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    request = {"ConsumerARN": consumer, "ShardId": SHARD, "StartingPosition": {"Type": "TRIM_HORIZON"}}
    events = kinesis.engine.subscribe(request, CALLER)
    tag(kinesis, dead_shard=SHARD)
    assert list(events) == []
    with pytest.raises(KinesisError, match="InternalFailureException"):
        kinesis.engine.subscribe(request, CALLER)


def test_a_dead_shard_comes_back(kinesis: Kinesis) -> None:
    """The others answer meanwhile, and nothing is lost of either."""
    kinesis.create(shards=2)
    kinesis.put(*"abcdefgh")
    before = kinesis.keys()
    tag(kinesis, dead_shard=SHARD, dead_until=str(kinesis.clock.now + 30))
    codes = {result.get("ShardId", result.get("ErrorCode")) for result in kinesis.put(*"abcdefgh")}
    assert codes == {"shardId-000000000001", "InternalFailure"}
    with pytest.raises(KinesisError, match="InternalFailureException"):
        kinesis.iterator(SHARD)
    kinesis.clock.now += 30
    assert kinesis.keys() == [before[0], before[1] * 2]


def test_latency_is_waited(kinesis: Kinesis) -> None:
    """By each put and each get."""
    kinesis.create()
    tag(kinesis, latency_ms="250")
    kinesis.put("a")
    kinesis("GetRecords", ShardIterator=kinesis.iterator(SHARD))
    assert kinesis.clock.slept == [0.25, 0.25]


def test_a_fan_out_consumer_is_paced(kinesis: Kinesis) -> None:
    """To 2 MiB a second of its own."""
    arn = kinesis.create()
    for _ in range(4):
        put_bytes(kinesis, 1, 2**20)
    tag(kinesis, limits="on")
    consumer = kinesis("RegisterStreamConsumer", StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    request = {"ConsumerARN": consumer, "ShardId": SHARD, "StartingPosition": {"Type": "TRIM_HORIZON"}}
    events = kinesis.engine.subscribe(request, CALLER)
    begin = kinesis.clock.now
    got = 0
    while got < 4:
        got += len(next(events)["Records"])
    assert 0.9 < kinesis.clock.now - begin < 2.1


@pytest.mark.parametrize(
    ("key", "value", "match"),
    [
        pytest.param("limits", "yes", "must be on or off; got `yes`", id="limits"),
        pytest.param("error-rate", "1.5", "from 0 to 1; got `1.5`", id="rate"),
        pytest.param("error-rate", "nan", "from 0 to 1; got `nan`", id="nan"),
        pytest.param("latency-ms", "-1", "got `-1`", id="latency"),
        pytest.param("seed", "7.9", "got `7.9`", id="seed"),
        pytest.param("dead-shard", "nonsense", "must be a ShardId; got `nonsense`", id="shard"),
        pytest.param("speed", "1", "no switch `millrace:speed`; there are dead-shard", id="unknown"),
    ],
)
def test_a_switch_that_means_nothing_is_refused(kinesis: Kinesis, key: str, value: str, match: str) -> None:
    """And the stream stays as it was."""
    kinesis.create()
    with pytest.raises(KinesisError, match=match):
        kinesis("AddTagsToStream", StreamName="s", Tags={f"millrace:{key}": value})
    assert kinesis("ListTagsForStream", StreamName="s")["Tags"] == []
