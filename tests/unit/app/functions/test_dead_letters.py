"""Letters read: of a stream's mapping, of a destination, and of a plain dead-letter queue."""

from typing import Any

import orjson
import pytest

from app.functions.dead_letters import Letter
from app.functions.redrive import still_failing

ARN = "arn:aws:lambda:us-east-1:000000000000:function:board:$LATEST"


def message(body: Any, **attributes: str) -> dict[str, Any]:
    """A message of SQS."""
    return {
        "Body": body if isinstance(body, str) else orjson.dumps(body).decode(),
        "ReceiptHandle": "r",
        "MessageAttributes": {name: {"StringValue": value} for name, value in attributes.items()},
    }


def test_a_stream_s_letter_tells_a_position() -> None:
    """And no payload."""
    batch = {"streamArn": "arn", "shardId": "shardId-1", "startSequenceNumber": "5", "endSequenceNumber": "7"}
    context = {"functionArn": ARN, "condition": "RecordAgeExceeded", "approximateInvokeCount": 4}
    letter = Letter.of_message(message({"requestContext": context, "KinesisBatchInfo": batch}), "?")
    assert (letter.function, letter.condition, letter.attempts) == ("board", "RecordAgeExceeded", 4)
    assert letter.position == "shardId-1:5-7"
    assert letter.payload is None


def test_a_destination_s_letter_holds_the_payload() -> None:
    """And what the function said."""
    context = {"functionArn": ARN, "condition": "RetriesExhausted", "approximateInvokeCount": 3}
    body = {"requestContext": context, "requestPayload": {"a": 1}, "responsePayload": {"errorMessage": "no"}}
    letter = Letter.of_message(message(body), "?")
    assert (letter.function, letter.payload, letter.error) == ("board", b'{"a":1}', "no")
    assert letter.position == "-"


def test_a_plain_letter_is_the_payload() -> None:
    """Whatever it is, a JSON object that looks like something else included; the queue says whose it is."""
    odd = ("null", '"x"', "[1]", '{"a": 1}')
    bodies = [f'{{"requestContext": {context}, "KinesisBatchInfo": {{}}}}' for context in odd]
    for body in ("", "not JSON", "[1]", '{"KinesisBatchInfo": 1}', '{"requestPayload": 1}', *bodies):
        letter = Letter.of_message(message(body, ErrorMessage="why", ErrorCode="200"), "loader")
        assert (letter.function, letter.payload, letter.error) == ("loader", body.encode(), "why")
        assert letter.batch is None


@pytest.mark.parametrize(
    ("arn", "invoked", "name"),
    [
        (ARN, "board", "board"),
        (ARN.replace("$LATEST", "7"), "board:7", "board"),
        (ARN[:-8], "board", "board"),
    ],
)
def test_a_letter_names_the_version_that_gave_up(arn: str, invoked: str, name: str) -> None:
    """So that it is the one to be invoked again; $LATEST is the function itself."""
    context = {"functionArn": arn, "condition": "RetriesExhausted"}
    letter = Letter.of_message(message({"requestContext": context, "requestPayload": 1}), "?")
    assert (letter.function, letter.name) == (invoked, name)


def test_a_payload_in_a_shared_queue_is_nobody_s() -> None:
    """Nothing in it says whose it is."""
    assert Letter.of_message(message("{}"), "").function == ""


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (None, ""),
        ("text", ""),
        ({}, ""),
        ({"batchItemFailures": None}, ""),
        ({"batchItemFailures": []}, ""),
        ({"batchItemFailures": [{"itemIdentifier": "5"}, {}]}, "2 records were reported as failed"),
        ({"batchItemFailures": 5}, "its batchItemFailures cannot be read"),
        ({"batchItemFailures": "5"}, "its batchItemFailures cannot be read"),
    ],
)
def test_what_a_function_reports_as_failed(answer: Any, reason: str) -> None:
    """What cannot be read is a failure of all."""
    assert still_failing(answer) == reason
