"""What BatchWriteItem may ask for.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
"""

from collections.abc import Callable
from typing import Any

import orjson

from localstack.providers.dynamodb.errors import invalid

MAX_REQUESTS = 25
type Target = tuple[str, dict[str, Any]]
"""A table's name and an item's key."""


def key_of(attributes: dict[str, Any], names: list[str]) -> dict[str, Any]:
    """Return the key among an item's attributes; what is missing is left out, for others to refuse."""
    return {name: attributes[name] for name in names if name in attributes}


def targets(request: dict[str, Any], key_names: Callable[[str], list[str]]) -> list[Target]:
    """Return what a batch writes.

    Args:
        request: Of BatchWriteItem.
        key_names: Returns the names of a table's key.

    Raises:
        DynamoDBError: ValidationException, it writes too much, or an item twice.
    """
    found: list[Target] = []
    for table, requests in request["RequestItems"].items():
        names = key_names(table)
        for each in requests:
            ((_, body),) = each.items()
            found.append((table, key_of(body.get("Item") or body["Key"], names)))
    if len(found) > MAX_REQUESTS:
        raise invalid("Too many items requested for the BatchWriteItem call")
    if has_duplicates(found):
        raise invalid("Provided list of item keys contains duplicates")
    return found


def named_keys(request: dict[str, Any]) -> list[Target]:
    """Return the items that a request names by their keys: one, those of BatchGetItem, those it deletes.

    >>> named_keys({"RequestItems": {"board": [{"DeleteRequest": {"Key": {"id": {"S": "a"}}}}]}})
    [('board', {'id': {'S': 'a'}})]
    """
    if "Key" in request:
        return [(request["TableName"], request["Key"])]
    found: list[Target] = []
    for table, asked in request.get("RequestItems", {}).items():
        if isinstance(asked, dict):
            found += [(table, key) for key in asked["Keys"]]
        else:
            found += [(table, each["DeleteRequest"]["Key"]) for each in asked if "DeleteRequest" in each]
    return found


def has_duplicates(found: list[Target]) -> bool:
    """Tell whether an item is among the targets twice."""
    seen = {orjson.dumps([table, key], option=orjson.OPT_SORT_KEYS) for table, key in found}
    return len(seen) < len(found)
