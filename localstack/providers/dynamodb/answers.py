"""Answers as bytes: what is JSON already is not parsed and written again by LocalStack."""

import zlib
from typing import Any

import orjson
from localstack.aws.api import RequestContext
from localstack.http import Response

from localstack.providers.dynamodb.errors import DynamoDBError

_NAMESPACE = "com.amazonaws.dynamodb.v20120810#"
_OPTIONAL = (
    ("ConsumedCapacity", "ReturnConsumedCapacity"),
    ("ItemCollectionMetrics", "ReturnItemCollectionMetrics"),
)


def answered(context: RequestContext, body: bytes, status: int = 200) -> Response:
    """Return an answer in the API's JSON."""
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "x-amzn-RequestId": context.request_id or "",
        "x-amz-crc32": str(zlib.crc32(body)),
    }
    return Response(body, status, headers)


def failed(context: RequestContext, error: DynamoDBError) -> Response:
    """Return an error as an answer."""
    body = {"__type": _NAMESPACE + error.code, "message": error.message, **error.fields}
    return answered(context, orjson.dumps(body), 400)


def tidied(request: dict[str, Any], body: bytes, updated: dict[str, Any] | None = None) -> bytes:
    """Leave out of moto's answer to a write what was not asked for.

    Args:
        request: Of the write.
        body: The answer.
        updated: The attributes to answer with; None keeps moto's.
    """
    answer = orjson.loads(body)
    if updated is not None:
        answer["Attributes"] = updated
    for name, wish in _OPTIONAL:
        if request.get(wish, "NONE") == "NONE":
            answer.pop(name, None)
    answer.pop("ConsumedCapacityUnits", None)
    if not answer.get("Attributes"):
        answer.pop("Attributes", None)
    return orjson.dumps(answer)
