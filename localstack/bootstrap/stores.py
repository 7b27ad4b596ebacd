"""Streams, buckets, tables and queues: made where they are missing, tagged where their tags are."""

from collections.abc import Sequence
from typing import Any

from localstack.bootstrap.change import Change, ResourceDiffersError


def stream(kinesis: Any, name: str, shards: int, tags: dict[str, str]) -> Change:
    """Make a Kinesis stream.

    Raises:
        ResourceDiffersError: It is there with another number of shards.
    """
    resource = f"stream {name}"
    try:
        summary = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]
    except kinesis.exceptions.ResourceNotFoundException:
        kinesis.create_stream(StreamName=name, ShardCount=shards)
        kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})
        kinesis.add_tags_to_stream(StreamName=name, Tags=tags)
        return Change(resource, "created")
    if summary["OpenShardCount"] != shards:
        raise ResourceDiffersError(resource, f"{shards} shards", f"{summary['OpenShardCount']}")
    found = kinesis.list_tags_for_stream(StreamName=name)["Tags"]
    if _missing(tags, _as_dict(found)):
        kinesis.add_tags_to_stream(StreamName=name, Tags=tags)
        return Change(resource, "tagged")
    return Change(resource, "unchanged")


def bucket(s3: Any, name: str, region: str, tags: dict[str, str]) -> Change:
    """Make an S3 bucket."""
    resource = f"bucket {name}"
    tag_set = {"TagSet": _as_list(tags)}
    try:
        s3.head_bucket(Bucket=name)
    except s3.exceptions.ClientError:
        elsewhere = {"CreateBucketConfiguration": {"LocationConstraint": region}}
        s3.create_bucket(Bucket=name, **({} if region == "us-east-1" else elsewhere))
        s3.put_bucket_tagging(Bucket=name, Tagging=tag_set)
        return Change(resource, "created")
    try:
        found = s3.get_bucket_tagging(Bucket=name)["TagSet"]
    except s3.exceptions.ClientError:
        found = []
    if _missing(tags, _as_dict(found)):
        s3.put_bucket_tagging(Bucket=name, Tagging=tag_set)
        return Change(resource, "tagged")
    return Change(resource, "unchanged")


def table(dynamodb: Any, name: str, desired: dict[str, Any], tags: dict[str, str]) -> Change:
    """Make a DynamoDB table.

    Args:
        dynamodb: A client.
        name: The table's.
        desired: `keys`, one or two names of texts; `stream`, its view type; `ttl`, its attribute.
        tags: The table's.

    Raises:
        ResourceDiffersError: It is there with other keys, or its stream shows another view, or it
            expires by another attribute.
    """
    resource = f"table {name}"
    schema = _schema(desired["keys"])
    streams = {"StreamEnabled": True, "StreamViewType": desired["stream"]} if "stream" in desired else None
    try:
        there = dynamodb.describe_table(TableName=name)["Table"]
    except dynamodb.exceptions.ResourceNotFoundException:
        dynamodb.create_table(
            TableName=name,
            KeySchema=schema,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in desired["keys"]],
            BillingMode="PAY_PER_REQUEST",
            Tags=_as_list(tags),
            **({"StreamSpecification": streams} if streams else {}),
        )
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        _expire(dynamodb, name, desired)
        return Change(resource, "created")
    if there["KeySchema"] != schema:
        found_keys = ", ".join(key["AttributeName"] for key in there["KeySchema"])
        raise ResourceDiffersError(resource, f"keys {', '.join(desired['keys'])}", f"keys {found_keys}")
    there_streams = there.get("StreamSpecification")
    if streams and there_streams and there_streams != streams:
        view = there_streams["StreamViewType"]
        raise ResourceDiffersError(resource, f"a stream of {desired['stream']}", f"one of {view}")
    is_streaming = not streams or bool(there_streams)
    if not is_streaming:
        dynamodb.update_table(TableName=name, StreamSpecification=streams)
    if _expire(dynamodb, name, desired) or not is_streaming:
        return Change(resource, "updated")
    found = dynamodb.list_tags_of_resource(ResourceArn=there["TableArn"])["Tags"]
    if _missing(tags, _as_dict(found)):
        dynamodb.tag_resource(ResourceArn=there["TableArn"], Tags=_as_list(tags))
        return Change(resource, "tagged")
    return Change(resource, "unchanged")


def _expire(dynamodb: Any, name: str, desired: dict[str, Any]) -> bool:
    """Enable a table's time to live, if it is to have one and has none; return whether that was so.

    Raises:
        ResourceDiffersError: It has one by another attribute.
    """
    if "ttl" not in desired:
        return False
    there = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    if there["TimeToLiveStatus"] == "ENABLED":
        if (found := there["AttributeName"]) != desired["ttl"]:
            resource = f"table {name}"
            raise ResourceDiffersError(resource, f"expiry by {desired['ttl']}", f"expiry by {found}")
        return False
    ttl = {"Enabled": True, "AttributeName": desired["ttl"]}
    dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)
    return True


def queue(sqs: Any, name: str, tags: dict[str, str]) -> Change:
    """Make an SQS queue, which keeps its messages for 14 days."""
    resource = f"queue {name}"
    try:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        kept = {"MessageRetentionPeriod": str(14 * 24 * 3600)}
        sqs.create_queue(QueueName=name, Attributes=kept, tags=tags)
        return Change(resource, "created")
    if _missing(tags, sqs.list_queue_tags(QueueUrl=url).get("Tags", {})):
        sqs.tag_queue(QueueUrl=url, Tags=tags)
        return Change(resource, "tagged")
    return Change(resource, "unchanged")


def _schema(keys: Sequence[str]) -> list[dict[str, str]]:
    return [
        {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=False)
    ]


def _as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _as_dict(tags: list[dict[str, str]]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _missing(tags: dict[str, str], found: dict[str, str]) -> bool:
    return not tags.items() <= found.items()
