"""DynamoDB's expressions: what compares, what is computed, and what cannot be read, as on AWS."""

from typing import Any

import pytest

from tests.support.dynamodb import Call, Make, item, refusal

ITEM = item(
    "a",
    zero=0,
    tenth="0.3",
    precise="10000000000000000.5",
    text={"S": "m"},
    blank={"S": ""},
    yes={"BOOL": True},
    nothing={"NULL": True},
    numbers={"NS": ["1.0", "2"]},
    bytes={"B": b"\xff"},
    listed={"L": [{"N": "1"}, {"S": "x"}]},
)


@pytest.fixture
def table(dynamodb: Any, make: Make) -> str:
    """A table with one item."""
    name = make()
    dynamodb.put_item(TableName=name, Item=ITEM)
    return name


@pytest.mark.parametrize(
    ("expression", "values", "is_found"),
    [
        pytest.param("zero BETWEEN :a AND :b", {":a": {"N": "0"}, ":b": {"N": "1"}}, True, id="0 between"),
        pytest.param("blank BETWEEN :a AND :b", {":a": {"S": ""}, ":b": {"S": "z"}}, True, id="empty"),
        pytest.param("absent BETWEEN :a AND :b", {":a": {"N": "0"}, ":b": {"N": "1"}}, False, id="nothing"),
        pytest.param("zero < :a", {":a": {"S": "z"}}, False, id="other types"),
        pytest.param("zero <> :a", {":a": {"S": "0"}}, True, id="other types differ"),
        pytest.param("size(absent) > :a", {":a": {"N": "0"}}, False, id="size of nothing"),
        pytest.param("size(zero) > :a", {":a": {"N": "0"}}, False, id="size of a number"),
        pytest.param("size(listed) = :a", {":a": {"N": "2"}}, True, id="size of a list"),
        pytest.param("absent = lacking", {}, False, id="both missing"),
        pytest.param("absent = nothing", {}, False, id="NULL is there"),
        pytest.param("nothing = :a", {":a": {"NULL": True}}, True, id="NULL"),
        pytest.param("absent <> :a", {":a": {"N": "1"}}, True, id="what is missing differs"),
        pytest.param("yes = :a", {":a": {"N": "1"}}, False, id="true is not 1"),
        pytest.param("precise = :a", {":a": {"N": "10000000000000000"}}, False, id="to the last digit"),
        pytest.param("tenth = :a", {":a": {"N": "0.30"}}, True, id="however it is written"),
        pytest.param("contains(numbers, :a)", {":a": {"N": "1"}}, True, id="in a set"),
        pytest.param("contains(listed, :a)", {":a": {"S": "1"}}, False, id="not in a list"),
        pytest.param("zero IN (:a, :b)", {":a": {"S": "0"}, ":b": {"N": "0.0"}}, True, id="one of"),
        pytest.param("bytes > :a", {":a": {"B": b"\xfe"}}, True, id="bytes"),
    ],
)
def test_conditions_compare_as_on_aws(
    dynamodb: Any,
    table: str,
    expression: str,
    values: dict[str, Any],
    is_found: bool,  # noqa: FBT001  # a table
) -> None:
    """In a filter, and in a condition."""
    given = {"ExpressionAttributeValues": values} if values else {}
    found = dynamodb.scan(TableName=table, FilterExpression=expression, **given)
    assert found["Count"] == is_found

    def delete() -> Any:
        return dynamodb.delete_item(TableName=table, Key=item("a"), ConditionExpression=expression, **given)

    if is_found:
        delete()
    else:
        assert refusal(delete)["Error"]["Code"] == "ConditionalCheckFailedException"


@pytest.mark.parametrize(
    ("expression", "value", "result"),
    [
        ("SET tenth = tenth - :a", "0.1", "0.2"),
        ("SET precise = precise - :a", "1", "9999999999999999.5"),
        ("ADD precise :a", "0.00000000000000000001", "10000000000000000.50000000000000000001"),
        ("ADD zero :a", "1E-7", "0.0000001"),
    ],
)
def test_numbers_are_added_to_their_last_digit(
    dynamodb: Any, table: str, expression: str, value: str, result: str
) -> None:
    """Up to 38 of them."""
    dynamodb.update_item(
        TableName=table,
        Key=item("a"),
        UpdateExpression=expression,
        ExpressionAttributeValues={":a": {"N": value}},
    )
    name = next(word for word in expression.split() if word in ITEM)
    assert dynamodb.get_item(TableName=table, Key=item("a"))["Item"][name] == {"N": result}


def test_what_cannot_be_read_is_refused(dynamodb: Any, table: str) -> None:
    """By a ValidationException, in a condition, a filter and a transaction."""
    for expression, message in (
        ("zero = :zz", "attribute value: :zz"),
        ("#n = :a", "attribute name: #n"),
        ("zero == :a", "Syntax error"),
    ):
        for call in _calls(dynamodb, table, expression):
            error = refusal(call)["Error"]
            assert error["Code"] == "ValidationException"
            assert message in error["Message"]


def _calls(dynamodb: Any, table: str, expression: str) -> list[Call]:
    given = {"ExpressionAttributeValues": {":a": {"N": "1"}}}
    delete = {"TableName": table, "Key": item("a"), "ConditionExpression": expression} | given
    return [
        lambda: dynamodb.delete_item(**delete),
        lambda: dynamodb.scan(TableName=table, FilterExpression=expression, **given),
        lambda: dynamodb.transact_write_items(TransactItems=[{"Delete": delete}]),
    ]


def test_a_key_of_another_type_is_refused(dynamodb: Any, table: str) -> None:
    """And not taken for an item that is not there."""
    key = {"id": {"N": "1"}}
    for call in (dynamodb.get_item, dynamodb.delete_item):
        message = refusal(lambda call=call: call(TableName=table, Key=key))["Error"]["Message"]  # type: ignore[misc]
        assert message == "The provided key element does not match the schema"


def test_members_that_would_be_ignored_are_refused_by_name(dynamodb: Any, table: str) -> None:
    """Rather than taken."""
    get = [{"Get": {"TableName": table, "Key": item("a"), "ProjectionExpression": "zero"}}]
    expected = {"zero": {"Value": {"N": "0"}, "Exists": True}}
    calls: list[tuple[str, Call]] = [
        (
            "ProjectionExpression in TransactGetItems",
            lambda: dynamodb.transact_get_items(TransactItems=get),
        ),
        ("TableClass in UpdateTable", lambda: dynamodb.update_table(TableName=table, TableClass="STANDARD")),
        (
            "ConditionalOperator in DeleteItem",
            lambda: dynamodb.delete_item(
                TableName=table, Key=item("a"), Expected=expected, ConditionalOperator="OR"
            ),
        ),
    ]
    for what, call in calls:
        error = refusal(call)["Error"]
        assert error["Code"] == "UnsupportedOperationException"
        assert what in error["Message"]


def test_keys_that_were_not_read_keep_what_was_asked_with_them(dynamodb: Any, table: str) -> None:
    """So that they can be asked for again."""
    for number in range(45):
        dynamodb.put_item(TableName=table, Item=item(f"n{number:02}", text={"S": "x" * 389_000}))
    asked = {"Keys": [item(f"n{number:02}") for number in range(45)], "ConsistentRead": True}
    left = dynamodb.batch_get_item(RequestItems={table: asked})["UnprocessedKeys"]
    assert left[table]["ConsistentRead"] is True
