"""The command dlq: dead letters that are listed, shown and redriven."""

import json
import signal
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest

from app.functions.dead_letters import LostPositionError
from app.functions.positions import data_of, records_at
from app.functions.queue_errors import MissingQueueError, OtherDestinationError, SeveralQueuesError
from app.functions.redrive import FailedAgainError
from runtime.settings import Settings
from tests.support.commands import MILLRACE, run
from tests.support.functions import Deploy, client, zipped
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)
SQS = "arn:aws:sqs:us-east-1:000000000000:"
FAILING = "def handler(event, context):\n    raise ValueError('no')\n"
PRINTING = "import json\ndef handler(event, context):\n    print('EVENT', json.dumps(event))\n"
PICKY = """
import base64, json
def handler(event, context):
    for record in event['Records']:
        if base64.b64decode(record['kinesis']['data']) == b'poison':
            raise ValueError('poison!')
"""
CONTENT = (
    "def handler(event, context):\n    print('took', len(event['Records']), event['Records'][0]['eventID'])\n"
)


@pytest.fixture
def queue(world: Settings) -> Iterator[str]:
    """A queue's name."""
    sqs = client(world, "sqs")
    url = sqs.create_queue(QueueName="given-up")["QueueUrl"]
    yield "given-up"
    sqs.delete_queue(QueueUrl=url)


def mapped(world: Settings, functions: Any, name: str, arn: str, **settings: Any) -> Any:
    """Have a new stream of one shard invoke a function once, with all that is put; return Kinesis."""
    kinesis = client(world, "kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="s", WaiterConfig={"Delay": 1})
    functions.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn="arn:aws:kinesis:us-east-1:000000000000:stream/s",
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        MaximumBatchingWindowInSeconds=1,
        DestinationConfig={"OnFailure": {"Destination": arn}},
        **settings,
    )
    return kinesis


def put(kinesis: Any, *data: bytes) -> None:
    """Put records."""
    kinesis.put_records(StreamName="s", Records=[{"PartitionKey": "k", "Data": each} for each in data])


def mend(functions: Any, name: str, source: str) -> None:
    """Give a function another source."""
    functions.update_function_code(FunctionName=name, ZipFile=zipped("app.py", source))
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


def events(name: str) -> list[Any]:
    """Return the events that a function printed."""
    lines = run("logs", name).splitlines()
    return [json.loads(line.split("EVENT ", 1)[1]) for line in lines if "EVENT " in line]


def visible(world: Settings, queue: str) -> int:
    """Return how many letters others can see."""
    sqs = client(world, "sqs")
    count = "ApproximateNumberOfMessages"
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    return int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[count])["Attributes"][count])


def test_a_dead_letter_is_listed_shown_and_redriven(
    world: Settings, functions: Any, deploy: Deploy, queue: str
) -> None:
    """It stays while the function fails, and goes when a mended function has taken its record."""
    name = deploy(PICKY)
    kinesis = mapped(world, functions, name, f"{SQS}{queue}", BisectBatchOnFunctionError=True)
    records = [{"PartitionKey": "k", "Data": data} for data in (b"good", b"poison", b"fine")]
    number = kinesis.put_records(StreamName="s", Records=records)["Records"][1]["SequenceNumber"]
    until(lambda: "1 of about 1 letters" in run("dlq", "show", name), 60)
    (line,) = [each for each in run("dlq", "list").splitlines() if queue in each]
    assert name in line
    assert "mapping" in line
    shown = run("dlq", "show", queue)
    assert f"shardId-000000000000:{number}\n" in shown
    assert "    poison\n" in shown
    with pytest.raises(FailedAgainError, match="1 of 1 letters failed again and stay in the queue"):
        run("dlq", "redrive", queue)
    mend(functions, name, CONTENT)
    assert "taken" in run("dlq", "redrive", name)
    assert run("dlq", "redrive", name) == f"{queue} is empty\n"
    assert until(lambda: run("logs", name, "--grep", "took"), 30).endswith(
        f"took 1 shardId-000000000000:{number}\n"
    )


def test_the_records_at_a_position(world: Settings) -> None:
    """All of them, in their order; none where one is gone, or the stream is."""
    kinesis = client(world, "kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    numbers = []
    for first in range(0, 12_000, 500):
        entries = [
            {"PartitionKey": "k", "Data": str(number).encode()} for number in range(first, first + 500)
        ]
        answer = kinesis.put_records(StreamName="s", Records=entries)
        numbers += [each["SequenceNumber"] for each in answer["Records"]]
    batch = {
        "streamArn": "arn:aws:kinesis:us-east-1:000000000000:stream/s",
        "shardId": "shardId-000000000000",
        "startSequenceNumber": numbers[20],
        "endSequenceNumber": numbers[11_900],
    }
    assert [int(data_of(each)) for each in records_at(batch, "there")] == list(range(20, 11_901))
    for gone in ({"endSequenceNumber": str(int(numbers[11_900]) - 1)}, {"shardId": "shardId-000000000007"}):
        with pytest.raises(LostPositionError, match="the records at there are no longer in the stream"):
            records_at(batch | gone, "there")
    kinesis.delete_stream(StreamName="s")
    with pytest.raises(LostPositionError):
        records_at(batch, "there")


def test_an_asynchronous_invocation_s_letter_is_redriven(functions: Any, deploy: Deploy, queue: str) -> None:
    """With its payload."""
    name = deploy("def handler(event, context):\n    return {'got': event['wanted']}")
    arn = f"arn:aws:sqs:us-east-1:000000000000:{queue}"
    functions.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": arn}},
    )
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"unwanted": 7}')
    shown = until(lambda: text if "letters\n\n" in (text := run("dlq", "show", name)) else "", 60)
    assert '{"unwanted":7}' in shown
    assert "'wanted'" in shown
    with pytest.raises(FailedAgainError):
        run("dlq", "redrive", name)


def test_a_redriven_batch_is_what_the_mapping_gave(
    world: Settings, functions: Any, deploy: Deploy, queue: str
) -> None:
    """To the byte and to the field."""
    name = deploy(PRINTING + "    raise ValueError('no')\n")
    put(mapped(world, functions, name, f"{SQS}{queue}"), b"one", b"\x00\xff")
    until(lambda: "1 of about 1 letters" in run("dlq", "show", name), 60)
    assert "\\x00" in run("dlq", "show", name)
    mend(functions, name, PRINTING)
    run("dlq", "redrive", name)
    until(lambda: len(events(name)) > 1, 30)
    given, redriven = events(name)
    assert redriven == given


def test_a_filter_s_batch_is_not_redriven(
    world: Settings, functions: Any, deploy: Deploy, queue: str
) -> None:
    """Its position holds records that the filter passed over: the function must not get them."""
    name = deploy(FAILING)
    pattern = json.dumps({"data": {"wanted": [True]}})
    kinesis = mapped(
        world, functions, name, f"{SQS}{queue}", FilterCriteria={"Filters": [{"Pattern": pattern}]}
    )
    put(kinesis, b'{"wanted": true}', b'{"wanted": false}', b'{"wanted": true}')
    until(lambda: "1 of about 1 letters" in run("dlq", "show", name), 60)
    mend(functions, name, PRINTING)
    with pytest.raises(FailedAgainError):
        run("dlq", "redrive", name)
    assert events(name) == []
    assert visible(world, queue) == 1


def test_a_report_of_failures_keeps_the_letter(
    world: Settings, functions: Any, deploy: Deploy, queue: str
) -> None:
    """One that cannot be read, too."""
    name = deploy(FAILING)
    put(
        mapped(world, functions, name, f"{SQS}{queue}", FunctionResponseTypes=["ReportBatchItemFailures"]),
        b"one",
    )
    until(lambda: "1 of about 1 letters" in run("dlq", "show", name), 60)
    for failures in ("5", "[{'itemIdentifier': event['Records'][0]['kinesis']['sequenceNumber']}]"):
        mend(
            functions, name, f"def handler(event, context):\n    return {{'batchItemFailures': {failures}}}\n"
        )
        with pytest.raises(FailedAgainError, match="1 of 1 letters"):
            run("dlq", "redrive", name)
        assert visible(world, queue) == 1


def test_a_table_s_letter_is_shown_and_redriven(
    world: Settings, functions: Any, deploy: Deploy, queue: str
) -> None:
    """By its position in the table's stream; a deletion by time to live is told as Lambda tells it."""
    dynamodb = client(world, "dynamodb")
    dynamodb.create_table(
        TableName="changing",
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    name = deploy(PRINTING + "    raise ValueError('no')\n")
    functions.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn=dynamodb.describe_table(TableName="changing")["Table"]["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": f"{SQS}{queue}"}},
    )
    ttl = {"Enabled": True, "AttributeName": "until"}
    dynamodb.update_time_to_live(TableName="changing", TimeToLiveSpecification=ttl)
    item = {"k": {"S": "a"}, "b": {"B": b"\x00\x01"}, "until": {"N": str(int(time.time()) + 1)}}
    dynamodb.put_item(TableName="changing", Item=item)
    until(lambda: "2 of about 2 letters" in run("dlq", "show", name), 60)
    assert "table/changing/stream/" in run("dlq", "show", name)
    mend(functions, name, PRINTING)
    run("dlq", "redrive", name)
    until(lambda: len(events(name)) > 3, 30)
    given, redriven = events(name)[:2], events(name)[2:]
    assert redriven == given
    assert given[1]["Records"][0]["userIdentity"] == {
        "type": "Service",
        "principalId": "dynamodb.amazonaws.com",
    }
    dynamodb.delete_table(TableName="changing")


def test_a_payload_goes_to_nobody_else(world: Settings, functions: Any, deploy: Deploy, queue: str) -> None:
    """A function that shares the queue never gets what another gave up."""
    plain = deploy(FAILING, DeadLetterConfig={"TargetArn": f"{SQS}{queue}"})
    other = deploy(PRINTING)
    functions.put_function_event_invoke_config(FunctionName=plain, MaximumRetryAttempts=0)
    functions.put_function_event_invoke_config(
        FunctionName=other, DestinationConfig={"OnFailure": {"Destination": f"{SQS}{queue}"}}
    )
    functions.invoke(FunctionName=plain, InvocationType="Event", Payload=b'{"a": 1}')
    until(lambda: visible(world, queue) == 1, 60)
    assert run("dlq", "redrive", other) == f"{queue} has no letter of {other}\n"
    with pytest.raises(FailedAgainError):
        run("dlq", "redrive", queue)
    functions.update_function_configuration(
        FunctionName=other, DeadLetterConfig={"TargetArn": f"{SQS}{queue}"}
    )
    assert "of an unknown function" in run("dlq", "show", queue)
    with pytest.raises(FailedAgainError):
        run("dlq", "redrive", queue)
    assert visible(world, queue) == 1
    assert events(other) == []


def test_what_is_no_queue_is_refused_by_name(
    world: Settings, functions: Any, deploy: Deploy, queue: str
) -> None:
    """Two queues of one function, an S3 destination, a queue that was deleted."""
    name = deploy("def handler(event, context): ...\n", DeadLetterConfig={"TargetArn": f"{SQS}{queue}"})
    sqs = client(world, "sqs")
    url = sqs.create_queue(QueueName="another")["QueueUrl"]

    def give_up_to(arn: str) -> None:
        functions.put_function_event_invoke_config(
            FunctionName=name, DestinationConfig={"OnFailure": {"Destination": arn}}
        )

    give_up_to(f"{SQS}another")
    with pytest.raises(SeveralQueuesError, match=f"`{name}` gives up to another, {queue}; name one"):
        run("dlq", "show", name)
    assert run("dlq", "show", "another") == "another: 0 of about 0 letters\n"
    functions.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": ""})
    sqs.delete_queue(QueueUrl=url)
    with pytest.raises(MissingQueueError, match="another, which does not exist"):
        run("dlq", "show", name)
    functions.delete_function_event_invoke_config(FunctionName=name)
    client(world, "s3").create_bucket(Bucket="letters")
    mapped(world, functions, name, "arn:aws:s3:::letters")
    with pytest.raises(
        OtherDestinationError, match="arn:aws:s3:::letters, and only SQS queues are read here"
    ):
        run("dlq", "redrive", name)


def test_an_interrupted_redrive_gives_its_letter_back(
    world: Settings, functions: Any, deploy: Deploy, queue: str
) -> None:
    """At once, and not when a function could have ended."""
    name = deploy(
        "import time\ndef handler(event, context):\n    time.sleep(event['s'])\n    raise ValueError\n"
    )
    functions.put_function_event_invoke_config(
        FunctionName=name,
        MaximumRetryAttempts=0,
        DestinationConfig={"OnFailure": {"Destination": f"{SQS}{queue}"}},
    )
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"s": 5}')
    until(lambda: visible(world, queue) == 1, 60)
    process = subprocess.Popen([*MILLRACE, "dlq", "redrive", name], stderr=subprocess.PIPE, text=True)
    until(lambda: visible(world, queue) == 0, 30)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=20)
    assert (process.returncode, said.startswith("millrace: interrupted")) == (130, True)
    assert visible(world, queue) == 1
