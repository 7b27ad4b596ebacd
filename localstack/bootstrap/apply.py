"""Applies the desired resources: what is missing is made, what is there stays, a second run does nothing."""

from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Literal

import localstack_client.session
import yaml

from runtime.settings import Settings


class ResourceDiffersError(Exception):
    """A resource is there, and is not as it is desired."""

    def __init__(self, resource: str, wanted: str, found: str) -> None:
        """Keep what is wanted and what is there."""
        super().__init__(resource, wanted, found)
        self.resource = resource
        self.wanted = wanted
        self.found = found

    def __str__(self) -> str:
        """Say both, and what to do."""
        return (
            f"{self.resource} is there with {self.found} and is to have {self.wanted}; "
            "it is left as it is: delete it, or change localstack/bootstrap/resources.yml"
        )


@dataclass(frozen=True, slots=True)
class Change:
    """What was done about one resource."""

    resource: str
    action: Literal["created", "tagged", "unchanged"]


def apply(settings: Settings) -> list[Change]:
    """Make the local cloud hold what resources.yml says, and return what was done about each resource.

    Raises:
        ResourceDiffersError: A resource is there with other properties.
    """
    text = files("localstack.bootstrap").joinpath("resources.yml").read_text(encoding="utf-8")
    desired = yaml.safe_load(text)
    names = {"LAKE": settings.lake, "CHECKPOINTS": settings.checkpoints}
    tags: dict[str, str] = desired["tags"]
    session: Any = localstack_client.session.Session()
    kinesis, s3, dynamodb = (session.client(service) for service in ("kinesis", "s3", "dynamodb"))
    changes = [_stream(kinesis, each["name"], each["shards"], tags) for each in desired["streams"]]
    changes += [_bucket(s3, names[each["name"]], settings.region, tags) for each in desired["buckets"]]
    changes += [
        _table(dynamodb, names[each["name"]], (each["hash_key"], each["range_key"]), tags)
        for each in desired["tables"]
    ]
    for each in desired["streams"]:
        kinesis.get_waiter("stream_exists").wait(StreamName=each["name"], WaiterConfig={"Delay": 1})
    return changes


def _stream(kinesis: Any, name: str, shards: int, tags: dict[str, str]) -> Change:
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
    if _missing(tags, found):
        kinesis.add_tags_to_stream(StreamName=name, Tags=tags)
        return Change(resource, "tagged")
    return Change(resource, "unchanged")


def _bucket(s3: Any, name: str, region: str, tags: dict[str, str]) -> Change:
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
    if _missing(tags, found):
        s3.put_bucket_tagging(Bucket=name, Tagging=tag_set)
        return Change(resource, "tagged")
    return Change(resource, "unchanged")


def _table(dynamodb: Any, name: str, keys: tuple[str, str], tags: dict[str, str]) -> Change:
    resource = f"table {name}"
    schema = [
        {"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"), strict=True)
    ]
    try:
        table = dynamodb.describe_table(TableName=name)["Table"]
    except dynamodb.exceptions.ResourceNotFoundException:
        dynamodb.create_table(
            TableName=name,
            KeySchema=schema,
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            BillingMode="PAY_PER_REQUEST",
            Tags=_as_list(tags),
        )
        dynamodb.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
        return Change(resource, "created")
    if table["KeySchema"] != schema:
        found_keys = ", ".join(key["AttributeName"] for key in table["KeySchema"])
        raise ResourceDiffersError(resource, f"keys {', '.join(keys)}", f"keys {found_keys}")
    found = dynamodb.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
    if _missing(tags, found):
        dynamodb.tag_resource(ResourceArn=table["TableArn"], Tags=_as_list(tags))
        return Change(resource, "tagged")
    return Change(resource, "unchanged")


def _as_list(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def _missing(tags: dict[str, str], found: list[dict[str, str]]) -> bool:
    return not tags.items() <= {tag["Key"]: tag["Value"] for tag in found}.items()
