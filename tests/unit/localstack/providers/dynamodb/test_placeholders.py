"""What expressions stand on."""

from typing import Any

import pytest

from localstack.providers.dynamodb.errors import DynamoDBError
from localstack.providers.dynamodb.placeholders import check_placeholders

ONE = {"N": "1"}
VALUE = "An expression attribute value used in expression"
NAME = "An expression attribute name used in the document path"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"ConditionExpression": "attribute_exists(id)"}, id="no placeholders"),
        pytest.param(
            {
                "UpdateExpression": "SET #a.#b[0]=:x+:y_1",
                "ConditionExpression": "#a IN(:x)",
                "ExpressionAttributeNames": {"#a": "a", "#b": "b"},
                "ExpressionAttributeValues": {":x": ONE, ":y_1": ONE},
            },
            id="in two expressions",
        ),
    ],
)
def test_what_is_given_and_used_is_taken(body: dict[str, Any]) -> None:
    """In one of the expressions, once or more."""
    check_placeholders(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            {"ConditionExpression": "n = :zz"},
            f"Invalid ConditionExpression: {VALUE} is not defined; attribute value: :zz",
        ),
        (
            {"FilterExpression": "#n > :a", "ExpressionAttributeValues": {":a": ONE}},
            f"Invalid FilterExpression: {NAME} is not defined; attribute name: #n",
        ),
        (
            {
                "UpdateExpression": "REMOVE n",
                "ExpressionAttributeValues": {":b": ONE, ":c": ONE},
            },
            "Value provided in ExpressionAttributeValues unused in expressions: keys: {:b, :c}",
        ),
        (
            {"ProjectionExpression": "n", "ExpressionAttributeNames": {"#n": "n"}},
            "Value provided in ExpressionAttributeNames unused in expressions: keys: {#n}",
        ),
        (
            {"ExpressionAttributeValues": {":b": ONE}},
            "ExpressionAttributeValues can only be specified when using expressions",
        ),
    ],
)
def test_what_does_not_match_is_refused(body: dict[str, Any], message: str) -> None:
    """In AWS's words."""
    with pytest.raises(DynamoDBError) as failure:
        check_placeholders(body)
    assert (failure.value.code, failure.value.message) == ("ValidationException", message)
