"""What the control plane does around an invocation: versions, provisioned concurrency, limits, asynchrony."""

import io
import json
import time
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from runtime.settings import Settings
from tests.support.functions import Deploy, client, invoke, zipped
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)
TELL = "import os\ndef handler(event, context):\n    return {body}\n"


def test_versions_and_aliases_keep_their_code(functions: Any, deploy: Deploy) -> None:
    """A version stays as it was published; an alias goes where it is sent, and by weight to a second one."""
    name = deploy(TELL.replace("{body}", "context.function_version + ' old'"))
    first = functions.publish_version(FunctionName=name)["Version"]
    functions.update_function_code(
        FunctionName=name,
        ZipFile=zipped("app.py", TELL.replace("{body}", "context.function_version + ' new'")),
    )
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    second = functions.publish_version(FunctionName=name)["Version"]
    functions.create_alias(FunctionName=name, Name="live", FunctionVersion=first)
    assert [invoke(functions, name, Qualifier=each) for each in ("$LATEST", first, second, "live")] == [
        "$LATEST new",
        "1 old",
        "2 new",
        "1 old",
    ]
    weights = {"AdditionalVersionWeights": {second: 0.5}}
    updated = functions.update_alias(FunctionName=name, Name="live", RoutingConfig=weights)
    assert updated["RoutingConfig"] == weights
    for each in ("2 new", "1 old"):
        until(lambda each=each: invoke(functions, name, Qualifier="live") == each, 20)  # type: ignore[misc]
    for wrong in ({first: 0.5}, {"7": 0.5}):  # its own version, and one that there is not
        with pytest.raises(ClientError):
            functions.update_alias(
                FunctionName=name, Name="live", RoutingConfig={"AdditionalVersionWeights": wrong}
            )
    assert functions.get_alias(FunctionName=name, Name="live")["RoutingConfig"] == weights
    functions.update_alias(FunctionName=name, Name="live", FunctionVersion=second, RoutingConfig={})
    assert {invoke(functions, name, Qualifier="live") for _ in range(10)} == {"2 new"}


def test_provisioned_environments_are_ready_before_they_are_needed(functions: Any, deploy: Deploy) -> None:
    """They are initialised when they are asked for, and the first invocation finds one."""
    name = deploy(
        "import os, time\nBEGAN = time.time()\n"
        + TELL.replace("{body}", "[BEGAN, os.getpid(), os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']]")
    )
    version = functions.publish_version(FunctionName=name)["Version"]
    provisioned = {"FunctionName": name, "Qualifier": version}
    functions.put_provisioned_concurrency_config(**provisioned, ProvisionedConcurrentExecutions=2)
    until(lambda: functions.get_provisioned_concurrency_config(**provisioned)["Status"] == "READY", 30)
    asked = time.time()
    began, _, kind = invoke(functions, name, Qualifier=version)
    assert began < asked
    assert kind == "provisioned-concurrency"
    functions.delete_provisioned_concurrency_config(**provisioned)


def test_a_layer_is_on_the_path(functions: Any, deploy: Deploy) -> None:
    """Its `python` folder; the function's own modules come first."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("python/shared.py", "NAME = 'of the layer'\n")
        archive.writestr("python/app.py", "raise ValueError\n")
    layer = functions.publish_layer_version(LayerName="shared", Content={"ZipFile": file.getvalue()})
    name = deploy(
        "import shared\n" + TELL.replace("{body}", "shared.NAME"), Layers=[layer["LayerVersionArn"]]
    )
    assert invoke(functions, name) == "of the layer"


def test_the_account_keeps_a_hundred_unreserved(functions: Any, deploy: Deploy) -> None:
    """So no function may reserve the rest."""
    name = deploy("def handler(event, context): ...")
    limit = functions.get_account_settings()["AccountLimit"]["UnreservedConcurrentExecutions"]
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="below its minimum value"):
        functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=limit - 99)


def test_a_payload_beyond_6_mb_is_refused(functions: Any, deploy: Deploy) -> None:
    """Beyond 1 MB where nobody waits for the answer."""
    name = deploy("def handler(event, context):\n    return len(event)")
    most = "x" * (6 * 2**20 - 2)  # beside the quotes of JSON
    assert invoke(functions, name, most) == len(most)
    for payload, kind in ((most + "x", "RequestResponse"), ("x" * 2**20, "Event")):
        with pytest.raises(ClientError, match=f"too large for the {kind} invocation type") as refused:
            invoke(functions, name, payload, InvocationType=kind)
        assert refused.value.response["Error"]["Code"] == "RequestEntityTooLargeException"
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 413


def test_an_asynchronous_invocation_is_tried_three_times(
    world: Settings, functions: Any, deploy: Deploy
) -> None:
    """Then it goes to the destination with its payload, and to the dead-letter queue as it was sent."""
    sqs = client(world, "sqs")
    urls = {each: sqs.create_queue(QueueName=each)["QueueUrl"] for each in ("failed", "dead")}
    arn = "arn:aws:sqs:us-east-1:000000000000:"
    name = deploy(
        "def handler(event, context):\n    print('TRIED')\n    raise ValueError('no')",
        DeadLetterConfig={"TargetArn": f"{arn}dead"},
    )
    functions.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={"OnFailure": {"Destination": f"{arn}failed"}}
    )
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"a": 1}')

    def letter(queue: str) -> Any:
        return sqs.receive_message(
            QueueUrl=urls[queue], WaitTimeSeconds=1, MessageAttributeNames=["All"]
        ).get("Messages")

    (failed,) = until(lambda: letter("failed"), 60)
    body = json.loads(failed["Body"])
    assert (body["requestContext"]["condition"], body["requestContext"]["approximateInvokeCount"]) == (
        "RetriesExhausted",
        3,
    )
    assert body["requestPayload"] == {"a": 1}
    assert body["responsePayload"]["errorMessage"] == "no"
    (dead,) = until(lambda: letter("dead"), 60)
    assert json.loads(dead["Body"]) == {"a": 1}
    assert dead["MessageAttributes"]["ErrorMessage"]["StringValue"] == "no"
    for url in urls.values():
        sqs.delete_queue(QueueUrl=url)


def test_an_event_for_a_function_without_concurrency_is_given_up(
    world: Settings, functions: Any, deploy: Deploy
) -> None:
    """At once, and nothing is lost: it is in the destination."""
    sqs = client(world, "sqs")
    url = sqs.create_queue(QueueName="no-concurrency")["QueueUrl"]
    name = deploy("def handler(event, context): ...")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    functions.put_function_event_invoke_config(
        FunctionName=name,
        DestinationConfig={"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:000000000000:no-concurrency"}},
    )
    functions.invoke(FunctionName=name, InvocationType="Event", Payload=b"{}")
    (failed,) = until(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"), 60)
    assert json.loads(failed["Body"])["requestContext"]["condition"] == "ZeroReservedConcurrency"
    sqs.delete_queue(QueueUrl=url)
