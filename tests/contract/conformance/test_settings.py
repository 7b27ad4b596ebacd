"""What can be set of a stream: tags, retention, encryption, monitoring, policies."""

import json

import pytest

from tests.support.documented import Client, MakeStream, arn_of, documented, refused, settle


@documented("API_AddTagsToStream")
def test_tags_are_added_replaced_and_removed(kinesis: Client, stream: MakeStream) -> None:
    """Tags are added, replaced by key, and removed."""
    name = stream()
    kinesis.add_tags_to_stream(StreamName=name, Tags={"a": "1", "b": "2"})
    kinesis.add_tags_to_stream(StreamName=name, Tags={"b": "3"})
    kinesis.remove_tags_from_stream(StreamName=name, TagKeys=["a", "none"])
    assert kinesis.list_tags_for_stream(StreamName=name)["Tags"] == [{"Key": "b", "Value": "3"}]


@documented("API_ListTagsForStream")
def test_tags_are_listed_in_pages(kinesis: Client, stream: MakeStream) -> None:
    """ListTagsForStream gives pages by Limit and ExclusiveStartTagKey."""
    name = stream()
    kinesis.add_tags_to_stream(StreamName=name, Tags={"a": "1", "b": "2", "c": "3"})
    first = kinesis.list_tags_for_stream(StreamName=name, Limit=2)
    rest = kinesis.list_tags_for_stream(StreamName=name, ExclusiveStartTagKey="b")
    assert ([each["Key"] for each in first["Tags"]], first["HasMoreTags"]) == (["a", "b"], True)
    assert ([each["Key"] for each in rest["Tags"]], rest["HasMoreTags"]) == (["c"], False)


@documented("API_AddTagsToStream")
def test_a_stream_has_fifty_tags(kinesis: Client, stream: MakeStream) -> None:
    """A stream has at most 50 tags."""
    name = stream()
    kinesis.add_tags_to_stream(StreamName=name, Tags={f"k{each}": "v" for each in range(50)})
    with refused("InvalidArgumentException", "LimitExceededException", "ValidationException"):
        kinesis.add_tags_to_stream(StreamName=name, Tags={"one more": "v"})


@documented("API_TagResource")
def test_resources_are_tagged_by_arn(kinesis: Client, stream: MakeStream) -> None:
    """TagResource, UntagResource and ListTagsForResource work on a stream and on a consumer."""
    arn = arn_of(kinesis, stream())
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]["ConsumerARN"]
    for resource in (arn, consumer):
        kinesis.tag_resource(ResourceARN=resource, Tags={"a": "1", "b": "2"})
        kinesis.untag_resource(ResourceARN=resource, TagKeys=["a"])
        assert kinesis.list_tags_for_resource(ResourceARN=resource)["Tags"] == [{"Key": "b", "Value": "2"}]


@documented("API_IncreaseStreamRetentionPeriod")
def test_retention_goes_up_and_down(kinesis: Client, stream: MakeStream) -> None:
    """Retention is raised and lowered, each by its own operation."""
    name = stream()
    kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=168)
    assert settle(kinesis, name)["RetentionPeriodHours"] == 168
    kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=24)
    assert settle(kinesis, name)["RetentionPeriodHours"] == 24


@pytest.mark.parametrize("hours", [23, 0, -1, 8761])
@documented("API_IncreaseStreamRetentionPeriod")
def test_retention_has_limits(kinesis: Client, stream: MakeStream, hours: int) -> None:
    """Retention is from 24 to 8,760 hours."""
    name = stream()
    with refused("InvalidArgumentException", "ValidationException"):
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)


@documented("API_DecreaseStreamRetentionPeriod")
def test_each_operation_goes_its_own_way(kinesis: Client, stream: MakeStream) -> None:
    """Neither Increase lowers retention nor Decrease raises it."""
    name = stream()
    kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=48)
    with refused("InvalidArgumentException"):
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=24)
    with refused("InvalidArgumentException"):
        kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=72)


@documented("API_EnableEnhancedMonitoring")
def test_monitoring_says_before_and_after(kinesis: Client, stream: MakeStream) -> None:
    """Enhanced monitoring answers with current and desired metrics, and the stream shows them."""
    name = stream()
    first = kinesis.enable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=["IncomingBytes"])
    assert (first["CurrentShardLevelMetrics"], first["DesiredShardLevelMetrics"]) == ([], ["IncomingBytes"])
    kinesis.enable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=["OutgoingBytes"])
    second = kinesis.disable_enhanced_monitoring(StreamName=name, ShardLevelMetrics=["IncomingBytes"])
    assert sorted(second["CurrentShardLevelMetrics"]) == ["IncomingBytes", "OutgoingBytes"]
    assert second["DesiredShardLevelMetrics"] == ["OutgoingBytes"]
    assert settle(kinesis, name)["EnhancedMonitoring"] == [{"ShardLevelMetrics": ["OutgoingBytes"]}]


@documented("API_EnableEnhancedMonitoring")
def test_all_metrics_are_seven(kinesis: Client, stream: MakeStream) -> None:
    """ALL stands for the seven metrics of a shard."""
    answer = kinesis.enable_enhanced_monitoring(StreamName=stream(), ShardLevelMetrics=["ALL"])
    assert len(set(answer["DesiredShardLevelMetrics"]) - {"ALL"}) == 7


@documented("API_PutResourcePolicy")
def test_a_policy_is_put_shown_and_deleted(kinesis: Client, stream: MakeStream) -> None:
    """A resource policy comes back as it was put, until it is deleted."""
    arn = arn_of(kinesis, stream())
    statement = {
        "Effect": "Allow",
        "Principal": {"AWS": "111111111111"},
        "Action": ["kinesis:PutRecord"],
        "Resource": arn,
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kinesis.put_resource_policy(ResourceARN=arn, Policy=policy)
    assert json.loads(kinesis.get_resource_policy(ResourceARN=arn)["Policy"]) == json.loads(policy)
    kinesis.delete_resource_policy(ResourceARN=arn)


@documented("API_StartStreamEncryption")
def test_encryption_is_kms(kinesis: Client, stream: MakeStream) -> None:
    """An EncryptionType that there is not is refused."""
    name = stream()
    with refused("ValidationException", "InvalidArgumentException"):
        kinesis.start_stream_encryption(StreamName=name, EncryptionType="ROT13", KeyId="alias/aws/kinesis")
