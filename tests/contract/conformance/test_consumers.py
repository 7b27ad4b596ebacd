"""Consumers with enhanced fan-out."""

import threading
import time
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.documented import Client, MakeStream, arn_of, documented, put, refused, settle

pytestmark = pytest.mark.timeout(90)
FIRST = "shardId-000000000000"


def register(kinesis: Client, name: str, consumer: str = "c") -> str:
    """Register a consumer, wait until it is ACTIVE, and return its ARN."""
    arn = kinesis.register_stream_consumer(StreamARN=arn_of(kinesis, name), ConsumerName=consumer)[
        "Consumer"
    ]["ConsumerARN"]
    for _ in range(100):
        if (
            kinesis.describe_stream_consumer(ConsumerARN=arn)["ConsumerDescription"]["ConsumerStatus"]
            == "ACTIVE"
        ):
            break
        time.sleep(0.1)
    return str(arn)


def subscribe(kinesis: Client, consumer: str, kind: str = "TRIM_HORIZON", shard: str = FIRST) -> Any:
    """Return an event stream."""
    position = {"Type": kind}
    return kinesis.subscribe_to_shard(ConsumerARN=consumer, ShardId=shard, StartingPosition=position)[
        "EventStream"
    ]


def events_until(stream: Any, is_enough: Any, most: int = 20) -> list[dict[str, Any]]:
    """Collect events until one is enough, or the stream ends."""
    events: list[dict[str, Any]] = []
    for event in stream:
        events.append(event["SubscribeToShardEvent"])
        if is_enough(events[-1]) or len(events) >= most:
            break
    stream.close()
    return events


@documented("API_RegisterStreamConsumer")
def test_a_consumer_is_registered(kinesis: Client, stream: MakeStream) -> None:
    """A registered consumer is described by ARN, and by stream and name."""
    name = stream()
    arn = register(kinesis, name)
    by_arn = kinesis.describe_stream_consumer(ConsumerARN=arn)["ConsumerDescription"]
    by_name = kinesis.describe_stream_consumer(StreamARN=arn_of(kinesis, name), ConsumerName="c")
    assert by_arn == by_name["ConsumerDescription"]
    assert (by_arn["StreamARN"], by_arn["ConsumerName"]) == (arn_of(kinesis, name), "c")


@documented("API_RegisterStreamConsumer")
def test_a_consumer_s_name_is_taken_once(kinesis: Client, stream: MakeStream) -> None:
    """A second consumer of the same name is a ResourceInUseException."""
    name = stream()
    register(kinesis, name)
    with refused("ResourceInUseException"):
        register(kinesis, name)


@documented("API_RegisterStreamConsumer")
def test_a_stream_has_twenty_consumers(kinesis: Client, stream: MakeStream) -> None:
    """A stream has at most 20 consumers."""
    name = stream()
    for number in range(20):
        register(kinesis, name, f"c{number}")
    with refused("LimitExceededException"):
        register(kinesis, name, "c20")


@documented("API_ListStreamConsumers")
def test_consumers_are_listed_in_pages(kinesis: Client, stream: MakeStream) -> None:
    """ListStreamConsumers gives pages by MaxResults and NextToken."""
    name = stream()
    for each in "abc":
        register(kinesis, name, each)
    arn = arn_of(kinesis, name)
    first = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=2)
    second = kinesis.list_stream_consumers(StreamARN=arn, MaxResults=2, NextToken=first["NextToken"])
    names = [each["ConsumerName"] for each in first["Consumers"] + second["Consumers"]]
    assert (len(first["Consumers"]), sorted(names)) == (2, ["a", "b", "c"])


@documented("API_DeregisterStreamConsumer")
def test_a_deregistered_consumer_is_gone(kinesis: Client, stream: MakeStream) -> None:
    """A deregistered consumer is not found, or is DELETING."""
    name = stream()
    arn = register(kinesis, name)
    kinesis.deregister_stream_consumer(ConsumerARN=arn)
    try:
        consumer = kinesis.describe_stream_consumer(ConsumerARN=arn)["ConsumerDescription"]
    except kinesis.exceptions.ResourceNotFoundException:
        return
    assert consumer["ConsumerStatus"] == "DELETING"


@documented("API_DescribeStreamConsumer")
def test_an_unknown_consumer_is_not_found(kinesis: Client, stream: MakeStream) -> None:
    """An unknown consumer is a ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        kinesis.describe_stream_consumer(StreamARN=arn_of(kinesis, stream()), ConsumerName="c")


@documented("API_SubscribeToShard")
def test_a_subscription_gives_what_is_there(kinesis: Client, stream: MakeStream) -> None:
    """SubscribeToShard gives records with their data and where to go on."""
    name = stream()
    numbers = [each["SequenceNumber"] for each in put(kinesis, name, *"abc")]
    events = events_until(subscribe(kinesis, register(kinesis, name)), lambda event: event["Records"])
    assert [each["Data"] for each in events[-1]["Records"]] == [b"a", b"b", b"c"]
    assert events[-1]["ContinuationSequenceNumber"] == numbers[-1]
    assert events[-1]["MillisBehindLatest"] == 0


@documented("API_StartingPosition")
def test_a_subscription_begins_at_a_time(kinesis: Client, stream: MakeStream) -> None:
    """AT_TIMESTAMP begins with the first record that arrived then or later, to the millisecond."""
    name = stream()
    put(kinesis, name, "a")
    time.sleep(0.05)
    between = datetime.now(UTC)
    time.sleep(0.05)
    put(kinesis, name, "b")
    position = {"Type": "AT_TIMESTAMP", "Timestamp": between}
    events = kinesis.subscribe_to_shard(
        ConsumerARN=register(kinesis, name), ShardId=FIRST, StartingPosition=position
    )["EventStream"]
    got = events_until(events, lambda event: event["Records"])
    assert [each["Data"] for each in got[-1]["Records"]] == [b"b"]


@documented("API_SubscribeToShard")
def test_a_subscription_is_pushed_to(kinesis: Client, stream: MakeStream) -> None:
    """A record put while a subscription waits is pushed within a second (AWS: about 70 ms)."""
    name = stream()
    events = subscribe(kinesis, register(kinesis, name), "LATEST")
    put_at: list[float] = []

    def later() -> None:
        time.sleep(1)
        put_at.append(time.monotonic())
        put(kinesis, name, "a")

    threading.Thread(target=later).start()
    got = events_until(events, lambda event: event["Records"])
    assert [each["Data"] for each in got[-1]["Records"]] == [b"a"]
    assert time.monotonic() - put_at[0] < 1


@documented("API_SubscribeToShardEvent")
def test_a_subscription_ends_with_the_shard(kinesis: Client, stream: MakeStream) -> None:
    """The last event of a closed shard names its children."""
    name = stream()
    put(kinesis, name, "a")
    kinesis.split_shard(StreamName=name, ShardToSplit=FIRST, NewStartingHashKey=str(2**127))
    settle(kinesis, name)
    events = events_until(
        subscribe(kinesis, register(kinesis, name)), lambda event: event.get("ChildShards"), most=4
    )
    assert sum(len(event["Records"]) for event in events) == 1
    assert len(events[-1]["ChildShards"]) == 2
    assert events[-1].get("ContinuationSequenceNumber") is None


@documented("API_SubscribeToShard")
def test_a_second_subscription_within_five_seconds_is_refused(kinesis: Client, stream: MakeStream) -> None:
    """Subscribing again within five seconds is a ResourceInUseException."""
    consumer = register(kinesis, stream())
    first = subscribe(kinesis, consumer)
    with refused("ResourceInUseException"):
        subscribe(kinesis, consumer)
    first.close()


@documented("API_SubscribeToShard")
def test_an_unknown_consumer_subscribes_to_nothing(kinesis: Client, stream: MakeStream) -> None:
    """Subscribing an unknown consumer is a ResourceNotFoundException."""
    with refused("ResourceNotFoundException"):
        subscribe(kinesis, f"{arn_of(kinesis, stream())}/consumer/none:1")
