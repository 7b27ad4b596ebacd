"""Consumers with enhanced fan-out: registered, listed, and served by SubscribeToShard."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from localstack.providers.kinesis import paging, sequence
from localstack.providers.kinesis.errors import in_use, invalid, limit_exceeded, not_found
from localstack.providers.kinesis.operations.positions import Start, starting_position
from localstack.providers.kinesis.operations.reads import MOST_READ_RECORDS, fail_by_switch, millis_behind
from localstack.providers.kinesis.shard import Shard
from localstack.providers.kinesis.stream import Consumer, Stream
from localstack.providers.kinesis.world import Answer, Caller, Request, World, consumer_arn

CONSUMER_LIMIT = 20
SUBSCRIPTION_SECONDS = 300
HEARTBEAT_SECONDS = 5  # an event comes at least so often, be it empty
_TAKEOVER_SECONDS = 5
_PAGE = 100
_MOST_EVENT_BYTES = 2 * 2**20 * 4 // 3


def register(world: World, caller: Caller, request: Request) -> Answer:
    """RegisterStreamConsumer; the consumer is ACTIVE when it returns."""
    stream = world.find(caller, request, "RegisterStreamConsumer")
    name = request["ConsumerName"]
    if name in stream.consumers:
        raise in_use(f"Consumer {name} of stream {stream.identity.name} already exists.")
    if len(stream.consumers) >= CONSUMER_LIMIT:
        raise limit_exceeded(
            f"Stream {stream.identity.name} can have {CONSUMER_LIMIT} consumers with enhanced fan-out."
        )
    stream.consumers[name] = Consumer(name, world.now_millis(), dict(request.get("Tags", {})))
    world.save(stream)
    return {"Consumer": _describe(stream, stream.consumers[name])}


def deregister(world: World, caller: Caller, request: Request) -> Answer:
    """DeregisterStreamConsumer; its subscriptions end."""
    stream, consumer = _named(world, caller, request, "DeregisterStreamConsumer")
    del stream.consumers[consumer.name]
    for shard in stream.shards.values():
        shard.limits.fan_out.pop(consumer_arn(stream, consumer), None)
    world.save(stream)
    return {}


def describe(world: World, caller: Caller, request: Request) -> Answer:
    """DescribeStreamConsumer."""
    stream, consumer = _named(world, caller, request, "DescribeStreamConsumer")
    return {"ConsumerDescription": {**_describe(stream, consumer), "StreamARN": stream.arn}}


def list_consumers(world: World, caller: Caller, request: Request) -> Answer:
    """ListStreamConsumers."""
    stream = world.find(caller, request, "ListStreamConsumers")
    stream.check_created(request.get("StreamCreationTimestamp"))
    after = None
    if "NextToken" in request:
        after = paging.read_token("ListStreamConsumers", request["NextToken"], world.now()).get("after")
    consumers, has_more = paging.page(
        sorted(stream.consumers.values(), key=lambda consumer: consumer.name),
        request.get("MaxResults", _PAGE),
        after,
        lambda consumer: consumer.name,
    )
    answer: Answer = {"Consumers": [_describe(stream, consumer) for consumer in consumers]}
    if has_more:
        answer["NextToken"] = paging.token("ListStreamConsumers", {"after": consumers[-1].name}, world.now())
    return answer


@dataclass(slots=True)
class _Subscription:
    stream: Stream
    consumer: Consumer
    shard: Shard
    position: int
    ends: float


def subscribe(world: World, caller: Caller, request: Request) -> Iterator[Answer]:
    """SubscribeToShard: events as records arrive, for five minutes.

    A put wakes it. It ends early when the shard is closed and read, the consumer or stream is gone, or
    another subscription of the same consumer and shard has taken over.

    Raises:
        KinesisError: ResourceInUseException, within 5 s of the last subscription; and those of a starting
            position.
    """
    arn, begin = request["ConsumerARN"], request["StartingPosition"]
    with world.changed:
        stream, consumer = world.consumer_of(caller, arn, "SubscribeToShard")
        shard = stream.shard(request["ShardId"])
        fail_by_switch(world, stream, shard)
        now = world.now()
        world.subscriptions = {key: each for key, each in world.subscriptions.items() if each.ends > now}
        held = world.subscriptions.get((arn, shard.id))
        if held and now < held.ends - SUBSCRIPTION_SECONDS + _TAKEOVER_SECONDS:
            raise in_use(f"Another active subscription exists for this consumer: {arn} on {shard.id}")
        start = Start(begin["Type"], begin.get("SequenceNumber"), begin.get("Timestamp"))
        position = starting_position(stream, shard, start, world.now_millis())
        subscription = _Subscription(stream, consumer, shard, position, now + SUBSCRIPTION_SECONDS)
        world.subscriptions[arn, shard.id] = subscription
        world.changed.notify_all()
    return _events(world, subscription, arn)


def _events(world: World, me: _Subscription, arn: str) -> Iterator[Answer]:
    while True:
        with world.changed:
            heartbeat = world.now() + HEARTBEAT_SECONDS
            while True:
                if not _is_held(world, me, arn) or world.now() >= me.ends:
                    return
                first = max(me.position, me.stream.first_position(me.shard, world.now_millis()))
                span = me.shard.log.span(first, MOST_READ_RECORDS, _MOST_EVENT_BYTES)
                is_over = not me.shard.is_open and span.end >= me.shard.log.end
                wait = heartbeat - world.now()
                if span.end > span.first or is_over or wait <= 0:
                    break
                world.changed.wait(wait)
            if me.stream.switches.fault(me.shard.id, world.now()):
                return
            me.position = span.end
            event: Answer = {"MillisBehindLatest": millis_behind(world, me.shard, span)}
            if is_over:  # clients take a missing number for the end of the shard
                event["ChildShards"] = me.stream.children(me.shard.index)
            else:
                event["ContinuationSequenceNumber"] = str(sequence.at(me.shard.start, span.end - 1))
            pace = me.shard.limits.fan_out_of(arn) if me.stream.switches.has_limits else None
        try:
            event["Records"] = orjson.loads(b"[%b]" % span.read())
        except FileNotFoundError:  # trimmed in between: the consumer subscribes again
            return
        if pace:
            pace.spend(span.length * 3 // 4, world.now())
            world.sleep(pace.wait_seconds(world.now()))
        yield event
        if is_over:
            return


def _is_held(world: World, me: _Subscription, arn: str) -> bool:
    return (
        world.is_there(me.stream)
        and me.stream.consumers.get(me.consumer.name) is me.consumer
        and world.subscriptions.get((arn, me.shard.id)) is me
    )


def _named(world: World, caller: Caller, request: Request, action: str) -> tuple[Stream, Consumer]:
    if "ConsumerARN" in request:
        stream, consumer = world.consumer_of(caller, request["ConsumerARN"], action)
        if request.get("StreamARN", stream.arn) != stream.arn or (
            request.get("ConsumerName", consumer.name) != consumer.name
        ):
            raise invalid("ConsumerARN, StreamARN and ConsumerName name different consumers.")
        return stream, consumer
    if "ConsumerName" not in request or "StreamARN" not in request:
        raise invalid("Either ConsumerARN, or StreamARN and ConsumerName, must be given.")
    stream = world.find(caller, {"StreamARN": request["StreamARN"]}, action)
    named = stream.consumers.get(request["ConsumerName"])
    if named is None:
        raise not_found(f"Consumer {request['ConsumerName']} of stream {stream.identity.name} not found.")
    return stream, named


def _describe(stream: Stream, consumer: Consumer) -> dict[str, Any]:
    return {
        "ConsumerName": consumer.name,
        "ConsumerARN": consumer_arn(stream, consumer),
        "ConsumerStatus": "ACTIVE",
        "ConsumerCreationTimestamp": consumer.created / 1000,
    }
