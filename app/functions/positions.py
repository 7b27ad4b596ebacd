"""The records at a letter's position, read from their stream again, as a mapping's event has them."""

import base64
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from app import wiring
from app.functions.dead_letters import LostPositionError

_GONE = {"InvalidArgumentException", "ResourceNotFoundException", "TrimmedDataAccessException"}
_MOST_RECORDS = 1000


def records_at(batch: dict[str, Any], position: str) -> list[dict[str, Any]]:
    """Return the records of a KinesisBatchInfo or DDBStreamBatchInfo, in their order.

    Raises:
        LostPositionError: They are past the stream's retention.
    """
    arn = batch["streamArn"]
    is_kinesis = ":kinesis:" in arn
    client = wiring.cloud("kinesis" if is_kinesis else "dynamodbstreams")
    start = {"StreamARN" if is_kinesis else "StreamArn": arn, "ShardId": batch["shardId"]}
    number = "StartingSequenceNumber" if is_kinesis else "SequenceNumber"
    start |= {"ShardIteratorType": "AT_SEQUENCE_NUMBER", number: batch["startSequenceNumber"]}
    last = int(batch["endSequenceNumber"])
    events: list[dict[str, Any]] = []
    try:
        iterator = client.get_shard_iterator(**start)["ShardIterator"]
        while iterator:
            answer = client.get_records(ShardIterator=iterator, Limit=_MOST_RECORDS)
            for record in answer["Records"]:
                event = _kinesis_event(record, batch) if is_kinesis else _table_event(record, batch)
                if _number(event) > last:
                    break
                events.append(event)
            # A page may be empty before the shard's end; after its end it stays so, and so does the iterator.
            is_at_tip = not answer["Records"] and not answer.get("MillisBehindLatest", 0)
            is_past = answer["Records"] and _number(event) >= last
            if is_past or is_at_tip:
                break
            iterator = answer.get("NextShardIterator")
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            raise LostPositionError(position) from None
        raise
    first = int(batch["startSequenceNumber"])
    if not events or (_number(events[0]), _number(events[-1])) != (first, last):
        raise LostPositionError(position)
    return events


def data_of(event: dict[str, Any]) -> bytes:
    """Return what a record holds: a Kinesis record's bytes, or an item's change as text."""
    if "kinesis" in event:
        return base64.b64decode(event["kinesis"]["data"])
    return str(event["dynamodb"].get("NewImage") or event["dynamodb"]["Keys"]).encode()


def _number(event: dict[str, Any]) -> int:
    if "kinesis" in event:
        return int(event["kinesis"]["sequenceNumber"])
    return int(event["dynamodb"]["SequenceNumber"])


def _kinesis_event(record: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
    return {
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": record["PartitionKey"],
            "sequenceNumber": record["SequenceNumber"],
            "data": base64.b64encode(record["Data"]).decode(),
            "approximateArrivalTimestamp": record["ApproximateArrivalTimestamp"].timestamp(),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": f"{batch['shardId']}:{record['SequenceNumber']}",
        "eventName": "aws:kinesis:record",
        "awsRegion": batch["streamArn"].split(":")[3],
        "eventSourceARN": batch["streamArn"],
    }


def _table_event(record: dict[str, Any], batch: dict[str, Any]) -> dict[str, Any]:
    event: dict[str, Any] = _plain(record) | {"eventSourceARN": batch["streamArn"]}
    if identity := event.get("userIdentity"):  # of a time to live; Lambda spells its members otherwise
        event["userIdentity"] = {"type": identity["Type"], "principalId": identity["PrincipalId"]}
    return event


def _plain(value: Any) -> Any:
    """Return a value as a mapping's event has it: times as seconds, bytes in base64."""
    match value:
        case dict():
            return {name: _plain(each) for name, each in value.items()}
        case list():
            return [_plain(each) for each in value]
        case datetime():
            return value.timestamp()
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value
