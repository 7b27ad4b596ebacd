"""Shards: split, merged, scaled and listed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support.documented import (
    Client,
    MakeStream,
    documented,
    drain,
    iterator,
    open_shards,
    put,
    read,
    refused,
    settle,
    shards_of,
)

FIRST, SECOND = "shardId-000000000000", "shardId-000000000001"
MIDDLE = str(2**127)


def split(kinesis: Client, name: str, shard: str = FIRST, key: str = MIDDLE) -> None:
    """Split a shard, and wait for it."""
    kinesis.split_shard(StreamName=name, ShardToSplit=shard, NewStartingHashKey=key)
    settle(kinesis, name)


def merge(kinesis: Client, name: str, left: str = FIRST, right: str = SECOND) -> None:
    """Merge two shards, and wait for it."""
    kinesis.merge_shards(StreamName=name, ShardToMerge=left, AdjacentShardToMerge=right)
    settle(kinesis, name)


def ids(shards: list[dict[str, Any]]) -> list[str]:
    """Return ShardIds without their zeros."""
    return [each["ShardId"].removeprefix("shardId-").lstrip("0") or "0" for each in shards]


@documented("API_SplitShard")
def test_a_split_closes_the_parent_and_opens_two_children(kinesis: Client, stream: MakeStream) -> None:
    """A split gives two children whose ranges make up the parent's; the parent gets an ending number."""
    name = stream()
    split(kinesis, name)
    parent, left, right = shards_of(kinesis, name)
    assert parent["SequenceNumberRange"]["EndingSequenceNumber"]
    assert [left["ParentShardId"], right["ParentShardId"]] == [FIRST, FIRST]
    assert right["HashKeyRange"]["StartingHashKey"] == MIDDLE
    assert left["HashKeyRange"]["EndingHashKey"] == str(2**127 - 1)


@documented("kinesis-using-sdk-java-after-resharding")
def test_after_a_split_puts_go_to_the_children(kinesis: Client, stream: MakeStream) -> None:
    """Records put after a split go to a child, none to the parent."""
    name = stream()
    put(kinesis, name, "a")
    split(kinesis, name)
    assert FIRST not in {each["ShardId"] for each in put(kinesis, name, *"bcdefgh")}
    assert read(kinesis, name, FIRST) == [b"a"]


@documented("kinesis-using-sdk-java-after-resharding")
def test_children_s_numbers_are_larger(kinesis: Client, stream: MakeStream) -> None:
    """A key's numbers rise from the parent to the child, so its order can be kept."""
    name = stream()
    (before,) = put(kinesis, name, "a")
    split(kinesis, name)
    (after,) = put(kinesis, name, "a")
    assert int(after["SequenceNumber"]) > int(before["SequenceNumber"])


@documented("API_GetRecords")
def test_a_closed_shard_drains_to_its_children(kinesis: Client, stream: MakeStream) -> None:
    """At a closed shard's end NextShardIterator is null and ChildShards names both children."""
    name = stream()
    put(kinesis, name, *"ab")
    split(kinesis, name)
    records, last = drain(kinesis, iterator(kinesis, name, FIRST))
    assert [each["Data"] for each in records] == [b"a", b"b"]
    assert last.get("NextShardIterator") is None
    assert ids(last["ChildShards"]) == ["1", "2"]
    assert [each["ParentShards"] for each in last["ChildShards"]] == [[FIRST], [FIRST]]


@documented("API_GetRecords")
def test_an_iterator_of_before_reads_on_through_a_split(kinesis: Client, stream: MakeStream) -> None:
    """An iterator taken before a split still drains the parent."""
    name = stream()
    put(kinesis, name, "a")
    at = iterator(kinesis, name, FIRST)
    split(kinesis, name)
    records, last = drain(kinesis, at)
    assert (len(records), last.get("NextShardIterator")) == (1, None)


@documented("API_GetShardIterator")
def test_latest_of_a_closed_shard_is_its_end(kinesis: Client, stream: MakeStream) -> None:
    """A closed shard gives a valid iterator for its end."""
    name = stream()
    put(kinesis, name, "a")
    split(kinesis, name)
    records, last = drain(kinesis, iterator(kinesis, name, FIRST, "LATEST"))
    assert (records, last.get("NextShardIterator")) == ([], None)


@documented("API_MergeShards")
def test_a_merge_has_two_parents(kinesis: Client, stream: MakeStream) -> None:
    """A merge gives one child with ParentShardId and AdjacentParentShardId."""
    name = stream(2)
    merge(kinesis, name)
    (child,) = open_shards(kinesis, name)
    assert (child["ParentShardId"], child["AdjacentParentShardId"]) == (FIRST, SECOND)
    assert child["HashKeyRange"] == {"StartingHashKey": "0", "EndingHashKey": str(2**128 - 1)}


@documented("API_GetRecords")
def test_both_parents_of_a_merge_name_the_child(kinesis: Client, stream: MakeStream) -> None:
    """ChildShards of a merged shard names the child, with both its parents."""
    name = stream(2)
    merge(kinesis, name)
    for parent in (FIRST, SECOND):
        _, last = drain(kinesis, iterator(kinesis, name, parent))
        assert [sorted(each["ParentShards"]) for each in last["ChildShards"]] == [[FIRST, SECOND]]


@documented("API_MergeShards")
def test_records_of_merged_shards_stay_theirs(kinesis: Client, stream: MakeStream) -> None:
    """A merge leaves the parents' records and their numbers as they are."""
    name = stream(2)
    numbers = {each["SequenceNumber"] for each in put(kinesis, name, *"abcdefgh")}
    merge(kinesis, name)
    records = [
        each for parent in (FIRST, SECOND) for each in drain(kinesis, iterator(kinesis, name, parent))[0]
    ]
    assert {each["SequenceNumber"] for each in records} == numbers
    assert read(kinesis, name, "shardId-000000000002") == []


@documented("API_MergeShards")
def test_shards_that_do_not_touch_are_not_merged(kinesis: Client, stream: MakeStream) -> None:
    """Merging shards that are not adjacent is an InvalidArgumentException."""
    name = stream(3)
    with refused("InvalidArgumentException"):
        merge(kinesis, name, FIRST, "shardId-000000000002")


@pytest.mark.parametrize("key", ["0", str(2**127 - 1), str(2**127)])
@documented("API_SplitShard")
def test_a_split_key_lies_inside_the_shard(kinesis: Client, stream: MakeStream, key: str) -> None:
    """NewStartingHashKey lies inside the shard's range."""
    name = stream(2)
    with refused("InvalidArgumentException"):
        split(kinesis, name, FIRST, key)


@documented("API_SplitShard")
def test_a_closed_shard_is_not_split_again(kinesis: Client, stream: MakeStream) -> None:
    """A shard that was split or merged cannot be split again."""
    name = stream()
    split(kinesis, name)
    with refused("InvalidArgumentException", "ResourceInUseException"):
        split(kinesis, name, FIRST, str(2**126))


@documented("API_SplitShard")
def test_an_unknown_shard_is_not_split(kinesis: Client, stream: MakeStream) -> None:
    """Splitting an unknown shard is a ResourceNotFoundException."""
    name = stream()
    with refused("ResourceNotFoundException"):
        split(kinesis, name, "shardId-000000000009")


@documented("API_SplitShard")
def test_an_on_demand_stream_is_not_split(kinesis: Client, stream: MakeStream) -> None:
    """SplitShard is for provisioned streams."""
    name = stream(None, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    with refused("ValidationException"):
        split(kinesis, name)


@pytest.mark.parametrize(("before", "after"), [(2, 4), (4, 2), (3, 5), (2, 2)])
@documented("API_UpdateShardCount")
def test_scaling_gives_shards_of_one_size(
    kinesis: Client, stream: MakeStream, before: int, after: int
) -> None:
    """UpdateShardCount ends with the target's number of open shards, of one size."""
    name = stream(before)
    kinesis.update_shard_count(StreamName=name, TargetShardCount=after, ScalingType="UNIFORM_SCALING")
    assert settle(kinesis, name)["OpenShardCount"] == after
    sizes = [
        int(each["HashKeyRange"]["EndingHashKey"]) - int(each["HashKeyRange"]["StartingHashKey"])
        for each in open_shards(kinesis, name)
    ]
    assert len(sizes) == after
    assert max(sizes) - min(sizes) <= 2**128 // 10**6


@documented("API_UpdateShardCount")
def test_scaling_has_limits(kinesis: Client, stream: MakeStream) -> None:
    """UpdateShardCount goes at most to double and at least to half."""
    name = stream(2)
    for target in (5, 0):
        with refused("LimitExceededException", "InvalidArgumentException", "ValidationException"):
            kinesis.update_shard_count(
                StreamName=name, TargetShardCount=target, ScalingType="UNIFORM_SCALING"
            )


@documented("API_ListShards")
def test_shards_are_listed_in_pages(kinesis: Client, stream: MakeStream) -> None:
    """ListShards gives pages by MaxResults and NextToken."""
    name = stream(3)
    first = kinesis.list_shards(StreamName=name, MaxResults=2)
    second = kinesis.list_shards(NextToken=first["NextToken"], MaxResults=2)
    assert [ids(first["Shards"]), ids(second["Shards"])] == [["0", "1"], ["2"]]
    assert "NextToken" not in second


@documented("API_ListShards")
def test_a_next_token_stands_alone(kinesis: Client, stream: MakeStream) -> None:
    """NextToken with StreamName is an InvalidArgumentException."""
    name = stream(3)
    token = kinesis.list_shards(StreamName=name, MaxResults=1)["NextToken"]
    with refused("InvalidArgumentException"):
        kinesis.list_shards(StreamName=name, NextToken=token)


@documented("API_ListShards")
def test_shards_are_listed_behind_one(kinesis: Client, stream: MakeStream) -> None:
    """ExclusiveStartShardId leaves out what comes before."""
    assert ids(shards_of(kinesis, stream(3), ExclusiveStartShardId=FIRST)) == ["1", "2"]


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        pytest.param({"Type": "AT_LATEST"}, ["1", "2"], id="AT_LATEST"),
        pytest.param({"Type": "FROM_TRIM_HORIZON"}, ["0", "1", "2"], id="FROM_TRIM_HORIZON"),
        pytest.param({"Type": "AT_TRIM_HORIZON"}, ["0"], id="AT_TRIM_HORIZON"),
        pytest.param({"Type": "AFTER_SHARD_ID", "ShardId": FIRST}, ["1", "2"], id="AFTER_SHARD_ID"),
    ],
)
@documented("API_ShardFilter")
def test_a_shard_filter_filters(
    kinesis: Client, stream: MakeStream, chosen: dict[str, str], expected: list[str]
) -> None:
    """Each ShardFilter gives the shards that its page says."""
    name = stream()
    split(kinesis, name)
    assert ids(shards_of(kinesis, name, ShardFilter=chosen)) == expected


@documented("API_ShardFilter")
def test_a_shard_filter_takes_a_time(kinesis: Client, stream: MakeStream) -> None:
    """AT_TIMESTAMP gives the shards open then, FROM_TIMESTAMP those and later ones."""
    name = stream()
    split(kinesis, name)
    now = datetime.now(UTC)
    at = {"Type": "AT_TIMESTAMP", "Timestamp": now}
    assert ids(shards_of(kinesis, name, ShardFilter=at)) == ["1", "2"]
    since = {"Type": "FROM_TIMESTAMP", "Timestamp": now - timedelta(minutes=1)}
    assert ids(shards_of(kinesis, name, ShardFilter=since)) == ["0", "1", "2"]


@documented("API_ListShards")
def test_shards_of_an_unknown_stream(kinesis: Client) -> None:
    """An unknown stream's shards are a ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        shards_of(kinesis, "no-such-stream")
