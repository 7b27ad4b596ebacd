"""Lambda through LocalStack's API: functions as processes, logs, throttling, and nothing left behind."""

import base64
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psutil
import pytest
from botocore.exceptions import ClientError

from app.stack.stack import Stack
from runtime.settings import Settings
from tests.support.functions import ROLE, Deploy, client, invoke, zipped
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(120)


def test_a_function_meets_aws_and_logs(functions: Any, deploy: Deploy, world: Settings) -> None:
    """boto3 inside it reaches the local cloud; its lines are in CloudWatch Logs and in the tail."""
    name = deploy(
        "import boto3, os\n"
        "def handler(event, context):\n"
        "    print('hello', os.environ['COLOUR'])\n"
        "    return boto3.client('kinesis').list_streams()['StreamNames']\n",
        Environment={"Variables": {"COLOUR": "red"}},
    )
    client(world, "kinesis").create_stream(StreamName="seen", ShardCount=1)
    answer = functions.invoke(FunctionName=name, LogType="Tail")
    assert json.loads(answer["Payload"].read()) == ["seen"]
    assert "hello red" in base64.b64decode(answer["LogResult"]).decode()
    logs = client(world, "logs")

    def lines() -> list[str]:
        with suppress(ClientError):
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
            return [event["message"] for event in events]
        return []

    assert any("REPORT RequestId" in line for line in until(lines, 20))


def test_an_initialisation_s_failure_is_logged(functions: Any, deploy: Deploy, world: Settings) -> None:
    """Where the module cannot be loaded."""
    name = deploy("raise RuntimeError('not today')")
    answer = functions.invoke(FunctionName=name)
    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorMessage"] == "not today"
    logs = client(world, "logs")

    def reports() -> list[str]:
        with suppress(ClientError):
            events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
            return [each["message"] for each in events if "INIT_REPORT" in each["message"]]
        return []

    assert until(reports, 20)


def test_reserved_concurrency_throttles(functions: Any, deploy: Deploy) -> None:
    """One environment at a time; the rest get TooManyRequestsException, and later ones run."""
    name = deploy("import time\ndef handler(event, context):\n    time.sleep(1)\n    return 'ran'")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)

    def call(_: int) -> str:
        try:
            return str(invoke(functions, name))
        except functions.exceptions.TooManyRequestsException:
            return "throttled"

    with ThreadPoolExecutor(5) as pool:
        outcomes = list(pool.map(call, range(5)))
    assert set(outcomes) == {"ran", "throttled"}
    assert invoke(functions, name) == "ran"


def test_a_throttled_event_pauses_longer_each_time(functions: Any, deploy: Deploy, world: Settings) -> None:
    """It goes back to the queue at once, for 1, 2 and 4 seconds, and runs when there is room."""
    name = deploy("import time\ndef handler(event, context):\n    time.sleep(event)\n")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(invoke, functions, name, 6)
        until(lambda: total(world, name, "ConcurrentExecutions", "Maximum") == 1, 20)
        functions.invoke(FunctionName=name, InvocationType="Event", Payload=b"0")
        busy.result()
    until(lambda: total(world, name, "Invocations") == 2, 30)
    assert 2 <= total(world, name, "Throttles") <= 4


def test_what_functions_did_is_in_cloudwatch(functions: Any, deploy: Deploy, world: Settings) -> None:
    """Invocations, errors, throttles, durations, and how many ran at once."""
    name = deploy(
        "import time\ndef handler(event, context):\n    time.sleep(0.5)\n    return 1 / (event - 1)\n"
    )
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda each: invoke(functions, name, each), (0, 1, 2)))
    refused = deploy("def handler(event, context): ...")
    for each in (name, refused):
        functions.put_function_concurrency(FunctionName=each, ReservedConcurrentExecutions=0)
        with pytest.raises(functions.exceptions.TooManyRequestsException):
            invoke(functions, each, 0)
    until(lambda: total(world, name, "Throttles"), 20)
    assert [total(world, name, each) for each in ("Invocations", "Errors", "Throttles")] == [3, 1, 1]
    assert total(world, name, "ConcurrentExecutions", "Maximum") == 3
    until(lambda: total(world, refused, "Throttles"), 20)
    assert total(world, refused, "ConcurrentExecutions", "SampleCount") == 0  # what was refused did not run
    assert total(world, name, "Duration", "Minimum") >= 500


def total(settings: Settings, function: str, metric: str, statistic: str = "Sum") -> float:
    """Return a statistic of a function's metric, over the last minutes."""
    now = datetime.now(UTC)
    answer = client(settings, "cloudwatch").get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName=metric,
        Dimensions=[{"Name": "FunctionName", "Value": function}],
        StartTime=now - timedelta(minutes=10),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=[statistic],
    )
    return max((point[statistic] for point in answer["Datapoints"]), default=0)


def test_concurrent_invocations_have_environments_of_their_own(functions: Any, deploy: Deploy) -> None:
    """As many processes as run at once."""
    name = deploy("import os, time\ndef handler(event, context):\n    time.sleep(1)\n    return os.getpid()")
    with ThreadPoolExecutor(8) as pool:
        pids = list(pool.map(lambda _: invoke(functions, name), range(8)))
    assert len(set(pids)) == 8


def test_another_runtime_is_refused_by_name(functions: Any) -> None:
    """When it is deployed, not when it is invoked."""
    functions.create_function(
        FunctionName="js",
        Role=ROLE,
        Runtime="nodejs22.x",
        Handler="index.handler",
        Code={"ZipFile": zipped("index.js", "exports.handler = async () => 1")},
    )

    def failed() -> str:
        configuration = functions.get_function(FunctionName="js")["Configuration"]
        return str(configuration.get("StateReason", "")) if configuration["State"] == "Failed" else ""

    assert "runs python3.13 from a zip; got nodejs22.x" in until(failed, 20)
    with suppress(ClientError):  # LocalStack has no version of it to stop
        functions.delete_function(FunctionName="js")


def test_a_deleted_function_leaves_no_process(functions: Any, deploy: Deploy, stack: Stack) -> None:
    """Its environments end with it."""
    name = deploy("import os\ndef handler(event, context):\n    return os.getpid()")
    pid = invoke(functions, name)
    cloud = next(each for each in stack.servers if each.name == "cloud").process()
    assert cloud
    assert pid in {each.pid for each in cloud.children(recursive=True)}
    functions.delete_function(FunctionName=name)
    until(lambda: not psutil.pid_exists(pid), 20)
