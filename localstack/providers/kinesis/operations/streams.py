"""Streams: made, described, listed, changed and deleted."""

from typing import Any

from localstack.providers.kinesis import paging
from localstack.providers.kinesis.errors import in_use, invalid, not_valid
from localstack.providers.kinesis.operations.account import admit_on_demand, admit_shards
from localstack.providers.kinesis.shapes import METRICS
from localstack.providers.kinesis.stream import Settings, Stream
from localstack.providers.kinesis.world import Answer, Caller, Request, World

ON_DEMAND_SHARDS = 4
LEAST_HOURS, MOST_HOURS = 24, 8760
_PAGE = 100


def create_stream(world: World, caller: Caller, request: Request) -> Answer:
    """CreateStream; the stream is ACTIVE when it returns."""
    name = request["StreamName"]
    mode = request.get("StreamModeDetails", {}).get("StreamMode", "PROVISIONED")
    count = request.get("ShardCount")
    if world.has(caller, name):
        raise in_use(f"Stream {name} under account {caller.account} already exists.")
    if mode == "PROVISIONED" and count is None:
        raise invalid("ShardCount must be given for a stream in PROVISIONED mode.")
    if mode == "ON_DEMAND" and count is not None:
        raise invalid("ShardCount must not be given for a stream in ON_DEMAND mode.")
    distribution = request.get("RecordDistributionStrategy", "USER_PARTITION_KEY")
    if mode == "PROVISIONED" and distribution == "AUTO":
        raise invalid("RecordDistributionStrategy AUTO needs a stream in ON_DEMAND mode.")
    if mode == "ON_DEMAND":
        admit_on_demand(world, caller)
    else:
        admit_shards(world, caller, count or 0)
    stream = world.create(
        caller,
        name,
        Settings(mode=mode, distribution=distribution, record_kib=request.get("MaxRecordSizeInKiB", 1024)),
    )
    stream.set_tags(dict(request.get("Tags", {})))
    stream.create_shards(count or ON_DEMAND_SHARDS, stream.identity.created)
    world.save(stream)
    return {}


def delete_stream(world: World, caller: Caller, request: Request) -> Answer:
    """DeleteStream; the stream is gone when it returns."""
    stream = world.find(caller, request, "DeleteStream")
    if stream.consumers and not request.get("EnforceConsumerDeletion"):
        raise in_use(
            f"Stream {stream.identity.name} has {len(stream.consumers)} registered consumers; deregister "
            "them, or set EnforceConsumerDeletion."
        )
    world.delete(stream)
    return {}


def describe_stream(world: World, caller: Caller, request: Request) -> Answer:
    """DescribeStream."""
    stream = world.find(caller, request, "DescribeStream")
    stream.trim(world.now_millis())
    shards, has_more = paging.page(
        list(stream.shards.values()),
        min(request.get("Limit", _PAGE), _PAGE),
        request.get("ExclusiveStartShardId"),
        lambda shard: shard.id,
    )
    description = _description(stream) | {
        "Shards": [shard.describe() for shard in shards],
        "HasMoreShards": has_more,
    }
    return {"StreamDescription": description}


def describe_stream_summary(world: World, caller: Caller, request: Request) -> Answer:
    """DescribeStreamSummary."""
    stream = world.find(caller, request, "DescribeStreamSummary")
    summary = _description(stream) | {
        "OpenShardCount": len(stream.open_shards),
        "ConsumerCount": len(stream.consumers),
        "MaxRecordSizeInKiB": stream.settings.record_kib,
        "RecordDistributionStrategy": stream.settings.distribution,
    }
    return {"StreamDescriptionSummary": summary}


def list_streams(world: World, caller: Caller, request: Request) -> Answer:
    """ListStreams."""
    after = request.get("ExclusiveStartStreamName")
    if "NextToken" in request:
        after = paging.read_token("ListStreams", request["NextToken"], world.now()).get("after")
    streams, has_more = paging.page(
        world.streams_of(caller),
        min(request.get("Limit", _PAGE), _PAGE),
        after,
        lambda stream: stream.identity.name,
    )
    answer: Answer = {
        "StreamNames": [stream.identity.name for stream in streams],
        "StreamSummaries": [_summary(stream) for stream in streams],
        "HasMoreStreams": has_more,
    }
    if has_more:
        answer["NextToken"] = paging.token("ListStreams", {"after": streams[-1].identity.name}, world.now())
    return answer


def increase_retention(world: World, caller: Caller, request: Request) -> Answer:
    """IncreaseStreamRetentionPeriod."""
    stream = world.find(caller, request, "IncreaseStreamRetentionPeriod")
    hours = _retention(stream, request)
    if hours < stream.settings.retention_hours:
        raise invalid(
            f"Requested retention period ({hours} hours) for stream {stream.identity.name} can not be "
            f"shorter than existing retention period ({stream.settings.retention_hours} hours). Use "
            "DecreaseRetentionPeriod API."
        )
    # What is trimmed stays trimmed.
    stream.settings.trimmed_before_millis = stream.horizon(world.now_millis())
    stream.settings.retention_hours = hours
    world.save(stream)
    return {}


def decrease_retention(world: World, caller: Caller, request: Request) -> Answer:
    """DecreaseStreamRetentionPeriod; what is older is gone when it returns."""
    stream = world.find(caller, request, "DecreaseStreamRetentionPeriod")
    hours = _retention(stream, request)
    if hours > stream.settings.retention_hours:
        raise invalid(
            f"Requested retention period ({hours} hours) for stream {stream.identity.name} can not be longer "
            f"than existing retention period ({stream.settings.retention_hours} hours). Use "
            "IncreaseRetentionPeriod API."
        )
    stream.settings.retention_hours = hours
    world.save(stream)
    stream.trim(world.now_millis())
    return {}


def update_mode(world: World, caller: Caller, request: Request) -> Answer:
    """UpdateStreamMode."""
    stream = world.find(caller, request, "UpdateStreamMode")
    mode = request["StreamModeDetails"]["StreamMode"]
    if mode == stream.settings.mode:
        return {}
    if mode == "ON_DEMAND":
        admit_on_demand(world, caller)
    else:
        admit_shards(world, caller, len(stream.open_shards))
        stream.settings.distribution = "USER_PARTITION_KEY"
    stream.settings.mode = mode
    world.save(stream)
    return {}


def update_max_record_size(world: World, caller: Caller, request: Request) -> Answer:
    """UpdateMaxRecordSize."""
    stream = world.find(caller, request, "UpdateMaxRecordSize")
    stream.settings.record_kib = request["MaxRecordSizeInKiB"]
    world.save(stream)
    return {}


def update_distribution(world: World, caller: Caller, request: Request) -> Answer:
    """UpdateStreamRecordDistributionStrategy: AUTO ignores the keys of records, in ON_DEMAND mode."""
    stream = world.find(caller, request, "UpdateStreamRecordDistributionStrategy")
    strategy = request["RecordDistributionStrategy"]
    if strategy == "AUTO" and stream.settings.mode != "ON_DEMAND":
        raise invalid("RecordDistributionStrategy AUTO needs a stream in ON_DEMAND mode.")
    stream.settings.distribution = strategy
    world.save(stream)
    return {}


def start_encryption(world: World, caller: Caller, request: Request) -> Answer:
    """StartStreamEncryption: records put from now on say KMS; on disk they lie as they are."""
    stream = world.find(caller, request, "StartStreamEncryption")
    _check_kms(request)
    stream.settings.key_id = request["KeyId"]
    world.save(stream)
    return {}


def stop_encryption(world: World, caller: Caller, request: Request) -> Answer:
    """StopStreamEncryption."""
    stream = world.find(caller, request, "StopStreamEncryption")
    _check_kms(request)
    stream.settings.key_id = None
    world.save(stream)
    return {}


def enable_monitoring(world: World, caller: Caller, request: Request) -> Answer:
    """EnableEnhancedMonitoring: the setting is kept; no metrics are published."""
    stream = world.find(caller, request, "EnableEnhancedMonitoring")
    return _set_metrics(world, stream, set(stream.settings.metrics) | _metrics(request))


def disable_monitoring(world: World, caller: Caller, request: Request) -> Answer:
    """DisableEnhancedMonitoring."""
    stream = world.find(caller, request, "DisableEnhancedMonitoring")
    return _set_metrics(world, stream, set(stream.settings.metrics) - _metrics(request))


def _metrics(request: Request) -> set[str]:
    wanted = set(request["ShardLevelMetrics"])
    return set(METRICS) if "ALL" in wanted else wanted


def _set_metrics(world: World, stream: Stream, metrics: set[str]) -> Answer:
    before = stream.settings.metrics
    stream.settings.metrics = sorted(metrics)
    world.save(stream)
    return {
        "StreamName": stream.identity.name,
        "StreamARN": stream.arn,
        "CurrentShardLevelMetrics": before,
        "DesiredShardLevelMetrics": stream.settings.metrics,
    }


def _check_kms(request: Request) -> None:
    if request["EncryptionType"] != "KMS":
        raise not_valid("EncryptionType must be KMS.")


def _retention(stream: Stream, request: Request) -> int:
    hours: int = request["RetentionPeriodHours"]
    if not LEAST_HOURS <= hours <= MOST_HOURS:
        raise invalid(
            f"Retention period of {stream.identity.name} must be from {LEAST_HOURS} to {MOST_HOURS} hours; "
            f"got {hours}."
        )
    return hours


def _summary(stream: Stream) -> dict[str, Any]:
    return {
        "StreamName": stream.identity.name,
        "StreamARN": stream.arn,
        "StreamStatus": "ACTIVE",
        "StreamModeDetails": {"StreamMode": stream.settings.mode},
        "StreamCreationTimestamp": stream.identity.created / 1000,
    }


def _description(stream: Stream) -> dict[str, Any]:
    answer = _summary(stream) | {
        "RetentionPeriodHours": stream.settings.retention_hours,
        "EnhancedMonitoring": [{"ShardLevelMetrics": stream.settings.metrics}],
        "EncryptionType": stream.encryption,
    }
    if stream.settings.key_id:
        answer["KeyId"] = stream.settings.key_id
    return answer
