"""The commands that show Lambda: figures, logs, and dead letters that are shown and redriven."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.testing import CliRunner

from app.cli import app
from app.functions.redrive import FailedAgainError
from runtime.settings import Settings
from tests.support.functions import Deploy, client, invoke, zipped
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)
RUN = CliRunner()
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


def run(*arguments: str) -> str:
    """Run a command and return what it printed."""
    result = RUN.invoke(app, list(arguments), env={"COLUMNS": "200"})
    if result.exception:
        raise result.exception
    return str(result.output)


def test_a_dead_letter_is_listed_shown_and_redriven(
    world: Settings, functions: Any, deploy: Deploy, queue: str
) -> None:
    """It stays while the function fails, and goes when a mended function has taken its record."""
    kinesis = client(world, "kinesis")
    kinesis.create_stream(StreamName="s", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="s", WaiterConfig={"Delay": 1})
    name = deploy(PICKY)
    functions.create_event_source_mapping(
        FunctionName=name,
        EventSourceArn="arn:aws:kinesis:us-east-1:000000000000:stream/s",
        StartingPosition="TRIM_HORIZON",
        MaximumRetryAttempts=0,
        BisectBatchOnFunctionError=True,
        DestinationConfig={"OnFailure": {"Destination": f"arn:aws:sqs:us-east-1:000000000000:{queue}"}},
    )
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
    functions.update_function_code(FunctionName=name, ZipFile=zipped("app.py", CONTENT))
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    assert "taken" in run("dlq", "redrive", name)
    assert run("dlq", "redrive", name) == f"{queue} is empty\n"
    assert until(lambda: run("logs", name, "--grep", "took"), 30).endswith(
        f"took 1 shardId-000000000000:{number}\n"
    )


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


def test_figures_of_a_function(world: Settings, functions: Any, deploy: Deploy) -> None:
    """Counted, timed and priced."""
    assert world
    name = deploy("def handler(event, context):\n    return 1 / event")
    for event in (1, 2, 0):
        invoke(functions, name, event)

    def figures() -> Any:
        (found,) = [each for each in json.loads(run("functions", "--json")) if each["name"] == name]
        return found if found["invocations"] == 3 and found["p50_ms"] else None

    found = until(figures, 30)
    assert (found["errors"], found["throttles"], found["cold_starts"]) == (1, 0, 1)
    assert found["p99_ms"] >= found["p50_ms"] > 0
    assert 3 * 0.2 / 1e6 < found["cost_usd"] < 0.001
    assert name in run("functions")
