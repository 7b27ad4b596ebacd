"""What each operation's request may hold: names, types and limits, as in the API's model.

`tests/unit/localstack/providers/kinesis/test_shapes.py` holds this table against botocore's current model, so
it cannot drift.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """A string: its length, its pattern, or the values it may have."""

    least: int | None = None
    most: int | None = None
    pattern: str | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Number:
    """An integer and its bounds."""

    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A boolean."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Blob:
    """Bytes, in base64."""

    most: int


@dataclass(frozen=True, slots=True)
class Many:
    """A list."""

    of: "Shape"
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Pairs:
    """A map from text to text."""

    key: Text
    value: Text
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Fields:
    """A structure; names in `required` must be there."""

    members: Mapping[str, "Shape"]
    required: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A member of AWS's model that this engine refuses by name."""


type Shape = Text | Number | Flag | Moment | Blob | Many | Pairs | Fields | Unsupported

_NAME = Text(1, 128, r"[a-zA-Z0-9_.-]+")
_STREAM_ARN = Text(1, 2048, r"arn:aws.*:kinesis:.*:\d{12}:stream/\S+")
_CONSUMER_ARN = Text(
    1,
    2048,
    r"^(arn):aws.*:kinesis:.*:\d{12}:.*stream\/[a-zA-Z0-9_.-]+\/consumer\/[a-zA-Z0-9_.-]+:[0-9]+",
)
_RESOURCE_ARN = Text(1, 2048, r"arn:aws.*:kinesis:.*:\d{12}:.*(stream|channel|queue)/\S+")
_HASH_KEY = Text(pattern=r"^(0|([1-9]\d{0,38}))$")
_SEQUENCE_NUMBER = Text(pattern=r"^(0|([1-9]\d{0,128}))$")
_PARTITION_KEY = Text(1, 256)
_NEXT_TOKEN = Text(1, 1_048_576)
_RETENTION = Number()
_SHARD_ID = _NAME
_BLOB = Blob(10_485_760)
_TAGS = Pairs(Text(1, 128), Text(0, 256), 1, 200)
_TAG_KEYS = Many(Text(1, 128), 1, 50)
_RECORD_KIB = Number(1024, 10_240)
_MODE = Fields({"StreamMode": Text(choices=("PROVISIONED", "ON_DEMAND"))}, frozenset({"StreamMode"}))
_DISTRIBUTION = Text(choices=("AUTO", "USER_PARTITION_KEY"))
_ENCRYPTION = Text(choices=("NONE", "KMS"))
METRICS = (
    "IncomingBytes",
    "IncomingRecords",
    "OutgoingBytes",
    "OutgoingRecords",
    "WriteProvisionedThroughputExceeded",
    "ReadProvisionedThroughputExceeded",
    "IteratorAgeMilliseconds",
)
"""Of a shard; ALL stands for them."""
_METRICS = Many(Text(choices=(*METRICS, "ALL")), 1, len(METRICS))
_POSITIONS = ("AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON", "LATEST", "AT_TIMESTAMP")
_SHARD_FILTERS = (
    "AFTER_SHARD_ID",
    "AT_TRIM_HORIZON",
    "FROM_TRIM_HORIZON",
    "AT_LATEST",
    "AT_TIMESTAMP",
    "FROM_TIMESTAMP",
)
_ENTRY = Fields(
    {"Data": _BLOB, "ExplicitHashKey": _HASH_KEY, "PartitionKey": _PARTITION_KEY},
    frozenset({"Data"}),  # a stream that is not AUTO asks for a key too
)
_FILTER = Fields(
    {"Type": Text(choices=_SHARD_FILTERS), "ShardId": _SHARD_ID, "Timestamp": Moment()}, frozenset({"Type"})
)
_STARTING_POSITION = Fields(
    {"Type": Text(choices=_POSITIONS), "SequenceNumber": _SEQUENCE_NUMBER, "Timestamp": Moment()},
    frozenset({"Type"}),
)
_COMMITMENT = Fields({"Status": Text(choices=("ENABLED", "DISABLED"))}, frozenset({"Status"}))

_BY_ARN: dict[str, Shape] = {"StreamARN": _STREAM_ARN, "StreamId": Unsupported()}
_STREAM: dict[str, Shape] = {"StreamName": _NAME, **_BY_ARN}
_CONSUMER: dict[str, Shape] = {
    "StreamARN": _STREAM_ARN,
    "ConsumerName": _NAME,
    "ConsumerARN": _CONSUMER_ARN,
    "StreamId": Unsupported(),
}
_RESOURCE: dict[str, Shape] = {"ResourceARN": _RESOURCE_ARN, "StreamId": Unsupported()}


def _request(members: Mapping[str, Shape], *required: str) -> Fields:
    return Fields(members, frozenset(required))


OPERATIONS: dict[str, Fields] = {
    "AddTagsToStream": _request({**_STREAM, "Tags": _TAGS}, "Tags"),
    "CreateStream": _request(
        {
            "StreamName": _NAME,
            "ShardCount": Number(1),
            "StreamModeDetails": _MODE,
            "Tags": _TAGS,
            "WarmThroughputMiBps": Unsupported(),
            "MaxRecordSizeInKiB": _RECORD_KIB,
            "RecordDistributionStrategy": _DISTRIBUTION,
        },
        "StreamName",
    ),
    "DecreaseStreamRetentionPeriod": _request(
        {**_STREAM, "RetentionPeriodHours": _RETENTION}, "RetentionPeriodHours"
    ),
    "DeleteResourcePolicy": _request(_RESOURCE, "ResourceARN"),
    "DeleteStream": _request({**_STREAM, "EnforceConsumerDeletion": Flag()}),
    "DeregisterStreamConsumer": _request(_CONSUMER),
    "DescribeAccountSettings": _request({}),
    "DescribeLimits": _request({}),
    "DescribeStream": _request({**_STREAM, "Limit": Number(1, 10_000), "ExclusiveStartShardId": _SHARD_ID}),
    "DescribeStreamConsumer": _request(_CONSUMER),
    "DescribeStreamSummary": _request(_STREAM),
    "DisableEnhancedMonitoring": _request({**_STREAM, "ShardLevelMetrics": _METRICS}, "ShardLevelMetrics"),
    "EnableEnhancedMonitoring": _request({**_STREAM, "ShardLevelMetrics": _METRICS}, "ShardLevelMetrics"),
    "GetRecords": _request(
        {
            "ShardIterator": Text(1, 512),
            "Limit": Number(1, 10_000),
            "DryRun": Unsupported(),
            **_BY_ARN,
        },
        "ShardIterator",
    ),
    "GetResourcePolicy": _request(_RESOURCE, "ResourceARN"),
    "GetShardIterator": _request(
        {
            **_STREAM,
            "ShardId": _SHARD_ID,
            "ShardIteratorType": Text(choices=_POSITIONS),
            "StartingSequenceNumber": _SEQUENCE_NUMBER,
            "Timestamp": Moment(),
            "DryRun": Unsupported(),
        },
        "ShardId",
        "ShardIteratorType",
    ),
    "IncreaseStreamRetentionPeriod": _request(
        {**_STREAM, "RetentionPeriodHours": _RETENTION}, "RetentionPeriodHours"
    ),
    "ListShards": _request(
        {
            **_STREAM,
            "NextToken": _NEXT_TOKEN,
            "ExclusiveStartShardId": _SHARD_ID,
            "MaxResults": Number(1, 10_000),
            "StreamCreationTimestamp": Moment(),
            "ShardFilter": _FILTER,
        }
    ),
    "ListStreamConsumers": _request(
        {
            **_BY_ARN,
            "NextToken": _NEXT_TOKEN,
            "MaxResults": Number(1, 10_000),
            "StreamCreationTimestamp": Moment(),
        },
        "StreamARN",
    ),
    "ListStreams": _request(
        {"Limit": Number(1, 10_000), "ExclusiveStartStreamName": _NAME, "NextToken": _NEXT_TOKEN}
    ),
    "ListTagsForResource": _request(_RESOURCE, "ResourceARN"),
    "ListTagsForStream": _request({**_STREAM, "ExclusiveStartTagKey": Text(1, 128), "Limit": Number(1, 50)}),
    "MergeShards": _request(
        {**_STREAM, "ShardToMerge": _SHARD_ID, "AdjacentShardToMerge": _SHARD_ID},
        "ShardToMerge",
        "AdjacentShardToMerge",
    ),
    "PutRecord": _request(
        {
            **_STREAM,
            "Data": _BLOB,
            "PartitionKey": _PARTITION_KEY,
            "ExplicitHashKey": _HASH_KEY,
            "SequenceNumberForOrdering": _SEQUENCE_NUMBER,
            "DryRun": Unsupported(),
        },
        "Data",
    ),
    "PutRecords": _request({**_STREAM, "Records": Many(_ENTRY, 1, 500), "DryRun": Unsupported()}, "Records"),
    "PutResourcePolicy": _request({**_RESOURCE, "Policy": Text()}, "ResourceARN", "Policy"),
    "RegisterStreamConsumer": _request(
        {**_BY_ARN, "ConsumerName": _NAME, "Tags": _TAGS}, "StreamARN", "ConsumerName"
    ),
    "RemoveTagsFromStream": _request({**_STREAM, "TagKeys": _TAG_KEYS}, "TagKeys"),
    "SplitShard": _request(
        {**_STREAM, "ShardToSplit": _SHARD_ID, "NewStartingHashKey": _HASH_KEY},
        "ShardToSplit",
        "NewStartingHashKey",
    ),
    "StartStreamEncryption": _request(
        {**_STREAM, "EncryptionType": _ENCRYPTION, "KeyId": Text(1, 2048)}, "EncryptionType", "KeyId"
    ),
    "StopStreamEncryption": _request(
        {**_STREAM, "EncryptionType": _ENCRYPTION, "KeyId": Text(1, 2048)}, "EncryptionType", "KeyId"
    ),
    "SubscribeToShard": _request(
        {
            "ConsumerARN": _CONSUMER_ARN,
            "StreamId": Unsupported(),
            "ShardId": _SHARD_ID,
            "StartingPosition": _STARTING_POSITION,
            "DryRun": Unsupported(),
        },
        "ConsumerARN",
        "ShardId",
        "StartingPosition",
    ),
    "TagResource": _request({**_RESOURCE, "Tags": _TAGS}, "Tags", "ResourceARN"),
    "UntagResource": _request({**_RESOURCE, "TagKeys": _TAG_KEYS}, "TagKeys", "ResourceARN"),
    "UpdateAccountSettings": _request(
        {"MinimumThroughputBillingCommitment": _COMMITMENT}, "MinimumThroughputBillingCommitment"
    ),
    "UpdateMaxRecordSize": _request({**_BY_ARN, "MaxRecordSizeInKiB": _RECORD_KIB}, "MaxRecordSizeInKiB"),
    "UpdateShardCount": _request(
        {**_STREAM, "TargetShardCount": Number(1), "ScalingType": Text(choices=("UNIFORM_SCALING",))},
        "TargetShardCount",
        "ScalingType",
    ),
    "UpdateStreamMode": _request(
        {**_BY_ARN, "StreamModeDetails": _MODE, "WarmThroughputMiBps": Unsupported()},
        "StreamARN",
        "StreamModeDetails",
    ),
    "UpdateStreamRecordDistributionStrategy": _request(
        {**_BY_ARN, "RecordDistributionStrategy": _DISTRIBUTION}, "StreamARN", "RecordDistributionStrategy"
    ),
}

REFUSED = frozenset(
    {
        "UpdateStreamWarmThroughput",
        # Channels and queues are services of their own beside the stream.
        "AcknowledgeDeadLetterQueueRecords",
        "AcknowledgeQueueRecords",
        "CreateChannel",
        "CreateQueue",
        "DeleteChannel",
        "DeleteQueue",
        "DescribeChannel",
        "DescribeQueue",
        "ListChannels",
        "ListQueues",
        "ReceiveDeadLetterQueueRecords",
        "ReceiveQueueRecords",
        "RestoreDeadLetterQueueRecords",
        "UpdateChannel",
        "UpdateDeadLetterQueueRecordsVisibility",
        "UpdateQueue",
        "UpdateQueueRecordsVisibility",
    }
)
