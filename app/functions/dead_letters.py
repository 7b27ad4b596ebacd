"""Dead-letter queues: which there are, whose they are, and what their letters tell.

A stream's letter holds no record but its position:
https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html. An asynchronous
invocation's holds the payload: https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from app import wiring
from app.errors import StandError
from app.functions.queue_errors import (
    MissingQueueError,
    NoSuchQueueError,
    OtherDestinationError,
    SeveralQueuesError,
)

HIDDEN_SECONDS = 60
"""A letter that is looked at is hidden from others for so long at most, then it is there again."""

ASYNC, MAPPING, PAYLOAD = "async", "mapping", "payload"
"""What is given up: an asynchronous invocation, a batch, and, by DeadLetterConfig, a payload alone."""

_POSITION = {"streamArn", "shardId", "startSequenceNumber", "endSequenceNumber"}
_QUEUE = "arn:aws:sqs:"
_RESPONSE = "responseContext"
_BATCH_INFOS = ("KinesisBatchInfo", "DDBStreamBatchInfo")


class LostPositionError(StandError):
    """The records at a letter's position are past the stream's retention."""

    def __init__(self, position: str) -> None:
        """Name the position."""
        super().__init__(position)
        self.position = position

    def __str__(self) -> str:
        """Say what is lost."""
        return f"the records at {self.position} are no longer in the stream"


@dataclass(frozen=True, slots=True)
class DeadLetterQueue:
    """One queue and a function that gives up to it.

    Attributes:
        name: Of the queue; the ARN where the destination is none.
        function: Name of the function.
        gives_up: What the function gives up there: some of `async`, `mapping` and `payload`.
        url: Of the queue; empty where the destination is none.
        messages: About how many letters it holds.
        owner: The one function whose payloads alone come there; empty where there is none, or several.
    """

    name: str
    function: str
    gives_up: str
    url: str
    messages: int
    owner: str


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter.

    Attributes:
        function: That gave up, with its version where that is not $LATEST; empty where nothing says whose
            the letter is.
        condition: AWS's word for why, such as RetryAttemptsExhausted.
        attempts: How often it was tried; 0 where the letter does not say.
        error: What the function said last.
        batch: Of a stream: KinesisBatchInfo or DDBStreamBatchInfo; else None.
        payload: Of an asynchronous invocation; else None.
        receipt: To delete it by.
    """

    function: str
    condition: str
    attempts: int
    error: str
    batch: dict[str, Any] | None
    payload: bytes | None
    receipt: str

    @property
    def position(self) -> str:
        """Shard, first and last sequence number, as one text; of a payload, nothing."""
        if self.batch is None:
            return "-"
        first, last = self.batch["startSequenceNumber"], self.batch["endSequenceNumber"]
        return f"{self.batch['shardId']}:{first}" + ("" if first == last else f"-{last}")

    @property
    def name(self) -> str:
        """The function's name, without a version."""
        return self.function.split(":", 1)[0]

    @classmethod
    def of_message(cls, message: dict[str, Any], function: str) -> "Letter":
        """Read an SQS message of a queue; `function` is whose payloads alone come there."""
        try:
            body = orjson.loads(message["Body"])
        except orjson.JSONDecodeError:
            body = None
        context = _envelope(body)
        batch = next((body[each] for each in _BATCH_INFOS if context and _is_batch(body.get(each))), None)
        attributes = {
            name: each.get("StringValue", "") for name, each in message.get("MessageAttributes", {}).items()
        }
        payload = None
        if batch is None:
            is_destination = context and "requestPayload" in body
            payload = orjson.dumps(body["requestPayload"]) if is_destination else message["Body"].encode()
        answer, responses = (body.get(each) if context else None for each in ("responsePayload", _RESPONSE))
        error = answer.get("errorMessage", "") if isinstance(answer, dict) else ""
        if not error and isinstance(responses, dict):  # a stream's letter does not tell the message
            error = responses.get("functionError", "")
        name = context["functionArn"].split(":function:")[-1].removesuffix(":$LATEST") if context else ""
        return cls(
            function=name or function,
            condition=context.get("condition", "RetriesExhausted"),
            attempts=context.get("approximateInvokeCount", 0),
            error=str(error or attributes.get("ErrorMessage", "")),
            batch=batch,
            payload=payload,
            receipt=message["ReceiptHandle"],
        )


class DeadLetters:
    """Finds the queues and reads their letters."""

    def __init__(self) -> None:
        """Take clients of the local cloud."""
        self._lambda = wiring.cloud("lambda")
        self._sqs = wiring.cloud("sqs")

    def queues(self) -> list[DeadLetterQueue]:
        """Return every queue that a function gives up to, by function."""
        found: dict[tuple[str, str], list[str]] = {}
        for function, arn, what in self._destinations():
            found.setdefault((function, arn), []).append(what)
        owners: dict[str, list[str]] = {}
        for (function, arn), reasons in found.items():
            if PAYLOAD in reasons:
                owners.setdefault(arn, []).append(function)
        return [
            self._queue(function, arn, sorted(set(found[function, arn])), owners.get(arn, []))
            for function, arn in sorted(found)
        ]

    def named(self, name: str) -> DeadLetterQueue:
        """Return the queue of a name, or of a function.

        Raises:
            NoSuchQueueError: There is none.
            SeveralQueuesError: The function has several.
            MissingQueueError: The queue does not exist.
            OtherDestinationError: The function's destination is no queue.
        """
        found = [each for each in self.queues() if name in {each.name, each.function}]
        if not found:
            raise NoSuchQueueError(name)
        queues = {each.name: each for each in found if each.url}
        if len(queues) > 1:
            raise SeveralQueuesError(name, ", ".join(queues))
        for queue in queues.values():
            return queue
        if found[0].name.startswith(_QUEUE):
            raise MissingQueueError(found[0].function, found[0].name)
        raise OtherDestinationError(found[0].function, found[0].name)

    def letters(
        self, queue: DeadLetterQueue, most: int, hidden_seconds: int = HIDDEN_SECONDS
    ) -> list[Letter]:
        """Return letters, hidden from others until `release` or for so long."""
        letters: list[Letter] = []
        while len(letters) < most:
            messages = self._sqs.receive_message(
                QueueUrl=queue.url,
                MaxNumberOfMessages=min(10, most - len(letters)),
                VisibilityTimeout=hidden_seconds,
                MessageAttributeNames=["All"],
            ).get("Messages")
            if not messages:
                break
            letters += [Letter.of_message(each, queue.owner) for each in messages]
        return letters

    def release(self, queue: DeadLetterQueue, letter: Letter) -> None:
        """Let others see a letter again."""
        self._sqs.change_message_visibility(
            QueueUrl=queue.url, ReceiptHandle=letter.receipt, VisibilityTimeout=0
        )

    def delete(self, queue: DeadLetterQueue, letter: Letter) -> None:
        """Throw a letter away."""
        self._sqs.delete_message(QueueUrl=queue.url, ReceiptHandle=letter.receipt)

    def _destinations(self) -> Iterator[tuple[str, str, str]]:
        """Yield function, ARN, and what is given up there."""
        for page in self._lambda.get_paginator("list_functions").paginate():
            for function in page["Functions"]:
                name = function["FunctionName"]
                if arn := function.get("DeadLetterConfig", {}).get("TargetArn"):
                    yield name, arn, PAYLOAD
                pages = self._lambda.get_paginator("list_function_event_invoke_configs")
                for configs in pages.paginate(FunctionName=name):
                    for config in configs["FunctionEventInvokeConfigs"]:
                        if arn := _on_failure(config):
                            yield name, arn, ASYNC
        for page in self._lambda.get_paginator("list_event_source_mappings").paginate():
            for mapping in page["EventSourceMappings"]:
                if arn := _on_failure(mapping):
                    yield mapping["FunctionArn"].split(":function:")[-1].split(":")[0], arn, MAPPING

    def _queue(self, function: str, arn: str, what: list[str], owners: list[str]) -> DeadLetterQueue:
        gives_up = ", ".join(what)
        if not arn.startswith(_QUEUE):
            return DeadLetterQueue(arn, function, gives_up, "", 0, "")
        name = arn.rsplit(":", 1)[-1]
        try:
            url = self._sqs.get_queue_url(QueueName=name)["QueueUrl"]
        except self._sqs.exceptions.QueueDoesNotExist:
            return DeadLetterQueue(arn, function, gives_up, "", 0, "")
        count = "ApproximateNumberOfMessages"
        held = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[count])["Attributes"][count]
        owner = owners[0] if len(owners) == 1 else ""
        return DeadLetterQueue(name, function, gives_up, url, int(held), owner)


def _envelope(body: Any) -> dict[str, Any]:
    """Return what Lambda wrote around a failure; nothing for a payload, whatever that looks like."""
    context = body.get("requestContext") if isinstance(body, dict) else None
    if not isinstance(context, dict) or not {"functionArn", "condition"} <= context.keys():
        return {}
    return context if ":function:" in str(context["functionArn"]) else {}


def _is_batch(batch: Any) -> bool:
    return isinstance(batch, dict) and batch.keys() >= _POSITION


def _on_failure(config: dict[str, Any]) -> str:
    destination: str = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination", "")
    return destination
