"""Records, read by iterator.

The files are read without the world's lock.
"""

import orjson

from localstack.providers.kinesis.errors import internal, invalid
from localstack.providers.kinesis.iterators import ShardIterator
from localstack.providers.kinesis.log import Span
from localstack.providers.kinesis.operations.positions import Start, starting_position
from localstack.providers.kinesis.shard import Shard, shard_id
from localstack.providers.kinesis.stream import Stream
from localstack.providers.kinesis.switches import throttled
from localstack.providers.kinesis.world import Answer, Caller, Request, World

MOST_READ_RECORDS = 10_000
_MOST_READ_BYTES = 10 * 2**20 * 4 // 3  # 10 MiB of data, as base64


def get_shard_iterator(world: World, caller: Caller, request: Request) -> Answer:
    """GetShardIterator."""
    with world.changed:
        stream = world.find(caller, request, "GetShardIterator")
        shard = stream.shard(request["ShardId"])
        fail_by_switch(world, stream, shard)
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
        begin = ShardIterator.decode(request["ShardIterator"], world.now_millis())
        stream = world.of_id(caller, begin.stream_id, begin.stream_name, "GetRecords")
        if request.get("StreamARN", stream.arn) != stream.arn:
            raise invalid(f"The iterator is not one of {request['StreamARN']}.")
        shard = stream.shards.get(shard_id(begin.shard_index))
        if shard:
            fail_by_switch(world, stream, shard)
            if stream.switches.has_limits and not shard.limits.lets_read(world.now()):
                raise throttled(stream.where, shard.id)
        latency_seconds = stream.switches.latency_seconds
    if latency_seconds:
        world.sleep(latency_seconds)
    return _read(world, stream, begin, request.get("Limit", MOST_READ_RECORDS))


def _read(world: World, stream: Stream, begin: ShardIterator, most_records: int) -> bytes:
    tried = -1
    while True:
        with world.changed:
            stream = world.current(stream)
            shard = stream.shards.get(shard_id(begin.shard_index))
            if shard is None:  # closed, and past its retention
                answer = {"MillisBehindLatest": 0, "ChildShards": stream.children(begin.shard_index)}
                return orjson.dumps({"Records": [], **answer})
            first = max(begin.position, stream.first_position(shard, world.now_millis()))
            span = shard.log.span(first, most_records, _MOST_READ_BYTES)
            answer = _after(world, stream, shard, span)
            if stream.switches.has_limits:
                shard.limits.bytes_out.spend(span.length * 3 // 4, world.now())
        try:
            return b'{"Records":[%b],%b' % (span.read(), orjson.dumps(answer)[1:])
        except FileNotFoundError:  # trimmed in between: what is left begins further on
            if span.first == tried:
                raise internal(f"records of {shard.id} are missing from the disk") from None
            tried = span.first


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
        answer["ChildShards"] = stream.children(shard.index)
    return answer


def fail_by_switch(world: World, stream: Stream, shard: Shard) -> None:
    """Fail one call on a shard, if a switch says so.

    Raises:
        KinesisError: InternalFailureException, ProvisionedThroughputExceededException.
    """
    failure = stream.switches.fault(shard.id, world.now())
    if failure:
        raise failure


def _iterator(stream: Stream, shard: Shard, position: int, now_millis: int) -> str:
    me = stream.identity
    return ShardIterator(me.id, me.name, shard.index, position, now_millis).encode()
