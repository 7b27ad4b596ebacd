"""Records, put: each lands in the shard of its hash key, and is written before it is acknowledged."""

from binascii import a2b_base64
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from localstack.providers.kinesis import sequence
from localstack.providers.kinesis.errors import KinesisError, internal, invalid, not_valid
from localstack.providers.kinesis.shard import MOST_HASH_KEY, Shard, hash_key
from localstack.providers.kinesis.stream import Stream
from localstack.providers.kinesis.switches import throttled
from localstack.providers.kinesis.world import Caller, Request, World

MOST_RECORDS = 500
MOST_REQUEST_BYTES = 10 * 2**20
MOST_KEY_CHARACTERS = 256
_KEYS_REMEMBERED = 16_384
_MEMBERS = {"Data", "PartitionKey", "ExplicitHashKey"}

type _Entry = tuple[str, str | None, int, int]
"""Data in base64, partition key, hash key, bytes of data and key."""
type _Result = dict[str, Any]


def put_record(world: World, caller: Caller, request: Request) -> bytes:
    """PutRecord.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: The request is not what its shape says.
    """
    stream = world.find(caller, request, "PutRecord")
    entries = _entries(stream, [request], lambda _: "")
    ordering = request.get("SequenceNumberForOrdering")
    (result,) = _put(world, stream, entries, None if ordering is None else _digits(ordering))
    if isinstance(result, KinesisError):
        raise result
    return orjson.dumps(result | _encryption(stream))


def put_records(world: World, caller: Caller, request: Request) -> bytes:
    """PutRecords: each record succeeds or fails by itself.

    Raises:
        ValueError, KeyError, TypeError, AttributeError: The request is not what its shape says.
    """
    stream = world.find(caller, request, "PutRecords")
    records = request["Records"]
    if not 1 <= len(records) <= MOST_RECORDS:
        raise ValueError(len(records))
    if not all(record.keys() <= _MEMBERS for record in records):
        raise ValueError
    entries = _entries(stream, records, lambda place: f"records.{place + 1}.member.")
    results = _put(world, stream, entries)
    failed = 0
    for place, result in enumerate(results):
        if isinstance(result, KinesisError):
            failed += 1
            # In the list of results the code has no suffix where it is the service's fault.
            code = result.code.replace("InternalFailureException", "InternalFailure")
            results[place] = {"ErrorCode": code, "ErrorMessage": result.message}
    return orjson.dumps({"FailedRecordCount": failed, "Records": results, **_encryption(stream)})


def _encryption(stream: Stream) -> dict[str, str]:
    return {"EncryptionType": "KMS"} if stream.settings.key_id else {}


def _entries(stream: Stream, records: list[Request], path: Callable[[int], str]) -> list[_Entry]:
    """Read records; what is malformed raises whatever it raises, and the request's shape says why."""
    is_auto = stream.settings.distribution == "AUTO"
    most = stream.settings.record_kib * 1024
    entries: list[_Entry] = []
    total = 0
    for record in records:
        data, key, explicit = record["Data"], record.get("PartitionKey"), record.get("ExplicitHashKey")
        number, size = _hashed(key) if key is not None else _no_key(path(len(entries)), is_auto=is_auto)
        if explicit is not None:
            number = _explicit(explicit)
        if data.__class__ is not str:
            raise TypeError(data)
        if data:
            size += len(a2b_base64(data, strict_mode=True))
        if size > most:
            raise not_valid(
                f"1 validation error detected: Value at '{path(len(entries))}data' failed to satisfy "
                "constraint: "
                f"data and partition key must have at most {most} bytes"
            )
        total += size
        entries.append((data, key, number, size))
    if total > MOST_REQUEST_BYTES:
        raise invalid("Records size exceeds 10 MB limit")
    return entries


@lru_cache(_KEYS_REMEMBERED)
def _hashed(key: str) -> tuple[int, int]:
    """Return a partition key's hash key and its size in bytes."""
    if not 1 <= len(key) <= MOST_KEY_CHARACTERS:
        raise ValueError(key)
    return hash_key(key), len(key.encode())


def _no_key(path: str, *, is_auto: bool) -> tuple[int, int]:
    if not is_auto:
        raise not_valid(
            f"1 validation error detected: Value null at '{path}partitionKey' failed to satisfy constraint: "
            "Member must not be null"
        )
    return 0, 0


def _explicit(key: str) -> int:
    number = _digits(key)
    if number > MOST_HASH_KEY:
        raise invalid(
            "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified "
            f"value was {key}"
        )
    return number


def _digits(text: str) -> int:
    number = int(text)
    if number < 0 or str(number) != text:
        raise ValueError(text)
    return number


@dataclass(slots=True)
class _Batch:
    """What one request puts into one shard."""

    shard: Shard
    number: int
    lines: list[bytes] = field(default_factory=list)
    places: list[int] = field(default_factory=list)


def _put(
    world: World, stream: Stream, entries: list[_Entry], ordering: int | None = None
) -> list[_Result | KinesisError]:
    results: list[_Result | KinesisError] = []
    batches: dict[Shard, _Batch] = {}
    if stream.switches.latency_seconds:
        world.sleep(stream.switches.latency_seconds)
    with world.changed:
        stream = world.current(stream)
        may_fail = stream.switches.may_fail
        millis = world.now_millis()
        common = {"ApproximateArrivalTimestamp": millis / 1000, **_encryption(stream)}
        for data, key, number, size in entries:
            shard = stream.of_hash_key(number)
            if may_fail and (failure := _refusal(world, stream, shard, size)):
                results.append(failure)
                continue
            batch = batches.get(shard)
            if batch is None:
                batch = batches[shard] = _Batch(shard, sequence.at(shard.start, shard.log.end - 1))
                _check_ordering(stream, shard, ordering)
            batch.number += sequence.STEP
            digits = str(batch.number)
            record = {"SequenceNumber": digits, "Data": data, "PartitionKey": key, **common}
            if key is None:
                _no_key("", is_auto=stream.settings.distribution == "AUTO")
                del record["PartitionKey"]
            batch.lines.append(orjson.dumps(record) + b",")
            batch.places.append(len(results))
            results.append({"SequenceNumber": digits, "ShardId": shard.id})
        for batch in batches.values():
            failure = _append(stream, batch, millis)
            if failure:
                for place in batch.places:
                    results[place] = failure
        world.changed.notify_all()
    return results


def _append(stream: Stream, batch: _Batch, millis: int) -> KinesisError | None:
    """Write a shard's records; where they cannot be, none of them is there."""
    try:
        begins_segment = batch.shard.log.append(batch.lines, millis)
    except OSError as error:
        return internal(f"the records could not be written: {error.strerror}")
    if begins_segment:
        stream.trim(millis)
    return None


def _check_ordering(stream: Stream, shard: Shard, ordering: int | None) -> None:
    known = None if ordering is None else sequence.position_of(shard.start, ordering)
    if known is not None and known >= shard.log.end:
        raise invalid(
            f"ExclusiveMinimumSequenceNumber {ordering} used in PutRecord on stream {stream.identity.name} "
            f"under account {stream.identity.account} is invalid."
        )


def _refusal(world: World, stream: Stream, shard: Shard, size_bytes: int) -> KinesisError | None:
    failure = stream.switches.fault(shard.id, world.now())
    if failure or not stream.switches.has_limits:
        return failure
    admitted = shard.limits.admits(size_bytes, world.now())
    return None if admitted else throttled(stream.where, shard.id)
