"""TransactWriteItems on moto's tables, whose own way copies every table that a transaction names.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html
"""

from math import ceil
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import ExpressionAttributeValuesEmpty, MockValidationException
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.parsing import expressions
from moto.dynamodb.responses import (
    validate_put_has_empty_attrs,
    validate_put_has_empty_keys,
    validate_put_has_gsi_keys_set_to_none,
)

from localstack.providers.dynamodb.errors import invalid
from localstack.providers.dynamodb.items import as_json
from localstack.providers.dynamodb.placeholders import check_placeholders
from localstack.providers.dynamodb.sizes import MAX_ITEM_BYTES
from localstack.providers.dynamodb.transactions import (
    Action,
    Reason,
    actions,
    check_reasons,
    check_size,
    requested_size,
)
from localstack.providers.dynamodb.world import World
from localstack.providers.dynamodb.writes import (
    OTHER_KEY,
    PUT_TOO_LARGE,
    UPDATE_TOO_LARGE,
    Writes,
    size_of,
)

_UNIT_BYTES = 1024
_UNITS_OF_A_TRANSACTION = 2
_TOO_LARGE = {"Put": PUT_TOO_LARGE, "Update": UPDATE_TOO_LARGE}
_EMPTY_KEY = (
    "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an "
    "empty string value. Key: {}"
)


def transact_write_items(world: World, tables: DynamoDBBackend, request: dict[str, Any]) -> dict[str, Any]:
    """Do all of a transaction's actions, or none.

    Raises:
        DynamoDBError: TransactionCanceledException with a reason for each action; ValidationException,
            whatever the tables hold; IdempotentParameterMismatchException.
        JsonRESTError: moto's errors of expressions that cannot be parsed, and of tables that are not there.
    """
    asked = actions(request, lambda name: tables.get_table(name).table_key_attrs)
    owner = (tables.account_id, tables.region_name)
    if world.tokens.is_done(owner, request):
        return _answer(request, [])
    conditions = [_condition(tables, action) for action in asked]
    writes = Writes(world)
    try:
        done = [_attempt(tables, writes, *each) for each in zip(asked, conditions, strict=True)]
        check_size([max(size, requested_size(action)) for action, (_, size) in zip(asked, done, strict=True)])
        check_reasons([reason for reason, _ in done])
    except BaseException:
        writes.roll_back()
        raise
    writes.commit()
    world.tokens.note(owner, request)
    return _answer(request, [(action.table, size) for action, (_, size) in zip(asked, done, strict=True)])


def _attempt(tables: DynamoDBBackend, writes: Writes, action: Action, condition: Any) -> tuple[Reason, int]:
    """Do one action, even where an earlier one failed: AWS says of each whether it would have."""
    table, body = tables.get_table(action.table), action.body
    touched = writes.touch(table, action.key, is_changed_in_place=action.kind == "Update")
    if action.kind != "Put" and (touched is None or action.key.keys() != set(table.table_key_attrs)):
        return Reason("ValidationError", OTHER_KEY), 0
    before = touched.before if touched else None
    if not condition.expr(before):
        wants_item = body.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
        item = as_json(before) if wants_item else None
        return Reason("ConditionalCheckFailed", "The conditional request failed", item), 0
    try:
        _do(tables, action)
    except JsonRESTError as error:
        return Reason("ValidationError", str(error.message)), 0
    size = size_of(touched) if touched else 0
    if action.kind in _TOO_LARGE and size > MAX_ITEM_BYTES:
        return Reason("ValidationError", _TOO_LARGE[action.kind]), size
    return Reason(), size


def _do(tables: DynamoDBBackend, action: Action) -> None:
    body = action.body
    match action.kind:
        case "Put":
            tables.put_item(action.table, body["Item"], overwrite=True)
        case "Update":
            tables.update_item(
                action.table,
                action.key,
                update_expression=body["UpdateExpression"],
                expression_attribute_names=body.get("ExpressionAttributeNames", {}),
                expression_attribute_values=body.get("ExpressionAttributeValues", {}),
            )
        case "Delete":
            tables.delete_item(action.table, action.key)


def _condition(tables: DynamoDBBackend, action: Action) -> Any:
    """Return an action's condition; refuse what cannot be parsed, as moto does before it begins."""
    body, table = action.body, tables.get_table(action.table)
    check_placeholders(body)
    condition = get_filter_expression(
        body.get("ConditionExpression"),
        body.get("ExpressionAttributeNames", {}),
        body.get("ExpressionAttributeValues", {}),
    )
    if body.get("ExpressionAttributeValues") == {}:
        raise ExpressionAttributeValuesEmpty
    if action.kind == "ConditionCheck" and not body.get("ConditionExpression"):
        raise invalid("The expression can not be empty;")
    validate_put_has_empty_keys(action.key, table, custom_error_msg=_EMPTY_KEY)
    if action.kind == "Put":
        validate_put_has_empty_keys(body["Item"], table)
        validate_put_has_empty_attrs(body["Item"], table)
        validate_put_has_gsi_keys_set_to_none(body["Item"], table)
    if action.kind == "Update":
        grammar: Any = expressions  # it has no types
        if not body.get("UpdateExpression", "").strip():
            message = "Invalid UpdateExpression: The expression can not be empty;"
            raise MockValidationException(message)
        grammar.UpdateExpressionParser.make(body["UpdateExpression"])
    return condition


def _answer(request: dict[str, Any], written: list[tuple[str, int]]) -> dict[str, Any]:
    """Return the answer; a transaction costs twice the units of its items' sizes."""
    if request.get("ReturnConsumedCapacity", "NONE") == "NONE":
        return {}
    units: dict[str, float] = {}
    for table, size in written:
        cost = _UNITS_OF_A_TRANSACTION * max(1, ceil(size / _UNIT_BYTES))
        units[table] = units.get(table, 0.0) + cost
    capacity = [
        {"TableName": table, "CapacityUnits": cost, "WriteCapacityUnits": cost}
        for table, cost in units.items()
    ]
    return {"ConsumedCapacity": capacity}
