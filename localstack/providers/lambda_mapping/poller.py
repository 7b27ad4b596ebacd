"""What LocalStack's pollers of streams have in common, with the mapping's settings honoured."""

import logging
import time
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from copy import deepcopy
from threading import Lock
from typing import Any

import orjson
from botocore.exceptions import BotoCoreError, ClientError
from localstack.services.lambda_.event_source_mapping.pollers.stream_poller import StreamPoller

from localstack.providers.lambda_mapping.ages import Ages
from localstack.providers.lambda_mapping.delivery import Failed, Policy, Record
from localstack.providers.lambda_mapping.function import Function
from localstack.providers.lambda_mapping.kept import Kept, Positions
from localstack.providers.lambda_mapping.lane import Batching
from localstack.providers.lambda_mapping.mapping import Listed, Mapping
from localstack.providers.lambda_mapping.metrics import publish_iterator_age
from localstack.providers.lambda_mapping.progress import Position
from localstack.providers.lambda_mapping.reader import StreamReader, after
from localstack.providers.lambda_mapping.shard import Shard
from localstack.providers.settings import CloudSettings

_LOGGER = logging.getLogger(__name__)
POSITIONS = Positions(CloudSettings.from_env().mappings_folder, time.time)
_TURNS = Lock()
_RUNNING: dict[str, Mapping] = {}
"""Who delivers a mapping now, by UUID: LocalStack makes a poller for each update and each resumption."""


class MappingPoller(StreamPoller):
    """Polls every shard of a stream at once, for one mapping.

    LocalStack calls `poll_events` once a second, and `close` when the mapping is paused or deleted.
    """

    settings: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start nothing yet."""
        super().__init__(*args, **kwargs)
        self.settings = {}
        self._uuid = str(self.esm_uuid)
        self._kept: Kept = POSITIONS.of(self._uuid)
        self._mapping = Mapping(self._shard, self._kept)
        self._function = Function(self.processor)
        self._ages = Ages(time.time)
        self._trouble = ""

    def poll_events(self) -> None:
        """Keep in step with the stream's shards, once the poller before this one has stopped."""
        with _TURNS:
            if self._is_shutdown.is_set():  # this one has ended: another may run already
                return
            before = _RUNNING.get(self._uuid)
            _RUNNING[self._uuid] = self._mapping
        if before and before is not self._mapping:
            before.stop()
        try:
            self._step()
            self._trouble = ""
        except (ClientError, BotoCoreError) as error:
            if str(error) != self._trouble:
                _LOGGER.warning("the shards of %s are not listed: %s", self.source_arn, error)
            self._trouble = str(error)
        POSITIONS.save(self._uuid, self._kept)
        if ages := self._ages.take(self._mapping.waiting()):
            publish_iterator_age(self.settings["FunctionArn"], ages)

    def end(self) -> None:
        """Deliver no more, at once."""
        with _TURNS:
            self._is_shutdown.set()
        self._mapping.end()

    def close(self) -> None:
        """Stop every shard, and keep how far it is."""
        super().close()
        self._mapping.stop()
        POSITIONS.save(self._uuid, self._kept)
        if _RUNNING.get(self._uuid) is self._mapping:
            del _RUNNING[self._uuid]

    def created(self) -> str:
        """Return which of the streams that had this name it is, by its creation."""
        raise NotImplementedError

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
        return self._kept.made if position == "LATEST" else 0.0

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

    def _step(self) -> None:
        created = self.created()
        if created != self._kept.stream and not self._is_shutdown.is_set():
            self._mapping.stop()
            if self._kept.belong_to(created):
                _LOGGER.warning(
                    "%s was made anew: its mapping begins at its starting position", self.source_arn
                )
            with _TURNS:
                if self._is_shutdown.is_set():
                    return
                self._mapping = _RUNNING[self._uuid] = Mapping(self._shard, self._kept)
        self._mapping.step(self.list_shards())

    def _record(self, event: dict[str, Any]) -> Record:
        arrived = self.get_approximate_arrival_time(event)
        is_wanted = arrived >= self.since() and self._passes(event)
        (whole,) = self.add_source_metadata([event])
        return Record(
            self.get_sequence_number(event),
            self.key(event),
            arrived,
            len(orjson.dumps(whole)),
            whole,
            is_wanted,
        )

    def _passes(self, event: dict[str, Any]) -> bool:
        if not self.filter_patterns:
            return True
        try:
            return bool(self.filter_events(self.pre_filter([deepcopy(event)])))
        except Exception:  # noqa: BLE001  # LocalStack's matching has many: what it cannot read does not match
            return False

    def _shard(self, shard_id: str, begin: Position) -> Shard:
        settings = self.settings

        def call(batch: Sequence[Record], fields: Fields[str, Any]) -> tuple[Any, Failed | None]:
            if batch:
                self._ages.note(shard_id, batch[-1].arrived)
            source = {"shardId": shard_id, "eventSourceARN": self.source_arn} if fields else {}
            return self._function.call([record.event for record in batch], {**fields, **source})

        def discard(records: Sequence[Record], condition: str, error: dict[str, Any], attempts: int) -> None:
            self._give_up(shard_id, records, condition, error, attempts)

        start = after(begin.checkpoint) if begin.checkpoint else self.first_position()
        return Shard(
            StreamReader(self, shard_id, start, time.time),
            Batching(
                settings["BatchSize"],
                settings["MaximumBatchingWindowInSeconds"],
                settings["ParallelizationFactor"],
                settings.get("TumblingWindowInSeconds", 0),
            ),
            Policy(
                settings["MaximumRetryAttempts"],
                settings["MaximumRecordAgeInSeconds"],
                settings["BisectBatchOnFunctionError"],
            ),
            call=call,
            discard=discard,
            now=time.time,
            begin=begin,
        )

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
