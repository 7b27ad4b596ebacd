"""The names and values that a request's expressions stand on: each used is given, and each given is used.

moto ends in a KeyError at one that is not given, and takes what is not used.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
"""

import re
from typing import Any

from localstack.providers.dynamodb.errors import invalid

_EXPRESSIONS = (
    "UpdateExpression",
    "ConditionExpression",
    "KeyConditionExpression",
    "FilterExpression",
    "ProjectionExpression",
)
_PLACEHOLDER = re.compile(r"[#:][A-Za-z0-9_]+")  # expressions have no literals that could hold one
_NOT_DEFINED = {
    "#": "An expression attribute name used in the document path is not defined; attribute name",
    ":": "An expression attribute value used in expression is not defined; attribute value",
}


def check_placeholders(body: dict[str, Any]) -> None:
    """Refuse what is used and not given, and what is given and not used.

    Args:
        body: What holds expressions: a request, an action of a transaction, or one table's part of a batch.

    Raises:
        DynamoDBError: ValidationException.
    """
    given = {
        "#": body.get("ExpressionAttributeNames") or {},
        ":": body.get("ExpressionAttributeValues") or {},
    }
    used: set[str] = set()
    expressions = [(name, text) for name in _EXPRESSIONS if (text := body.get(name))]
    for name, text in expressions:
        for each in _PLACEHOLDER.findall(text):
            if each not in given[each[0]]:
                raise invalid(f"Invalid {name}: {_NOT_DEFINED[each[0]]}: {each}")
            used.add(each)
    for kind, member in (("#", "ExpressionAttributeNames"), (":", "ExpressionAttributeValues")):
        if not given[kind].keys() <= used:
            unused = ", ".join(each for each in given[kind] if each not in used)
            raise invalid(
                f"Value provided in {member} unused in expressions: keys: {{{unused}}}"
                if expressions
                else f"{member} can only be specified when using expressions"
            )
