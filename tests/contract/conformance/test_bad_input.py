"""Requests that are none: each gets a code and a message, and status 400."""

import json
from typing import Any

import pytest
import urllib3

from tests.support.documented import MakeStream, documented

SIGNATURE = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/kinesis/aws4_request, Signature=0"
NAME = "NAME"


def post(endpoint: str, operation: str, body: bytes) -> tuple[int, dict[str, Any]]:
    """Send a body as it is, and return status and answer."""
    headers = {
        "X-Amz-Target": f"Kinesis_20131202.{operation}",
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": SIGNATURE,
    }
    response = urllib3.request("POST", endpoint, body=body, headers=headers, timeout=20, retries=False)
    return response.status, json.loads(response.data or b"{}")


@pytest.mark.parametrize(
    ("operation", "body", "codes"),
    [
        pytest.param("PutRecord", b"{", {"SerializationException"}, id="no JSON"),
        pytest.param("PutRecord", b'{"StreamName":7}', {"SerializationException"}, id="number for a name"),
        pytest.param(
            "PutRecord",
            b'{"StreamName":"NAME","PartitionKey":"a","Data":"%%%"}',
            {"SerializationException"},
            id="no base64",
        ),
        pytest.param(
            "PutRecords",
            b'{"StreamName":"NAME","Records":{}}',
            {"SerializationException"},
            id="map for a list",
        ),
        pytest.param(
            "GetShardIterator",
            b'{"StreamName":"NAME","ShardId":"shardId-000000000000","ShardIteratorType":"NEWEST"}',
            {"ValidationException"},
            id="no such iterator type",
        ),
        pytest.param(
            "ListShards", b'{"StreamName":"NAME","MaxResults":0}', {"ValidationException"}, id="no results"
        ),
        pytest.param(
            "ListShards",
            b'{"NextToken":"garbage"}',
            {"InvalidArgumentException", "ExpiredNextTokenException", "ValidationException"},
            id="garbage token",
        ),
        pytest.param(
            "DescribeStream", b'{"StreamName":"NAME","Limit":-5}', {"ValidationException"}, id="negative"
        ),
        pytest.param(
            "DescribeStream", b"{}", {"InvalidArgumentException", "ValidationException"}, id="no stream named"
        ),
        pytest.param(
            "SplitShard",
            b'{"StreamName":"NAME","ShardToSplit":"shardId-000000000000","NewStartingHashKey":"half"}',
            {"ValidationException"},
            id="hash key in words",
        ),
        pytest.param("Fly", b"{}", {"UnknownOperationException"}, id="no such operation"),
    ],
)
@documented("CommonErrors")
def test_a_malformed_request_is_refused(
    endpoint: str, stream: MakeStream, operation: str, body: bytes, codes: set[str]
) -> None:
    """A malformed request gets its error's code and a message, with status 400."""
    name = stream()
    status, answer = post(endpoint, operation, body.replace(NAME.encode(), name.encode()))
    assert status == 400
    assert answer["__type"].rpartition("#")[2] in codes
    assert answer.get("message") or answer.get("Message")
