"""Empty sets, which DynamoDB has none of and moto stores.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
"""

import re
from typing import Any

from localstack.providers.dynamodb.errors import invalid

_EMPTY = re.compile(rb"\[\s*\]")
_SETS = {"SS": "string", "NS": "number", "BS": "binary"}


def check_sets(body: bytes, request: dict[str, Any]) -> None:
    """Refuse a write of an empty set.

    Args:
        body: The request in JSON, in which an empty array is found at once; most requests have none.
        request: The same, parsed.

    Raises:
        DynamoDBError: ValidationException.
    """
    if _EMPTY.search(body):
        _check(request, "")


def _check(value: Any, where: str) -> None:
    if isinstance(value, list):
        for each in value:
            _check(each, where)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name in _SETS and each == [] and len(value) == 1:
                raise invalid(_message(_SETS[name], where))
            _check(each, name if name.startswith(":") else where)


def _message(kind: str, where: str) -> str:
    message = f"One or more parameter values were invalid: An {kind} set  may not be empty"
    if where:
        return f"ExpressionAttributeValues contains invalid value: {message} for key {where}"
    return message
