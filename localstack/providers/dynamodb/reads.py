"""What reads may ask for, and what moto leaves out of their answers."""

from typing import Any

import orjson
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import ProjectionExpressionParser

from localstack.providers.dynamodb.batches import Target, named_keys
from localstack.providers.dynamodb.errors import invalid
from localstack.providers.dynamodb.placeholders import check_placeholders
from localstack.providers.dynamodb.projections import check_overlap, path_of, projected
from localstack.providers.dynamodb.tables import find
from localstack.providers.dynamodb.transactions import Reason, check_reasons
from localstack.providers.dynamodb.writes import OTHER_KEY, is_whole_key

_NOTHING_LEFT = b'"UnprocessedKeys": {}}'
"""How moto ends BatchGetItem's answer where all keys were processed."""


def check_keys(tables: DynamoDBBackend, request: dict[str, Any]) -> None:
    """Refuse keys that are not of their table's names and types, which moto does not find.

    Raises:
        DynamoDBError: ValidationException; ResourceNotFoundException.
    """
    if not all(_is_key(tables, target) for target in named_keys(request)):
        raise invalid(OTHER_KEY)


def check_read(name: str, tables: DynamoDBBackend, request: dict[str, Any]) -> None:
    """Refuse what moto takes, or fails at.

    Args:
        name: Of the operation.
        tables: Of the account in the region.
        request: Of the operation.

    Raises:
        DynamoDBError: ValidationException; ResourceNotFoundException; TransactionCanceledException.
    """
    if name == "TransactGetItems":
        gets = [each["Get"] for each in request["TransactItems"]]
        for get in gets:
            check_placeholders(get)
        are_keys = [_is_key(tables, (get["TableName"], get["Key"])) for get in gets]
        check_reasons([Reason() if is_so else Reason("ValidationError", OTHER_KEY) for is_so in are_keys])
        return
    for body in request["RequestItems"].values() if name == "BatchGetItem" else [request]:
        check_placeholders(body)
    check_keys(tables, request)


def completed(name: str, request: dict[str, Any], body: bytes) -> bytes:
    """Return moto's answer to a read, with what it leaves out and without what it should.

    Raises:
        DynamoDBError: ValidationException, of a projection.
        JsonRESTError: moto's error of a projection.
    """
    match name:
        case "BatchGetItem":
            return _with_options(request, body)
        case "TransactGetItems":
            return _projected(request, body)
        case _:
            return body


def refused(body: bytes) -> bytes:
    """Return moto's refusal of a read; the expression that moto cannot read is none of a condition's."""
    return body.replace(b"Invalid ConditionExpression", b"Invalid FilterExpression")


def _is_key(tables: DynamoDBBackend, target: Target) -> bool:
    name, key = target
    return is_whole_key(find(tables, name), key)


def _with_options(request: dict[str, Any], body: bytes) -> bytes:
    """Give back to the keys that were not processed what was asked with them, which moto drops."""
    if body.endswith(_NOTHING_LEFT):
        return body
    answer, asked = orjson.loads(body), request["RequestItems"]
    answer["UnprocessedKeys"] = {
        table: asked[table] | {"Keys": left["Keys"]} for table, left in answer["UnprocessedKeys"].items()
    }
    return orjson.dumps(answer)


def _projected(request: dict[str, Any], body: bytes) -> bytes:
    """Leave what each Get's ProjectionExpression names, which moto does not look at."""
    gets = [each["Get"] for each in request["TransactItems"]]
    if not any(get.get("ProjectionExpression") for get in gets):
        return body
    answer = orjson.loads(body)
    for get, found in zip(gets, answer["Responses"], strict=True):
        if expression := get.get("ProjectionExpression"):
            names = get.get("ExpressionAttributeNames") or {}
            ProjectionExpressionParser(expression, names).parse()  # refuses what GetItem refuses
            paths = [path_of(text, names) for text in expression.split(",")]
            check_overlap(paths)
            if "Item" in found:
                found["Item"] = projected(found["Item"], paths)
    return orjson.dumps(answer)
