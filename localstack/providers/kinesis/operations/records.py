"""Records: put, and read by iterator.

These functions take the world's lock themselves, for as short as they can: the files are read without it.
"""

import binascii
from dataclasses import dataclass

import orjson

from localstack.providers.kinesis import sequence
from localstack.providers.kinesis.errors import KinesisError, internal, invalid, not_valid
from localstack.providers.kinesis.iterators import ShardIterator
from localstack.providers.kinesis.log import Span
from localstack.providers.kinesis.operations.positions import Start, starting_position
from localstack.providers.kinesis.shard import MOST_HASH_KEY, Shard, hash_key
from localstack.providers.kinesis.stream import Stream
from localstack.providers.kinesis.switches import throttled
from localstack.providers.kinesis.validation import invalid_base64
from localstack.providers.kinesis.world import Answer, Caller, Request, World

MOST_RECORDS = 500
MOST_REQUEST_BYTES = 10 * 2**20
MOST_KEY_CHARACTERS = 256
MOST_READ_RECORDS = 10_000
_MOST_READ_BYTES = MOST_REQUEST_BYTES * 4 // 3  # 10 MiB of data, as base64


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes  # base64
    key: bytes  # as a member of the record's JSON
    hash_key: int
    size_bytes: int


def put_record(world: World, caller: Caller, request: Request) -> bytes:
    """PutRecord."""
    stream = world.find(caller, request, "PutRecord")
    entry = _entry(stream, request, "")
    _check_sizes(stream, [entry], "data")
    ordering = request.get("SequenceNumberForOrdering")
    (answer,) = _put(world, stream, [entry], int(ordering) if ordering else None)
    if isinstance(answer, KinesisError):
        raise answer
    return answer if stream.settings.key_id is None else answer[:-1] + b',"EncryptionType":"KMS"}'


def put_records(world: World, caller: Caller, request: Request) -> bytes:
    """PutRecords: each record succeeds or fails by itself."""
    stream = world.find(caller, request, "PutRecords")
    records = request["Records"]
    if not 1 <= len(records) <= MOST_RECORDS:
        raise not_valid("Records must hold 1 to 500 records.")
    entries = [_entry(stream, record, f"records.{place}.member.") for place, record in enumerate(records, 1)]
    _check_sizes(stream, entries, "records.{}.member.data")
    answers = _put(world, stream, entries)
    failed = 0
    for place, answer in enumerate(answers):
        if isinstance(answer, KinesisError):
            failed += 1
            # In the list of results the code has no suffix where it is the service's fault.
            code = answer.code.replace("InternalFailureException", "InternalFailure")
            answers[place] = orjson.dumps({"ErrorCode": code, "ErrorMessage": answer.message})
    encryption = b',"EncryptionType":"KMS"' if stream.settings.key_id else b""
    return b'{"FailedRecordCount":%d,"Records":[%b]%b}' % (failed, b",".join(answers), encryption)  # type: ignore[arg-type]


def get_shard_iterator(world: World, caller: Caller, request: Request) -> Answer:
    """GetShardIterator."""
    with world.changed:
        stream = world.find(caller, request, "GetShardIterator")
        shard = stream.shard(request["ShardId"])
        _fail_by_switch(world, stream, shard)
        now = world.now_millis()
        stream.trim(now)
        start = Start(
            request["ShardIteratorType"], request.get("StartingSequenceNumber"), request.get("Timestamp")
        )
        position = starting_position(stream, shard, start, now)
        return {"ShardIterator": _iterator(stream, shard, position, now)}


def get_records(world: World, caller: Caller, request: Request) -> bytes:
    """GetRecords."""
    with world.changed:
        now = world.now_millis()
        begin = ShardIterator.decode(request["ShardIterator"], now)
        stream = world.of_id(caller, begin.stream_id, begin.stream_name, "GetRecords")
        if request.get("StreamARN", stream.arn) != stream.arn:
            raise invalid(f"The iterator is not one of {request['StreamARN']}.")
        shard = next((each for each in stream.shards.values() if each.index == begin.shard_index), None)
        if shard is None:
            return b'{"Records":[],"MillisBehindLatest":0}'  # closed and past its retention
        _fail_by_switch(world, stream, shard)
        switches = stream.switches
        if switches.has_limits and not shard.limits.lets_read(world.now()):
            raise throttled(_where(stream), shard.id)
    if switches.latency_seconds:
        world.sleep(switches.latency_seconds)
    while True:
        with world.changed:
            first = max(begin.position, stream.first_position(shard, world.now_millis()))
            span = shard.log.span(first, request.get("Limit", MOST_READ_RECORDS), _MOST_READ_BYTES)
            answer = _after(world, stream, shard, span)
            if switches.has_limits:
                shard.limits.bytes_out.spend(span.length * 3 // 4, world.now())
        try:
            records = span.read()
        except FileNotFoundError:  # trimmed in between
            continue
        return b'{"Records":[%b],%b' % (records, orjson.dumps(answer)[1:])


def millis_behind(world: World, shard: Shard, span: Span) -> int:
    """Return MillisBehindLatest after a read: 0 where nothing is left, else at least 1."""
    if span.end >= shard.log.end:
        return 0
    last_read = span.end - 1 if span.end > span.first else span.end
    return max(1, world.now_millis() - shard.log.arrival(last_read))


def _after(world: World, stream: Stream, shard: Shard, span: Span) -> Answer:
    answer: Answer = {"MillisBehindLatest": millis_behind(world, shard, span)}
    if shard.is_open or span.end < shard.log.end:
        answer["NextShardIterator"] = _iterator(stream, shard, span.end, world.now_millis())
    else:
        answer["ChildShards"] = [child.describe_as_child() for child in stream.children(shard)]
    return answer


def _entry(stream: Stream, record: Request, path: str) -> _Entry:
    data, key, explicit = record["Data"], record.get("PartitionKey"), record.get("ExplicitHashKey")
    if key is None:
        if stream.settings.distribution != "AUTO":
            raise not_valid(
                f"1 validation error detected: Value null at '{path}partitionKey' failed to satisfy "
                "constraint: Member must not be null"
            )
    elif not 1 <= len(key) <= MOST_KEY_CHARACTERS:
        raise not_valid("PartitionKey must have 1 to 256 characters.")
    try:
        text = data.encode("ascii")
        size = len(binascii.a2b_base64(text, strict_mode=True)) if text else 0
    except ValueError:
        raise invalid_base64() from None
    if key is None or stream.settings.distribution == "AUTO":
        number = 0
    elif explicit is None:
        number = hash_key(key)
    else:
        number = int(explicit) if explicit.isascii() and explicit.isdecimal() else -1
        if not 0 <= number <= MOST_HASH_KEY:
            raise invalid(
                "Invalid ExplicitHashKey. ExplicitHashKey must be in the range: [0, 2^128-1]. Specified "
                f"value was {explicit}"
            )
    if key is None:
        return _Entry(text, b"", number, size)
    return _Entry(text, b',"PartitionKey":%b' % orjson.dumps(key), number, size + len(key.encode()))


def _check_sizes(stream: Stream, entries: list[_Entry], path: str) -> None:
    most = stream.settings.record_kib * 1024
    for place, entry in enumerate(entries, 1):
        if entry.size_bytes > most:
            raise not_valid(
                f"1 validation error detected: Value at '{path.format(place)}' failed to satisfy constraint: "
                f"data and partition key must have at most {most} bytes"
            )
    if sum(entry.size_bytes for entry in entries) > MOST_REQUEST_BYTES:
        raise invalid("Records size exceeds 10 MB limit")


def _put(
    world: World, stream: Stream, entries: list[_Entry], ordering: int | None = None
) -> list[bytes | KinesisError]:
    answers: list[bytes | KinesisError] = []
    batches: dict[Shard, list[bytes]] = {}
    if stream.switches.latency_seconds:
        world.sleep(stream.switches.latency_seconds)
    with world.changed:
        switches = stream.switches
        millis = world.now_millis()
        arrival = b"%d.%03d" % divmod(millis, 1000)
        encryption = b',"EncryptionType":"KMS"' if stream.settings.key_id else b""
        for entry in entries:
            shard = stream.of_hash_key(entry.hash_key)
            if switches.may_fail and (failure := _refusal(world, stream, shard, entry)):
                answers.append(failure)
                continue
            batch = batches.setdefault(shard, [])
            position = shard.log.end + len(batch)
            _check_ordering(stream, shard, ordering, position)
            number = b"%d" % sequence.at(shard.start, position)
            batch.append(
                b'{"SequenceNumber":"%b","ApproximateArrivalTimestamp":%b,"Data":"%b"%b%b}'
                % (number, arrival, entry.data, entry.key, encryption)
            )
            answers.append(b'{"SequenceNumber":"%b","ShardId":"%b"}' % (number, shard.id.encode()))
        try:
            for shard, batch in batches.items():
                shard.log.append(batch, millis)
        except OSError as error:
            raise internal(f"the records could not be written: {error.strerror}") from error
        world.changed.notify_all()
    return answers


def _check_ordering(stream: Stream, shard: Shard, ordering: int | None, position: int) -> None:
    known = None if ordering is None else sequence.position_of(shard.start, ordering)
    if known is not None and known >= position:
        raise invalid(
            f"ExclusiveMinimumSequenceNumber {ordering} used in PutRecord on stream {stream.identity.name} "
            f"under account {stream.identity.account} is invalid."
        )


def _refusal(world: World, stream: Stream, shard: Shard, entry: _Entry) -> KinesisError | None:
    failure = stream.switches.fault(shard.id, world.now())
    if failure or not stream.switches.has_limits:
        return failure
    admitted = shard.limits.admits(entry.size_bytes, world.now())
    return None if admitted else throttled(_where(stream), shard.id)


def _fail_by_switch(world: World, stream: Stream, shard: Shard) -> None:
    failure = stream.switches.fault(shard.id, world.now())
    if failure:
        raise failure


def _where(stream: Stream) -> str:
    return f"in stream {stream.identity.name} under account {stream.identity.account}"


def _iterator(stream: Stream, shard: Shard, position: int, now_millis: int) -> str:
    me = stream.identity
    return ShardIterator(me.id, me.name, shard.index, position, now_millis).encode()
