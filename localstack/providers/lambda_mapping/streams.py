"""LocalStack's pollers of Kinesis and DynamoDB streams: how each API is asked."""

import json
import logging
from typing import Any

import orjson
from botocore.exceptions import ClientError
from localstack.services.lambda_.event_source_mapping.pollers.dynamodb_poller import DynamoDBPoller
from localstack.services.lambda_.event_source_mapping.pollers.kinesis_poller import KinesisPoller

from localstack.providers.kinesis.plugin import engine
from localstack.providers.kinesis.world import Caller
from localstack.providers.lambda_mapping.mapping import Listed
from localstack.providers.lambda_mapping.poller import MappingPoller
from localstack.providers.lambda_mapping.reader import plain

_LOGGER = logging.getLogger(__name__)
_MOST_READ = 1000
"""More would only make the first batch wait."""


class KinesisMapping(MappingPoller, KinesisPoller):
    """Of a Kinesis stream."""

    def created(self) -> str:
        """See `MappingPoller`."""
        answer = self.source_client.describe_stream_summary(StreamARN=self.source_arn)
        return str(answer["StreamDescriptionSummary"]["StreamCreationTimestamp"].timestamp())

    def list_shards(self) -> list[Listed]:
        """See `MappingPoller`."""
        # LocalStack's client adds its own arguments to every method, so that it cannot make a paginator.
        answer = self.source_client.list_shards(StreamARN=self.source_arn)
        shards = answer["Shards"]
        while "NextToken" in answer:
            answer = self.source_client.list_shards(NextToken=answer["NextToken"])
            shards += answer["Shards"]
        names = ("ParentShardId", "AdjacentParentShardId")
        return [
            Listed(shard["ShardId"], tuple(shard[name] for name in names if name in shard))
            for shard in shards
        ]

    def first_position(self) -> dict[str, Any]:
        """See `MappingPoller`."""
        since = int(self.since())
        if not since:
            return {"ShardIteratorType": "TRIM_HORIZON"}
        return {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": since}

    def shard_iterator(self, shard_id: str, start: dict[str, Any]) -> str:
        """See `MappingPoller`."""
        answer = self.source_client.get_shard_iterator(StreamARN=self.source_arn, ShardId=shard_id, **start)
        return str(answer["ShardIterator"])

    def key(self, event: dict[str, Any]) -> str:
        """See `MappingPoller`."""
        return str(event["kinesis"]["partitionKey"])


class EngineMapping(KinesisMapping):
    """Of a stream of this project's Kinesis: read where it lies, without a request to this process.

    The engine's answer is the JSON that a client would get; its limits and faults are in it.
    """

    def fetch(self, iterator: str) -> dict[str, Any]:
        """See `MappingPoller`."""
        _, _, _, region, account, _ = str(self.source_arn).split(":", 5)
        request = {"ShardIterator": iterator, "Limit": _MOST_READ}
        answer: dict[str, Any] = orjson.loads(engine().call("GetRecords", request, Caller(account, region)))
        return answer

    def transform_into_events(self, records: list[dict[str, Any]], shard_id: str) -> list[dict[str, Any]]:
        """See LocalStack's, which takes what boto3 made of data and times."""
        return [
            {
                "eventID": f"{shard_id}:{record['SequenceNumber']}",
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": record["PartitionKey"],
                    "sequenceNumber": record["SequenceNumber"],
                    "data": record["Data"],
                    "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"],
                },
            }
            for record in records
        ]


class DynamoDBMapping(MappingPoller, DynamoDBPoller):
    """Of a DynamoDB stream."""

    def created(self) -> str:
        """See `MappingPoller`; a table that was made anew has a stream of another label."""
        stream = self.source_client.describe_stream(StreamArn=self.source_arn)["StreamDescription"]
        return str(stream["StreamLabel"])

    def list_shards(self) -> list[Listed]:
        """See `MappingPoller`."""
        stream = self.source_client.describe_stream(StreamArn=self.source_arn)["StreamDescription"]
        return [
            Listed(shard["ShardId"], tuple(filter(None, [shard.get("ParentShardId")])))
            for shard in stream["Shards"]
        ]

    def first_position(self) -> dict[str, Any]:
        """See `MappingPoller`; a DynamoDB stream has no AT_TIMESTAMP."""
        return {"ShardIteratorType": "TRIM_HORIZON"}

    def since(self) -> float:
        """See `MappingPoller`; changes carry whole seconds."""
        return float(int(super().since()))

    def shard_iterator(self, shard_id: str, start: dict[str, Any]) -> str:
        """See `MappingPoller`."""
        if "StartingSequenceNumber" in start:
            start = start | {"SequenceNumber": start["StartingSequenceNumber"]}
            del start["StartingSequenceNumber"]
        ask = self.source_client.get_shard_iterator
        try:
            answer = ask(StreamArn=self.source_arn, ShardId=shard_id, **start)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TrimmedDataAccessException":
                raise
            _LOGGER.warning("changes of %s are past their 24 hours; the rest is delivered", self.source_arn)
            answer = ask(StreamArn=self.source_arn, ShardId=shard_id, ShardIteratorType="TRIM_HORIZON")
        return str(answer["ShardIterator"])

    def key(self, event: dict[str, Any]) -> str:
        """See `MappingPoller`: the item's own key."""
        return json.dumps(event["dynamodb"]["Keys"], sort_keys=True, default=str)

    def transform_into_events(self, records: list[dict[str, Any]], shard_id: str) -> list[dict[str, Any]]:
        """See LocalStack's, which leaves out that an item's time to live deleted it."""
        events = [plain(event) for event in super().transform_into_events(records, shard_id)]
        for record, event in zip(records, events, strict=True):
            if identity := record.get("userIdentity"):
                event["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
        return events

    def get_approximate_arrival_time(self, record: dict[str, Any]) -> float:
        """Return when the item was changed, which LocalStack's poller takes to be now."""
        return float(record["dynamodb"]["ApproximateCreationDateTime"])
