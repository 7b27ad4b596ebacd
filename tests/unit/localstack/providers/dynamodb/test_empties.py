"""Empty sets."""

from typing import Any

import orjson
import pytest

from localstack.providers.dynamodb.empties import check_sets
from localstack.providers.dynamodb.errors import DynamoDBError


def put(value: dict[str, Any]) -> dict[str, Any]:
    """Return a request that writes a value within others."""
    nested = {"M": {"SS": {"L": [value, {"L": []}]}}}
    return {"RequestItems": {"board": [{"PutRequest": {"Item": {"nested": nested}}}]}}


@pytest.mark.parametrize(("kind", "name"), [("SS", "string"), ("NS", "number"), ("BS", "binary")])
def test_an_empty_set_is_refused(kind: str, name: str) -> None:
    """Of each type, however deep it lies."""
    request = put({kind: []})
    with pytest.raises(DynamoDBError, match=f"An {name} set  may not be empty$"):
        check_sets(orjson.dumps(request), request)


def test_the_value_of_an_expression_is_named() -> None:
    """As AWS names it."""
    request: dict[str, Any] = {"ExpressionAttributeValues": {":a": {"SS": []}}}
    with pytest.raises(DynamoDBError, match=r"may not be empty for key :a$"):
        check_sets(b'{"ExpressionAttributeValues":{":a":{"SS":[ ]}}}', request)


def test_other_empty_values_are_taken() -> None:
    """A list and a map may be empty."""
    request = put({"M": {}})
    check_sets(orjson.dumps(request), request)
