"""LocalStack's pollers of streams, with the mapping's settings honoured."""

import base64
import json
import logging
import time
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from localstack.services.lambda_.event_source_mapping.event_processor import (
    BatchFailureError,
    PartialBatchFailureError,
)
from localstack.services.lambda_.event_source_mapping.pollers.dynamodb_poller import DynamoDBPoller
from localstack.services.lambda_.event_source_mapping.pollers.kinesis_poller import KinesisPoller
from localstack.services.lambda_.event_source_mapping.pollers.stream_poller import StreamPoller

from localstack.providers.lambda_mapping.delivery import Delivery, Failed, Finish, Policy, Record
from localstack.providers.lambda_mapping.mapping import Kept, Listed, Mapping
from localstack.providers.lambda_mapping.shard import Batching, Shard

_LOGGER = logging.getLogger(__name__)


@dataclass(slots=True)
class _Known:
    """A mapping, across the pollers that LocalStack makes for it: one for each update and each resumption.

    Attributes:
        made: When.
        kept: How far it is.
        running: Who delivers it now.
    """

    made: datetime
    kept: Kept = field(default_factory=Kept)
    running: Mapping | None = None


_MAPPINGS: dict[str, _Known] = {}
"""By UUID, for as long as LocalStack runs; its own settings of a mapping live no longer."""
_THROTTLED = {"TooManyRequestsException", "ServiceException"}


class MappingPoller(StreamPoller):
    """Polls every shard of a stream at once, for one mapping.

    LocalStack calls `poll_events` again and again, and `close` when the mapping is paused or deleted.
    """

    settings: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start nothing yet."""
        super().__init__(*args, **kwargs)
        self.settings = {}
        self._known = _MAPPINGS.setdefault(str(self.esm_uuid), _Known(datetime.now(UTC)))
        self._mapping = Mapping(self._shard, self._known.kept)

    def poll_events(self) -> None:
        """Keep in step with the stream's shards, once the poller before this one has stopped."""
        before, self._known.running = self._known.running, self._mapping
        if before and before is not self._mapping:
            before.stop()
        self._mapping.step(self.list_shards())

    def close(self) -> None:
        """Stop every shard, and keep how far it is."""
        super().close()
        self._mapping.stop()

    def list_shards(self) -> list[Listed]:
        """List the stream's shards."""
        raise NotImplementedError

    def first_position(self) -> dict[str, Any]:
        """Return where a shard is begun, if it must be a little before."""
        raise NotImplementedError

    def since(self) -> float:
        """Return the arrival that delivery begins with; LATEST is what came since the mapping was made."""
        position = self.settings["StartingPosition"]
        if position == "AT_TIMESTAMP":
            return float(self.settings["StartingPositionTimestamp"].timestamp())
        return self._known.made.timestamp() if position == "LATEST" else 0.0

    def shard_iterator(self, shard_id: str, start: dict[str, Any]) -> str:
        """Return an iterator."""
        raise NotImplementedError

    def key(self, event: dict[str, Any]) -> str:
        """Return what an event's order is kept by."""
        raise NotImplementedError

    def fetch(self, iterator: str) -> dict[str, Any]:
        """Read on from an iterator."""
        answer: dict[str, Any] = self.source_client.get_records(
            **self.stream_arn_param(), ShardIterator=iterator
        )
        return answer

    def records(self, shard_id: str, raw: list[dict[str, Any]]) -> list[Record]:
        """Return the records as the function gets them, those among them that it is not to get."""
        return [self._record(event) for event in self.transform_into_events(raw, shard_id)]

    def _record(self, event: dict[str, Any]) -> Record:
        arrived = self.get_approximate_arrival_time(event)
        is_wanted = arrived >= self.since() and self._passes(event)
        (whole,) = self.add_source_metadata([_plain(event)])
        return Record(
            self.get_sequence_number(event),
            self.key(event),
            arrived,
            len(json.dumps(whole)),
            whole,
            is_wanted,
        )

    def _passes(self, event: dict[str, Any]) -> bool:
        if not self.filter_patterns:
            return True
        try:
            return bool(self.filter_events(self.pre_filter([deepcopy(event)])))
        except (ValueError, KeyError, TypeError):  # what a filter cannot read does not match it
            return False

    def _shard(self, shard_id: str, checkpoint: str | None) -> Shard:
        settings = self.settings
        policy = Policy(
            settings["MaximumRetryAttempts"],
            settings["MaximumRecordAgeInSeconds"],
            settings["BisectBatchOnFunctionError"],
        )
        batching = Batching(
            settings["BatchSize"],
            settings["MaximumBatchingWindowInSeconds"],
            settings["ParallelizationFactor"],
        )

        def delivery(stopping: Event, finish: Finish) -> Delivery:
            def discard(
                records: Sequence[Record], condition: str, error: dict[str, Any], attempts: int
            ) -> None:
                self._give_up(shard_id, records, condition, error, attempts)

            return Delivery(
                policy, invoke=self._invoke, finish=finish, discard=discard, now=time.time, stopping=stopping
            )

        start = _after(checkpoint) if checkpoint else self.first_position()
        return Shard(_Reader(self, shard_id, start), batching, delivery, now=time.time)

    def _invoke(self, batch: Sequence[Record]) -> Failed | None:
        try:
            self.processor.process_events_batch([record.event for record in batch])
        except PartialBatchFailureError as error:
            return Failed(error.error or {}, _reported(error.partial_failure_payload))
        except BatchFailureError as error:
            return Failed(error.error or {})
        except ClientError as error:
            code = error.response["Error"]["Code"]
            return Failed({}, is_throttled=code in _THROTTLED)
        except BotoCoreError:
            return Failed({}, is_throttled=True)
        except Exception:  # an answer that LocalStack cannot read: the batch failed, the thread did not
            _LOGGER.exception("%s gave an answer that cannot be read", self.settings["FunctionArn"])
            return Failed({})
        return None

    def _give_up(
        self, shard_id: str, records: Sequence[Record], condition: str, error: dict[str, Any], attempts: int
    ) -> None:
        context = self.processor.generate_event_failure_context(
            abort_condition=condition,
            error=error or {"requestId": None},
            attempts_count=attempts,
            partner_resource_arn=self.partner_resource_arn,
        )
        try:
            self.send_events_to_dlq(shard_id, [record.event for record in records], context=context)
        except Exception:  # as on AWS, a destination that takes nothing costs the records
            _LOGGER.exception("the destination of %s took nothing", self.source_arn)


class KinesisMapping(MappingPoller, KinesisPoller):
    """Of a Kinesis stream."""

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


class DynamoDBMapping(MappingPoller, DynamoDBPoller):
    """Of a DynamoDB stream."""

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
        answer = self.source_client.get_shard_iterator(StreamArn=self.source_arn, ShardId=shard_id, **start)
        return str(answer["ShardIterator"])

    def key(self, event: dict[str, Any]) -> str:
        """See `MappingPoller`: the item's own key."""
        return json.dumps(event["dynamodb"]["Keys"], sort_keys=True, default=str)

    def get_approximate_arrival_time(self, record: dict[str, Any]) -> float:
        """Return when the item was changed, which LocalStack's poller takes to be now."""
        return float(record["dynamodb"]["ApproximateCreationDateTime"])


class _Reader:
    """Reads one shard through the stream's API, and filters it."""

    def __init__(self, poller: MappingPoller, shard_id: str, start: dict[str, Any]) -> None:
        self._poller = poller
        self._shard_id = shard_id
        self._start = start
        self._iterator: str | None = None

    def read(self) -> tuple[Sequence[Record], bool]:
        """See `Reader.read`."""
        try:
            if self._iterator is None:
                self._iterator = self._poller.shard_iterator(self._shard_id, self._start)
            answer = self._poller.fetch(self._iterator)
            raw = answer["Records"]
            records = self._poller.records(self._shard_id, raw)
        except Exception as error:  # noqa: BLE001  # whatever it is, it must not end the shard's thread
            _LOGGER.warning("%s is read again from its last record: %s", self._shard_id, error)
            self._iterator = None
            return [], False
        if raw:
            last = raw[-1]
            self._start = _after(last.get("SequenceNumber") or last["dynamodb"]["SequenceNumber"])
        self._iterator = answer.get("NextShardIterator")
        return records, self._iterator is None


def _reported(payload: Any) -> frozenset[str]:
    """Return the numbers that a function reported; none, which is the whole batch, where it reported none."""
    try:
        return frozenset(str(each["itemIdentifier"]) for each in payload["batchItemFailures"])
    except (TypeError, KeyError):
        return frozenset()


def _plain(value: Any) -> Any:
    """Return a value with its bytes in base64, as JSON has them."""
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value


def _after(number: str) -> dict[str, Any]:
    return {"ShardIteratorType": "AFTER_SEQUENCE_NUMBER", "StartingSequenceNumber": number}
