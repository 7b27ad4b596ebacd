"""PutRecords: up to 500 records a request, and only the failed ones again."""

from collections.abc import Sequence
from typing import Any, Literal, Protocol

from botocore.exceptions import ClientError, ConnectionError, HTTPClientError  # noqa: A004  # botocore's own
from tenacity import (
    RetryError,
    Retrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from app.errors import StandError
from app.replay.faults import Outgoing
from contracts.batches import MOST_RECORD_BYTES
from runtime.clock import Clock

MOST_RECORDS = 500
"""Records of one PutRecords request (AWS: Kinesis Data Streams quotas)."""

MOST_BYTES = 5 * 2**20
"""Bytes of one PutRecords request, partition keys included."""

ATTEMPTS = 12
"""Tries of one request; with full jitter up to 5 seconds they last about half a minute."""

THROTTLES = frozenset(
    {
        "KMSThrottlingException",
        "LimitExceededException",
        "ProvisionedThroughputExceededException",
        "RequestTimeout",
        "ThrottlingException",
    }
)
"""Refusals of a whole request that pass by themselves (AWS: PutRecords, Common Errors)."""

SERVER_ERROR = 500
"""From this HTTP status on, it was not the request's fault."""

REFUSALS = (ClientError, ConnectionError, HTTPClientError)
"""What a request that was refused or lost raises."""


class Kinesis(Protocol):
    """What the sender asks of Kinesis; a boto3 client answers it."""

    def describe_stream_summary(self, *, StreamName: str) -> Any:  # noqa: N803  # AWS's names
        """Say which stream this is."""

    def get_paginator(self, operation: Literal["list_shards"], /) -> Any:
        """Page through a stream's shards."""

    def put_records(self, *, StreamName: str, Records: Sequence[Any]) -> Any:  # noqa: N803  # AWS's names
        """Put records; the answer says of each whether it was taken."""


class ReplayStalledError(StandError):
    """Kinesis kept refusing."""

    def __init__(self, stream: str, unsent: int, reason: str) -> None:
        """Keep how much is left, and why."""
        super().__init__(stream, unsent, reason)
        self.stream = stream
        self.unsent = unsent
        self.reason = reason

    def __str__(self) -> str:
        """Say what is left, and what to do."""
        return (
            f"gave up on `{self.stream}` with {self.unsent} records unsent: {self.reason}; "
            "is the stack up? see `millrace status`"
        )


class RecordTooLargeError(StandError):
    """A record is larger than Kinesis takes."""

    def __init__(self, event_id: str, size: int) -> None:
        """Keep which, and how large."""
        super().__init__(event_id, size)
        self.event_id = event_id
        self.size = size

    def __str__(self) -> str:
        """Say which, and how large."""
        return f"record of `{self.event_id}` has {self.size} bytes; Kinesis takes {MOST_RECORD_BYTES}"


class _UnsentError(Exception):
    """Some records of a request were not taken."""


class Sender:
    """Sends records to Kinesis.

    **Delivery**: at least once; a request whose answer is lost is sent again. **Order**: none promised, a
    retried record falls behind its successors. **On failure**: the failed records alone are tried again, with
    full jitter; then `ReplayStalledError`.

    Attributes:
        sent: Events whose records Kinesis acknowledged, by stream.
        retried: Records that were sent again.
        last: The highest acknowledged sequence number, by stream and shard.
    """

    def __init__(self, kinesis: Kinesis, clock: Clock) -> None:
        """Take a client; one that does not retry by itself, so that what is sent twice is counted."""
        self._kinesis = kinesis
        self._clock = clock
        self.sent: dict[str, int] = {}
        self.retried = 0
        self.last: dict[str, dict[str, int]] = {}

    def send(self, stream: str, records: Sequence[Outgoing]) -> None:
        """Send records in as few requests as the limits allow, and return when all are acknowledged.

        Raises:
            ReplayStalledError: Kinesis kept refusing.
            RecordTooLargeError: A record is larger than Kinesis takes.
        """
        request: list[Outgoing] = []
        request_bytes = 0
        for record in records:
            size = len(record.data) + len(record.partition_key.encode())
            if size > MOST_RECORD_BYTES:
                raise RecordTooLargeError(record.event_id, size)
            if len(request) == MOST_RECORDS or request_bytes + size > MOST_BYTES:
                self._request(stream, request)
                request, request_bytes = [], 0
            request.append(record)
            request_bytes += size
        if request:
            self._request(stream, request)

    def _request(self, stream: str, request: Sequence[Outgoing]) -> None:
        pending = list(request)
        reason = ""

        def attempt() -> None:
            nonlocal pending, reason
            pending, reason = self._put(stream, pending)
            if pending:
                self.retried += len(pending)
                raise _UnsentError

        retrying = Retrying(
            wait=wait_random_exponential(multiplier=0.05, max=5),
            stop=stop_after_attempt(ATTEMPTS),
            retry=retry_if_exception_type(_UnsentError),
            sleep=self._clock.sleep,
        )
        try:
            retrying(attempt)
        except RetryError:
            raise ReplayStalledError(stream, len(pending), reason) from None

    def _put(self, stream: str, pending: list[Outgoing]) -> tuple[list[Outgoing], str]:
        entries = [_entry(each) for each in pending]
        try:
            answer = self._kinesis.put_records(StreamName=stream, Records=entries)
        except REFUSALS as error:
            if not passes(error):
                raise
            return pending, str(error)
        unsent, reason = [], ""
        shards = self.last.setdefault(stream, {})
        for record, result in zip(pending, answer["Records"], strict=True):
            if result.get("ErrorCode"):
                unsent.append(record)
                reason = f"{result['ErrorCode']}: {result.get('ErrorMessage', '')}"
            else:
                shard = result["ShardId"]
                shards[shard] = max(shards.get(shard, 0), int(result["SequenceNumber"]))
        taken = sum(each.events for each in pending) - sum(each.events for each in unsent)
        self.sent[stream] = self.sent.get(stream, 0) + taken
        return unsent, reason


def _entry(record: Outgoing) -> dict[str, Any]:
    entry = {"Data": record.data, "PartitionKey": record.partition_key}
    return entry | {"ExplicitHashKey": record.explicit_hash_key} if record.explicit_hash_key else entry


def passes(error: Exception) -> bool:
    """Return whether one of `REFUSALS` passes by itself."""
    if not isinstance(error, ClientError):
        return True
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    return error.response["Error"]["Code"] in THROTTLES or status >= SERVER_ERROR
