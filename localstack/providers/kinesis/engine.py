"""Kinesis Data Streams: every operation takes the JSON of a request and gives the JSON of its answer."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson

from localstack.providers.kinesis.errors import KinesisError, unsupported
from localstack.providers.kinesis.operations import (
    account,
    consumers,
    puts,
    reads,
    resource_policies,
    shards,
    streams,
    tags,
)
from localstack.providers.kinesis.shapes import REFUSED
from localstack.providers.kinesis.validation import validate
from localstack.providers.kinesis.world import Answer, Caller, Request, World

type Operation = Callable[[World, Caller, Request], Answer]

_UNDER_LOCK: dict[str, Operation] = {
    "AddTagsToStream": tags.add_tags,
    "CreateStream": streams.create_stream,
    "DecreaseStreamRetentionPeriod": streams.decrease_retention,
    "DeleteResourcePolicy": resource_policies.delete_policy,
    "DeleteStream": streams.delete_stream,
    "DeregisterStreamConsumer": consumers.deregister,
    "DescribeAccountSettings": account.describe_settings,
    "DescribeLimits": account.describe_limits,
    "DescribeStream": streams.describe_stream,
    "DescribeStreamConsumer": consumers.describe,
    "DescribeStreamSummary": streams.describe_stream_summary,
    "DisableEnhancedMonitoring": streams.disable_monitoring,
    "EnableEnhancedMonitoring": streams.enable_monitoring,
    "GetResourcePolicy": resource_policies.get_policy,
    "IncreaseStreamRetentionPeriod": streams.increase_retention,
    "ListShards": shards.list_shards,
    "ListStreamConsumers": consumers.list_consumers,
    "ListStreams": streams.list_streams,
    "ListTagsForResource": tags.list_resource_tags,
    "ListTagsForStream": tags.list_tags,
    "MergeShards": shards.merge_shards,
    "PutResourcePolicy": resource_policies.put_policy,
    "RegisterStreamConsumer": consumers.register,
    "RemoveTagsFromStream": tags.remove_tags,
    "SplitShard": shards.split_shard,
    "StartStreamEncryption": streams.start_encryption,
    "StopStreamEncryption": streams.stop_encryption,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateAccountSettings": account.update_settings,
    "UpdateMaxRecordSize": streams.update_max_record_size,
    "UpdateShardCount": shards.update_shard_count,
    "UpdateStreamMode": streams.update_mode,
    "UpdateStreamRecordDistributionStrategy": streams.update_distribution,
}
# A put checks its records as it reads them; the shapes are asked only for why one failed.
_PUTS = {"PutRecord": puts.put_record, "PutRecords": puts.put_records}
_PUT_MEMBERS = {
    "PutRecord": {
        "StreamName",
        "StreamARN",
        "Data",
        "PartitionKey",
        "ExplicitHashKey",
        "SequenceNumberForOrdering",
    },
    "PutRecords": {"StreamName", "StreamARN", "Records"},
}

_READS = {"GetRecords", "GetShardIterator"}

SUBSCRIBE = "SubscribeToShard"
OPERATIONS = frozenset({*_UNDER_LOCK, *_PUTS, *_READS, SUBSCRIBE})


class Engine:
    """Kinesis in one folder.

    **Delivery**: what was acknowledged was written before, and is read in the order of its shard.
    **On failure**: a kill of the process loses nothing that was acknowledged; a power cut may, without
    `fsync`.
    """

    def __init__(self, folder: Path, *, fsync: bool = False, **world: Any) -> None:
        """Open what lies in `folder`; `world` holds a clock and a sleep for tests."""
        self.world = World(folder, fsync=fsync, **world)

    def call(self, operation: str, request: Any, caller: Caller) -> bytes:
        """Answer one request.

        Args:
            operation: As in X-Amz-Target.
            request: Decoded JSON: blobs are base64, times seconds since 1970.
            caller: Account and region.

        Returns:
            The answer's JSON; empty for operations that answer nothing.

        Raises:
            KinesisError: As the operation's page says; UnknownOperationException,
                UnsupportedOperationException.
        """
        if operation in _PUTS:
            answer = self._put(operation, request, caller)
        elif operation == "GetRecords":
            answer = reads.get_records(self.world, caller, _checked(operation, request))
        elif operation == "GetShardIterator":
            answer = orjson.dumps(reads.get_shard_iterator(self.world, caller, _checked(operation, request)))
        else:
            answer = self._change(operation, request, caller)
        if operation not in _READS:
            self.world.disk.commit()
        return answer

    def subscribe(self, request: Any, caller: Caller) -> Iterator[Answer]:
        """Answer SubscribeToShard: events, each a SubscribeToShardEvent.

        Raises:
            KinesisError: As the operation's page says.
        """
        return consumers.subscribe(self.world, caller, _checked(SUBSCRIBE, request))

    def _put(self, operation: str, request: Any, caller: Caller) -> bytes:
        try:
            if request.keys() <= _PUT_MEMBERS[operation]:
                return _PUTS[operation](self.world, caller, request)
        except (KinesisError, AttributeError, KeyError, TypeError, ValueError):
            validate(operation, request)
            raise
        return _PUTS[operation](self.world, caller, _checked(operation, request))

    def _change(self, operation: str, request: Any, caller: Caller) -> bytes:
        if operation in REFUSED:
            raise unsupported(operation)
        if operation not in _UNDER_LOCK:
            raise KinesisError("UnknownOperationException", f"Kinesis has no operation {operation}.")
        checked = _checked(operation, request)
        with self.world.changed:
            answer = _UNDER_LOCK[operation](self.world, caller, checked)
        return orjson.dumps(answer) if answer else b""


def _checked(operation: str, request: Any) -> Request:
    validate(operation, request)
    return {name: value for name, value in request.items() if value is not None}
