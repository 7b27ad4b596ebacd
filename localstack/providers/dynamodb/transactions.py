"""What TransactWriteItems may ask for, and how it says that it did nothing.

https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactionCanceledException.html
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from localstack.providers.dynamodb.batches import Target, has_duplicates, key_of
from localstack.providers.dynamodb.errors import DynamoDBError, invalid
from localstack.providers.dynamodb.sizes import item_size

MAX_ACTIONS = 100
MAX_BYTES = 4 * 1024 * 1024
_KINDS = ("ConditionCheck", "Put", "Update", "Delete")


@dataclass(frozen=True, slots=True)
class Action:
    """One action of a transaction.

    Attributes:
        kind: ConditionCheck, Put, Update or Delete.
        table: The table's name.
        key: Of the item.
        body: The action as it was asked for.
    """

    kind: str
    table: str
    key: dict[str, Any]
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one action failed.

    Attributes:
        code: AWS's; "None" of one that did not fail.
        message: AWS's.
        item: The item as it is, where ReturnValuesOnConditionCheckFailure asks for it.
    """

    code: str = "None"
    message: str | None = None
    item: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as the API does."""
        reason: dict[str, Any] = {"Code": self.code}
        if self.message is not None:
            reason["Message"] = self.message
        if self.item:
            reason["Item"] = self.item
        return reason


def actions(request: dict[str, Any], key_names: Callable[[str], list[str]]) -> list[Action]:
    """Return a transaction's actions.

    Args:
        request: Of TransactWriteItems.
        key_names: Returns the names of a table's key.

    Raises:
        DynamoDBError: ValidationException, whatever the tables hold.
    """
    items = request["TransactItems"]
    if not 0 < len(items) <= MAX_ACTIONS:
        bound = f"less than or equal to {MAX_ACTIONS}" if items else "greater than or equal to 1"
        raise invalid(
            "1 validation error detected: Value at 'transactItems' failed to satisfy constraint: "
            f"Member must have length {bound}"
        )
    found = [_action(item, key_names) for item in items]
    targets: list[Target] = [(action.table, action.key) for action in found]
    if has_duplicates(targets):
        raise invalid("Transaction request cannot include multiple operations on one item")
    return found


def check_size(sizes: Sequence[int]) -> None:
    """Refuse a transaction whose items are too large together.

    Raises:
        DynamoDBError: ValidationException, with a message of ours: AWS documents none.
    """
    if (total := sum(sizes)) > MAX_BYTES:
        raise invalid(
            f"The aggregate size of the items in the transaction cannot exceed 4 MB, got {total} bytes"
        )


def requested_size(action: Action) -> int:
    """Return the bytes of an action's item, as far as the request knows it."""
    return item_size(action.body.get("Item") or action.key)


def check_reasons(reasons: Sequence[Reason]) -> None:
    """Cancel a transaction of which an action failed.

    Raises:
        DynamoDBError: TransactionCanceledException, with a reason for each action.
    """
    if all(reason.code == "None" for reason in reasons):
        return
    codes = ", ".join(reason.code for reason in reasons)
    raise DynamoDBError(
        "TransactionCanceledException",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        {"CancellationReasons": [reason.as_json() for reason in reasons]},
    )


def _action(item: dict[str, Any], key_names: Callable[[str], list[str]]) -> Action:
    if len(item) != 1 or (kind := next(iter(item))) not in _KINDS:
        raise invalid("TransactItems can only contain one of Check, Put, Update or Delete")
    body = item[kind]
    table = body["TableName"]
    key = key_of(body["Item"], key_names(table)) if kind == "Put" else body["Key"]
    return Action(kind, table, key, body)
