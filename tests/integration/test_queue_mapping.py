"""Event source mappings of SQS: batches side by side, nothing lost, nothing deleted that was not taken."""

import json
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.settings import Settings
from tests.support.functions import Deploy, client
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)
SEEN = "seen-of-queues"
# Seconds that a taken message is hidden: the batch of a slower function comes again, as SQS promises.
HIDDEN = "10"
# The function tells what it took by a stream; `{body}` is what it does before.
SOURCE = """
import boto3, json, os, time
kinesis = boto3.client("kinesis")
def handler(event, context):
    began = time.time()
    records = event["Records"]
    taken, answer = [each["body"] for each in records], None
    {body}
    told = json.dumps({"taken": taken, "pid": os.getpid(), "began": began, "ended": time.time()})
    kinesis.put_record(StreamName="seen-of-queues", Data=told, PartitionKey="a")
    return answer
"""
_NUMBERS = count(1)
type Queue = Callable[..., str]
type Map = Callable[..., str]


@pytest.fixture
def kinesis(world: Settings) -> Any:
    """A stream to tell by."""
    kinesis = client(world, "kinesis")
    kinesis.create_stream(StreamName=SEEN, ShardCount=1)
    return kinesis


@pytest.fixture
def sqs(world: Settings) -> Any:
    """SQS."""
    return client(world, "sqs")


@pytest.fixture
def queue(sqs: Any) -> Iterator[Queue]:
    """Make queues, and delete them afterwards."""
    urls = []

    def make(suffix: str = "", **attributes: str) -> str:
        name = f"mapped-{next(_NUMBERS)}{suffix}"
        urls.append(sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])
        return str(urls[-1])

    yield make
    for url in urls:
        sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def mapped(functions: Any, deploy: Deploy, kinesis: Any, sqs: Any) -> Map:
    """Deploy a function with a body, map a queue to it, and return the mapping's UUID."""
    assert kinesis

    def make(url: str, body: str = "pass", timeout: int = 20, **settings: Any) -> str:
        mapping = functions.create_event_source_mapping(
            FunctionName=deploy(SOURCE.replace("{body}", body), Timeout=timeout),
            EventSourceArn=arn(sqs, url),
            **settings,
        )
        wait_for(functions, mapping["UUID"], "Enabled")
        return str(mapping["UUID"])

    return make


def arn(sqs: Any, url: str) -> str:
    """Return a queue's ARN."""
    return str(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"])


def wait_for(functions: Any, uuid: str, state: str) -> None:
    """Wait until a mapping is in a state."""
    until(lambda: functions.get_event_source_mapping(UUID=uuid)["State"] == state, 30)


def send(sqs: Any, url: str, *bodies: str) -> None:
    """Send messages."""
    for body in bodies:
        sqs.send_message(QueueUrl=url, MessageBody=body)


def left(sqs: Any, url: str) -> int:
    """Return how many messages a queue still has, those in flight too."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(answer[name]) for name in names)


def told(kinesis: Any) -> list[dict[str, Any]]:
    """Return what invocations told, in the order of their ends."""
    at = kinesis.get_shard_iterator(
        StreamName=SEEN, ShardId="shardId-000000000000", ShardIteratorType="TRIM_HORIZON"
    )["ShardIterator"]
    return [json.loads(each["Data"]) for each in kinesis.get_records(ShardIterator=at)["Records"]]


def taken(kinesis: Any) -> list[str]:
    """Return the bodies that were taken, in order."""
    return [body for each in told(kinesis) for body in each["taken"]]


def most_at_once(kinesis: Any) -> int:
    """Return how many invocations ran at one moment."""
    spans = [(each["began"], each["ended"]) for each in told(kinesis)]
    most: int = max(
        [sum(began <= moment < ended for began, ended in spans) for moment, _ in spans], default=0
    )
    return most


@pytest.mark.parametrize("most", [pytest.param(3, id="MaximumConcurrency"), pytest.param(None, id="not set")])
def test_batches_run_side_by_side(
    mapped: Map, queue: Queue, sqs: Any, kinesis: Any, most: int | None
) -> None:
    """As many as MaximumConcurrency allows, and five where it is not set."""
    settings = {"ScalingConfig": {"MaximumConcurrency": most}} if most else {}
    url = queue()
    send(sqs, url, *map(str, range(30)))
    mapped(url, "time.sleep(0.5)", BatchSize=1, **settings)
    until(lambda: left(sqs, url) == 0, 90)
    assert sorted(map(int, taken(kinesis))) == list(range(30))
    assert most_at_once(kinesis) == (most or 5)


def test_what_fails_comes_back_and_ends_in_the_dead_letters(
    mapped: Map, queue: Queue, sqs: Any, kinesis: Any
) -> None:
    """Visibility and redrive are SQS's; the others are taken once."""
    dead = queue()
    redrive = json.dumps({"deadLetterTargetArn": arn(sqs, dead), "maxReceiveCount": 2})
    url = queue(VisibilityTimeout="4", RedrivePolicy=redrive)
    mapped(url, "assert 'poison' not in taken", timeout=4, BatchSize=1)
    send(sqs, url, "a", "poison", "b")
    message = until(lambda: sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=1).get("Messages"), 60)[0]
    assert message["Body"] == "poison"
    assert sorted(taken(kinesis)) == ["a", "b"]
    assert left(sqs, url) == 0


def test_reported_failures_alone_come_back(mapped: Map, queue: Queue, sqs: Any, kinesis: Any) -> None:
    """The rest of their batch is deleted."""
    url = queue(VisibilityTimeout=HIDDEN)
    mapped(
        url,
        "failed = [each for each in records"
        " if each['body'] in '37' and each['attributes']['ApproximateReceiveCount'] == '1']\n"
        "    taken = [each['body'] for each in records if each not in failed]\n"
        "    answer = {'batchItemFailures': [{'itemIdentifier': each['messageId']} for each in failed]}",
        timeout=int(HIDDEN),
        BatchSize=20,
        MaximumBatchingWindowInSeconds=1,
        FunctionResponseTypes=["ReportBatchItemFailures"],
    )
    send(sqs, url, *map(str, range(10)))
    until(lambda: left(sqs, url) == 0 and len(taken(kinesis)) >= 10, 60)
    assert Counter(taken(kinesis)) == Counter(map(str, range(10)))
    assert set(taken(kinesis)[-2:]) == {"3", "7"}


def test_a_fifo_queue_s_groups_keep_their_order(mapped: Map, queue: Queue, sqs: Any, kinesis: Any) -> None:
    """Side by side, and through failures."""
    url = queue(".fifo", FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout=HIDDEN)
    for number in range(40):
        sqs.send_message(QueueUrl=url, MessageBody=f"{number % 4}-{number}", MessageGroupId=str(number % 4))
    mapped(
        url,
        "first = [each for each in records if each['attributes']['ApproximateReceiveCount'] == '1']\n"
        "    time.sleep(0.1)\n"
        "    assert not any(each['body'] in ('1-1', '3-11') for each in first)",
        timeout=int(HIDDEN),
        BatchSize=3,
        ScalingConfig={"MaximumConcurrency": 4},
    )
    until(lambda: left(sqs, url) == 0 and len(taken(kinesis)) >= 40, 90)
    for group in range(4):
        of_group = [body for body in taken(kinesis) if body.startswith(f"{group}-")]
        assert of_group == [f"{group}-{number}" for number in range(group, 40, 4)]
    assert most_at_once(kinesis) > 1


def test_throttled_messages_are_not_lost(
    mapped: Map, queue: Queue, sqs: Any, kinesis: Any, functions: Any
) -> None:
    """They are tried again, without a receipt more while they are hidden."""
    url = queue(VisibilityTimeout="30")
    uuid = mapped(url, "taken = [each['attributes']['ApproximateReceiveCount'] for each in records]")
    name = functions.get_event_source_mapping(UUID=uuid)["FunctionArn"].split(":")[-1]
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    send(sqs, url, "a", "b", "c")
    throttled = ["ApproximateNumberOfMessagesNotVisible"]
    until(
        lambda: (
            sqs.get_queue_attributes(QueueUrl=url, AttributeNames=throttled)["Attributes"][throttled[0]]
            == "3"
        ),
        30,
    )
    assert taken(kinesis) == []
    functions.delete_function_concurrency(FunctionName=name)
    until(lambda: left(sqs, url) == 0, 60)
    assert taken(kinesis) == ["1", "1", "1"]


def test_a_paused_mapping_leaves_messages_where_they_are(
    mapped: Map, queue: Queue, sqs: Any, kinesis: Any, functions: Any
) -> None:
    """And takes them when it is resumed."""
    url = queue()
    uuid = mapped(url)
    functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    wait_for(functions, uuid, "Disabled")
    send(sqs, url, "a", "b")
    seen: dict[str, str] = {}

    def are_both_seen() -> bool:  # a request may bring one of them
        for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
            seen[message["Body"]] = message["ReceiptHandle"]
        return seen.keys() == {"a", "b"}

    until(are_both_seen, 10)  # nobody else has received them
    for receipt in seen.values():
        sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0)
    functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    until(lambda: left(sqs, url) == 0, 60)
    assert sorted(taken(kinesis)) == ["a", "b"]


def test_a_filter_deletes_what_does_not_match(mapped: Map, queue: Queue, sqs: Any, kinesis: Any) -> None:
    """What matches arrives as it was sent."""
    url = queue()
    pattern = json.dumps({"body": {"kind": ["departed"]}})
    mapped(url, FilterCriteria={"Filters": [{"Pattern": pattern}]})
    bodies = ['{"kind":"departed",  "n":1}', '{"kind": "arrived"}', "no JSON", '"kind"']
    send(sqs, url, *bodies)
    until(lambda: left(sqs, url) == 0 and taken(kinesis), 60)
    assert taken(kinesis) == bodies[:1]


def test_an_update_loses_nothing(mapped: Map, queue: Queue, sqs: Any, kinesis: Any, functions: Any) -> None:
    """While batches run."""
    url = queue()
    send(sqs, url, *map(str, range(40)))
    uuid = mapped(url, "time.sleep(0.2)", BatchSize=2, ScalingConfig={"MaximumConcurrency": 2})
    until(lambda: taken(kinesis), 60)
    functions.update_event_source_mapping(UUID=uuid, ScalingConfig={"MaximumConcurrency": 4})
    until(lambda: left(sqs, url) == 0, 60)
    assert sorted(map(int, taken(kinesis))) == list(range(40))
    mapping = functions.get_event_source_mapping(UUID=uuid)
    assert mapping["ScalingConfig"] == {"MaximumConcurrency": 4}


@pytest.mark.parametrize(
    ("suffix", "settings"),
    [
        pytest.param("", {"ScalingConfig": {"MaximumConcurrency": 1001}}, id="beyond AWS's"),
        pytest.param("", {"ParallelizationFactor": 2}, id="of streams"),
        pytest.param("", {"ProvisionedPollerConfig": {"MinimumPollers": 2}}, id="not honoured"),
        pytest.param(".fifo", {"MaximumBatchingWindowInSeconds": 1}, id="not for FIFO"),
    ],
)
def test_settings_that_are_not_a_queue_s_are_refused(
    mapped: Map, queue: Queue, suffix: str, settings: dict[str, Any]
) -> None:
    """When the mapping is made, by name."""
    url = queue(suffix, **({"FifoQueue": "true"} if suffix else {}))
    names = "MaximumConcurrency|ParallelizationFactor|ProvisionedPollerConfig|FIFO"
    with pytest.raises(ClientError, match=f"InvalidParameterValueException.*({names})"):
        mapped(url, **settings)


def test_a_function_that_may_outlast_the_visibility_is_refused(mapped: Map, queue: Queue) -> None:
    """Its messages would be seen again while it works."""
    with pytest.raises(
        ClientError, match="Queue visibility timeout: 19 seconds is less than Function timeout: 20 seconds"
    ):
        mapped(queue(VisibilityTimeout="19"))
    mapped(queue(VisibilityTimeout="20"))
