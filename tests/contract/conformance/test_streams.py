"""Streams: made, described, listed, changed, deleted."""

from itertools import pairwise

import pytest

from tests.support.documented import (
    Client,
    MakeStream,
    arn_of,
    documented,
    iterator,
    open_shards,
    put,
    refused,
    settle,
    shards_of,
)


@documented("API_CreateStream")
def test_a_provisioned_stream_has_the_shards_it_was_created_with(kinesis: Client, stream: MakeStream) -> None:
    """A provisioned stream has the shards it was created with."""
    name = stream(3)
    assert settle(kinesis, name)["OpenShardCount"] == 3
    assert [each["ShardId"] for each in shards_of(kinesis, name)] == [
        f"shardId-{each:012d}" for each in range(3)
    ]


@documented("API_CreateStream")
def test_hash_keys_are_covered_without_gap(kinesis: Client, stream: MakeStream) -> None:
    """The shards' hash key ranges follow one another from 0 to 2^128 - 1."""
    ranges = [each["HashKeyRange"] for each in open_shards(kinesis, stream(3))]
    bounds = [(int(each["StartingHashKey"]), int(each["EndingHashKey"])) for each in ranges]
    assert (bounds[0][0], bounds[-1][1]) == (0, 2**128 - 1)
    assert all(left[1] + 1 == right[0] for left, right in pairwise(bounds))


@documented("how-do-i-size-a-stream")
def test_an_on_demand_stream_starts_with_four_shards(kinesis: Client, stream: MakeStream) -> None:
    """A stream in on-demand mode starts with four shards."""
    summary = settle(kinesis, stream(None, StreamModeDetails={"StreamMode": "ON_DEMAND"}))
    assert (summary["OpenShardCount"], summary["StreamModeDetails"]) == (4, {"StreamMode": "ON_DEMAND"})


@documented("API_CreateStream")
def test_a_name_is_taken_once(kinesis: Client, stream: MakeStream) -> None:
    """Creating a stream of a name that is taken is a ResourceInUseException."""
    name = stream()
    with refused("ResourceInUseException"):
        kinesis.create_stream(StreamName=name, ShardCount=1)


@documented("API_CreateStream")
def test_tags_can_come_with_creation(kinesis: Client, stream: MakeStream) -> None:
    """CreateStream takes tags."""
    name = stream(Tags={"team": "a"})
    assert kinesis.list_tags_for_stream(StreamName=name)["Tags"] == [{"Key": "team", "Value": "a"}]


@documented("API_DescribeStreamSummary")
def test_defaults_of_a_new_stream(kinesis: Client, stream: MakeStream) -> None:
    """A new stream is PROVISIONED, retains 24 hours, and is not encrypted."""
    summary = settle(kinesis, stream())
    assert summary["StreamModeDetails"] == {"StreamMode": "PROVISIONED"}
    assert (summary["RetentionPeriodHours"], summary["EncryptionType"]) == (24, "NONE")
    assert summary["StreamARN"].endswith(f":stream/{summary['StreamName']}")


@documented("API_DescribeStream")
def test_describe_stream_gives_shards_in_pages(kinesis: Client, stream: MakeStream) -> None:
    """DescribeStream gives shards in pages by Limit and ExclusiveStartShardId."""
    name = stream(3)
    first = kinesis.describe_stream(StreamName=name, Limit=2)["StreamDescription"]
    last = first["Shards"][-1]["ShardId"]
    rest = kinesis.describe_stream(StreamName=name, ExclusiveStartShardId=last)["StreamDescription"]
    assert [len(first["Shards"]), len(rest["Shards"])] == [2, 1]
    assert [first["HasMoreShards"], rest["HasMoreShards"]] == [True, False]


@documented("API_DescribeStream")
def test_describe_stream_gives_at_most_a_hundred_shards(kinesis: Client, stream: MakeStream) -> None:
    """DescribeStream gives at most 100 shards, whatever Limit says."""
    description = kinesis.describe_stream(StreamName=stream(101), Limit=10_000)["StreamDescription"]
    assert (len(description["Shards"]), description["HasMoreShards"]) == (100, True)


@documented("API_DescribeStream")
def test_a_stream_goes_by_its_arn(kinesis: Client, stream: MakeStream) -> None:
    """StreamARN does where StreamName would."""
    name = stream()
    arn = arn_of(kinesis, name)
    assert kinesis.describe_stream(StreamARN=arn)["StreamDescription"]["StreamName"] == name
    put_answer = kinesis.put_record(StreamARN=arn, Data=b"x", PartitionKey="a")
    assert put_answer["ShardId"] == "shardId-000000000000"


@documented("API_DescribeStreamSummary")
def test_an_unknown_stream_is_not_found(kinesis: Client) -> None:
    """An unknown stream is a ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        kinesis.describe_stream_summary(StreamName="no-such-stream")


@documented("API_DeleteStream")
def test_a_deleted_stream_is_gone(kinesis: Client, stream: MakeStream) -> None:
    """A deleted stream is deleting or not found, and takes its records with it."""
    name = stream()
    put(kinesis, name, "a")
    kinesis.delete_stream(StreamName=name)
    try:
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    except kinesis.exceptions.ResourceNotFoundException:
        return
    assert summary["StreamStatus"] == "DELETING"


@documented("API_DeleteStream")
def test_a_stream_with_consumers_is_deleted_on_demand_only(kinesis: Client, stream: MakeStream) -> None:
    """A stream with consumers is deleted only with EnforceConsumerDeletion."""
    name = stream()
    kinesis.register_stream_consumer(StreamARN=arn_of(kinesis, name), ConsumerName="c")
    with refused("ResourceInUseException"):
        kinesis.delete_stream(StreamName=name)
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)


@documented("API_ListStreams")
def test_streams_are_listed_in_pages(kinesis: Client, stream: MakeStream) -> None:
    """ListStreams gives names in order, in pages by Limit, with a NextToken."""
    names = sorted(stream() for _ in range(3))
    first = kinesis.list_streams(Limit=1, ExclusiveStartStreamName=names[0])
    second = kinesis.list_streams(Limit=1, NextToken=first["NextToken"])
    assert (first["StreamNames"], first["HasMoreStreams"]) == ([names[1]], True)
    assert second["StreamNames"] == [names[2]]
    assert first["StreamSummaries"][0]["StreamStatus"] == "ACTIVE"


@documented("API_UpdateStreamMode")
def test_a_mode_can_be_changed(kinesis: Client, stream: MakeStream) -> None:
    """UpdateStreamMode changes a stream's capacity mode."""
    name = stream()
    kinesis.update_stream_mode(StreamARN=arn_of(kinesis, name), StreamModeDetails={"StreamMode": "ON_DEMAND"})
    assert settle(kinesis, name)["StreamModeDetails"] == {"StreamMode": "ON_DEMAND"}


@documented("API_UpdateMaxRecordSize")
def test_the_largest_record_can_be_raised(kinesis: Client, stream: MakeStream) -> None:
    """UpdateMaxRecordSize lets records of up to 10 MiB in and out."""
    name = stream()
    kinesis.update_max_record_size(StreamARN=arn_of(kinesis, name), MaxRecordSizeInKiB=2048)
    assert settle(kinesis, name)["MaxRecordSizeInKiB"] == 2048
    kinesis.put_record(StreamName=name, Data=b"x" * 2_000_000, PartitionKey="a")
    answer = kinesis.get_records(ShardIterator=iterator(kinesis, name, "shardId-000000000000"))
    assert len(answer["Records"][0]["Data"]) == 2_000_000


@documented("API_DescribeLimits")
def test_limits_of_the_account(kinesis: Client, stream: MakeStream) -> None:
    """DescribeLimits counts open shards and on-demand streams."""
    before = kinesis.describe_limits()
    stream(3)
    stream(None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    after = kinesis.describe_limits()
    assert after["OpenShardCount"] - before["OpenShardCount"] == 3
    assert after["OnDemandStreamCount"] - before["OnDemandStreamCount"] == 1
    assert after["ShardLimit"] >= after["OpenShardCount"]


@documented("API_UpdateAccountSettings")
def test_settings_of_the_account(kinesis: Client) -> None:
    """UpdateAccountSettings enables the billing commitment, DescribeAccountSettings shows it."""
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "ENABLED"})
    shown = kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]
    assert shown["Status"] == "ENABLED"
    kinesis.update_account_settings(MinimumThroughputBillingCommitment={"Status": "DISABLED"})


@documented("API_UpdateStreamRecordDistributionStrategy")
def test_auto_distribution_needs_on_demand(kinesis: Client, stream: MakeStream) -> None:
    """RecordDistributionStrategy AUTO on a provisioned stream is an InvalidArgumentException."""
    arn = arn_of(kinesis, stream())
    with refused("InvalidArgumentException"):
        kinesis.update_stream_record_distribution_strategy(StreamARN=arn, RecordDistributionStrategy="AUTO")


@pytest.mark.parametrize(
    ("request_", "codes"),
    [
        pytest.param({"StreamName": "a b", "ShardCount": 1}, ("ValidationException",), id="name"),
        pytest.param({"StreamName": "x" * 129, "ShardCount": 1}, ("ValidationException",), id="long name"),
        pytest.param({"StreamName": "x", "ShardCount": 0}, ("ValidationException",), id="no shards"),
        pytest.param({"StreamName": "x", "ShardCount": -1}, ("ValidationException",), id="negative"),
        pytest.param({"ShardCount": 1}, ("ValidationException",), id="no name"),
        pytest.param({"StreamName": "x"}, ("InvalidArgumentException", "ValidationException"), id="no count"),
    ],
)
@documented("API_CreateStream")
def test_a_malformed_creation_is_refused(
    kinesis: Client, request_: dict[str, object], codes: tuple[str, ...]
) -> None:
    """CreateStream refuses names, counts and modes that are none."""
    with refused(*codes):
        kinesis.create_stream(**request_)
