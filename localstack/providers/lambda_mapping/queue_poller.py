"""LocalStack's poller of SQS queues, with batches side by side and the mapping's settings honoured."""

import json
import time
from collections.abc import Sequence
from typing import Any

from localstack.aws.connect import connect_to
from localstack.services.lambda_.event_source_mapping.pipe_utils import to_json_str
from localstack.services.lambda_.event_source_mapping.pollers.sqs_poller import (
    SqsPoller,
    transform_into_events,
)
from localstack.utils.event_matcher import matches_event

from localstack.providers.lambda_mapping.delivery import Failed
from localstack.providers.lambda_mapping.function import Function
from localstack.providers.lambda_mapping.lane import Batching
from localstack.providers.lambda_mapping.queue import Message, Queue

_FIRST_CONCURRENCY = 5
"""Without a MaximumConcurrency; AWS begins with it too, and goes on to 1,250."""
_MOST_RECEIVED = 100
_API_MOST = 10


class QueueMapping(SqsPoller):
    """Of an SQS queue.

    LocalStack calls `poll_events` once a second, and `close` when the mapping is paused or deleted.
    """

    settings: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Start nothing yet."""
        super().__init__(*args, **kwargs)
        self.settings = {}
        self._function = Function(self.processor)
        self._queue: Queue | None = None
        self._visibility_seconds = 0.0

    def poll_events(self) -> None:
        """Begin, the first time."""
        self._visibility_seconds = _visibility(self.source_client, self.queue_url)
        if self._queue is None:
            settings = self.settings
            self._queue = Queue(
                self,
                Batching(settings["BatchSize"], settings["MaximumBatchingWindowInSeconds"]),
                concurrency=settings.get("ScalingConfig", {}).get("MaximumConcurrency", _FIRST_CONCURRENCY),
                invoke=self._invoke,
                now=time.time,
            )
            self._queue.start()

    def end(self) -> None:
        """Deliver no more, at once."""
        if self._queue:
            self._queue.end()

    def close(self) -> None:
        """Deliver no more, and wait for the invocations that run."""
        if self._queue:
            self._queue.end()
            self._queue.join()

    def receive(self, most: int, wait_seconds: int) -> list[Message]:
        """Return messages that the filter lets through; the others are deleted, as on AWS."""
        began = time.time()
        answer = self.source_client.receive_message(
            QueueUrl=self.queue_url,
            MaxNumberOfMessages=min(most, _API_MOST),
            WaitTimeSeconds=wait_seconds,
            MessageAttributeNames=["All"],
            MessageSystemAttributeNames=["All"],
            sqs_override_max_message_count=min(most, _MOST_RECEIVED),  # LocalStack's own: fewer requests
        )
        events = self.add_source_metadata(transform_into_events(answer.get("Messages", [])))
        visible_again = began + self._visibility_seconds
        messages = [
            Message(event["messageId"], event["receiptHandle"], len(text), json.loads(text), visible_again)
            for event in events
            for text in [to_json_str(event)]
        ]
        wanted = [message for message in messages if self._passes(message.event)]
        self.delete([message for message in messages if message not in wanted])
        return wanted

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages."""
        for first in range(0, len(messages), _MOST_RECEIVED):
            some = messages[first : first + _MOST_RECEIVED]
            self.source_client.delete_message_batch(
                QueueUrl=self.queue_url,
                Entries=[
                    {"Id": str(number), "ReceiptHandle": message.receipt}
                    for number, message in enumerate(some)
                ],
                sqs_override_max_message_count=len(some),
            )

    def release(self, messages: Sequence[Message]) -> None:
        """Give messages back, so that they can be received at once."""
        for message in messages:
            self.source_client.change_message_visibility(
                QueueUrl=self.queue_url, ReceiptHandle=message.receipt, VisibilityTimeout=0
            )

    def _passes(self, event: dict[str, Any]) -> bool:
        """Whether a pattern matches; one with an object for the body asks for a body that is JSON."""
        if not self.filter_patterns:
            return True
        try:
            parsed = event | {"body": json.loads(event["body"])}
        except (ValueError, RecursionError):
            parsed = event
        return any(
            _matches(pattern, parsed if isinstance(pattern.get("body"), dict) else event)
            for pattern in self.filter_patterns
        )

    def _invoke(self, batch: Sequence[Message]) -> Failed | None:
        _, failed = self._function.call([message.event for message in batch], {})
        return failed


def _matches(pattern: dict[str, Any], event: dict[str, Any]) -> bool:
    try:
        return bool(matches_event(pattern, event))
    except Exception:  # noqa: BLE001  # LocalStack's matching has many: what it cannot read does not match
        return False


def visibility_seconds(arn: str) -> int:
    """Return how long a queue hides a message that was received."""
    _, _, _, region, account, name = arn.split(":")
    sqs = connect_to(aws_access_key_id=account, region_name=region).sqs
    return _visibility(sqs, sqs.get_queue_url(QueueName=name)["QueueUrl"])


def _visibility(sqs: Any, url: str) -> int:
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout"])
    return int(answer["Attributes"]["VisibilityTimeout"])
