"""DynamoDB Streams' four operations, in the API's JSON.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
"""

import base64
from collections.abc import Callable
from typing import Any

import orjson

from localstack.providers.dynamodb.errors import DynamoDBError, invalid, not_found
from localstack.providers.dynamodb.stream import RETENTION_SECONDS, Stream

ITERATOR_SECONDS = 15 * 60
MAX_RECORDS = 1000
MAX_BYTES = 1024 * 1024
_MAX_LISTED = 100


class Streams:
    """Every stream, by its ARN; one that is closed is kept for as long as its records are."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Take the clock, in seconds."""
        self._now = now
        self._streams: dict[str, Stream] = {}

    def open(self, stream: Stream) -> None:
        """Add a stream that was enabled."""
        self._streams[stream.arn] = stream

    def close(self, stream: Stream) -> None:
        """Take no more changes; what there is can be read for 24 hours."""
        stream.closed = self._now()

    def call(self, operation: str, request: dict[str, Any], account: str, region: str) -> bytes:
        """Answer a request.

        Raises:
            DynamoDBError: As AWS documents it for the operation.
        """
        self._forget()
        match operation:
            case "DescribeStream":
                return orjson.dumps({"StreamDescription": self._describe(request)})
            case "GetShardIterator":
                return orjson.dumps({"ShardIterator": self._iterator(request)})
            case "GetRecords":
                return self._records(request)
            case _:
                return orjson.dumps(self._list(request, f":{region}:{account}:"))

    def _describe(self, request: dict[str, Any]) -> dict[str, Any]:
        stream = self._find(request["StreamArn"])
        described = stream.describe()
        is_childless = request.get("ShardFilter", {}).get("Type") == "CHILD_SHARDS"
        if is_childless or request.get("ExclusiveStartShardId") == stream.shard_id:
            described["Shards"] = []
        return described

    def _list(self, request: dict[str, Any], owner: str) -> dict[str, Any]:
        limit = request.get("Limit", _MAX_LISTED)
        name = request.get("TableName")
        found = [
            stream.summary()
            for arn, stream in sorted(self._streams.items())
            if owner in arn
            and name in (None, stream.table_name, stream.table_arn)
            and arn > request.get("ExclusiveStartStreamArn", "")
        ]
        answer: dict[str, Any] = {"Streams": found[:limit]}
        if len(found) > limit:
            answer["LastEvaluatedStreamArn"] = found[limit - 1]["StreamArn"]
        return answer

    def _iterator(self, request: dict[str, Any]) -> str:
        stream = self._find(request["StreamArn"])
        if request["ShardId"] != stream.shard_id:
            raise not_found(f"Requested resource not found: Shard: {request['ShardId']} not found")
        match request["ShardIteratorType"]:
            case "TRIM_HORIZON":
                return self._encode(stream, stream.log.first)
            case "LATEST":
                return self._encode(stream, stream.log.end)
            case "AT_SEQUENCE_NUMBER":
                return self._encode(stream, _numbered(stream, request))
            case _:
                return self._encode(stream, _numbered(stream, request) + 1)

    def _records(self, request: dict[str, Any]) -> bytes:
        limit = request.get("Limit", MAX_RECORDS)
        if not 0 < limit <= MAX_RECORDS:
            raise invalid(
                f"1 validation error detected: Value '{limit}' at 'limit' failed to satisfy constraint: "
                f"Member must have value between 1 and {MAX_RECORDS}"
            )
        stream, position = self._decode(request["ShardIterator"])
        _check_kept(stream, position)
        records = stream.read(position, limit, MAX_BYTES)
        position += len(records)
        answer = b'{"Records":[%b]' % b",".join(records)
        if stream.closed is None or position < stream.log.end:
            answer += b',"NextShardIterator":%b' % orjson.dumps(self._encode(stream, position))
        return answer + b"}"

    def _encode(self, stream: Stream, position: int) -> str:
        place = base64.b64encode(f"{position}/{self._now()}".encode()).decode()
        return f"{stream.arn}|1|{place}"

    def _decode(self, iterator: str) -> tuple[Stream, int]:
        try:
            arn, _, place = iterator.split("|")
            position, issued = base64.b64decode(place, validate=True).decode().split("/")
            age = self._now() - float(issued)
            number = int(position)
        except ValueError:
            raise invalid("Invalid ShardIterator") from None
        if age > ITERATOR_SECONDS:
            message = "Shard iterator has expired: it is good for 15 minutes"
            raise DynamoDBError("ExpiredIteratorException", message)
        return self._find(arn), number

    def _find(self, arn: str) -> Stream:
        if not (stream := self._streams.get(arn)):
            raise not_found(f"Requested resource not found: Stream: {arn} not found")
        stream.log.trim(self._now() - RETENTION_SECONDS)
        return stream

    def _forget(self) -> None:
        horizon = self._now() - RETENTION_SECONDS
        for arn in [arn for arn, each in self._streams.items() if (each.closed or horizon) < horizon]:
            del self._streams[arn]


def _numbered(stream: Stream, request: dict[str, Any]) -> int:
    number = request.get("SequenceNumber")
    if number is None:
        raise invalid(f"SequenceNumber is required for {request['ShardIteratorType']}")
    position = stream.position(number) if number.isdigit() else -1
    if not 0 <= position < max(stream.log.end, stream.log.first + 1):
        raise invalid(f"Invalid SequenceNumber: {number} is none of this shard's")
    _check_kept(stream, position + (request["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER"))
    return position


def _check_kept(stream: Stream, position: int) -> None:
    if position < stream.log.first:
        raise DynamoDBError(
            "TrimmedDataAccessException",
            "The operation attempted to read past the oldest stream record in a shard.",
        )
