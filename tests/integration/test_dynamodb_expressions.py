"""DynamoDB's expressions: what compares, what is computed, and what cannot be read, as on AWS."""

from typing import Any

import pytest

from tests.support.dynamodb import Call, Make, item, refusal

ITEM = item(
    "a",
    zero=0,
    tenth="0.3",
    precise="10000000000000000.5",
    word={"S": "m"},
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
        pytest.param("zero = :a\n  AND zero = :a", {":a": {"N": "0"}}, True, id="lines"),
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
        pytest.param("begins_with(bytes, :a)", {":a": {"B": b"\xff"}}, True, id="begin of bytes"),
        pytest.param("begins_with(word, :a)", {":a": {"B": b"m"}}, False, id="begin of another type"),
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


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (
            "zero = :zz",
            "An expression attribute value used in expression is not defined; attribute value: :zz",
        ),
        (
            "#n = :a",
            "An expression attribute name used in the document path is not defined; attribute name: #n",
        ),
        ("zero == :a", "Syntax error"),
        ("size(zero, :a)", "Syntax error"),
        ("unheard_of(zero, :a)", "Syntax error"),
        ("size(listed)", "Syntax error"),
        ("attribute_exists(zero) = :a", "Syntax error"),
    ],
)
def test_what_cannot_be_read_is_refused(dynamodb: Any, table: str, expression: str, message: str) -> None:
    """By a ValidationException that names the expression, in a condition, a filter and a transaction."""
    given = {"ExpressionAttributeValues": {":a": {"N": "1"}}} if ":a" in expression else {}
    delete = {"TableName": table, "Key": item("a"), "ConditionExpression": expression} | given
    calls: list[tuple[str, Call]] = [
        ("Condition", lambda: dynamodb.delete_item(**delete)),
        ("Filter", lambda: dynamodb.scan(TableName=table, FilterExpression=expression, **given)),
        ("Condition", lambda: dynamodb.transact_write_items(TransactItems=[{"Delete": delete}])),
    ]
    for kind, call in calls:
        error = refusal(call)["Error"]
        assert error["Code"] == "ValidationException"
        assert error["Message"] == f"Invalid {kind}Expression: {message}"


def test_values_are_all_defined_and_all_used(dynamodb: Any, table: str) -> None:
    """A put, an update and each action of a transaction are refused whole, and nothing is written."""
    put = {"TableName": table, "Item": item("a"), "ConditionExpression": "attribute_exists(id)"}
    update = {"TableName": table, "Key": item("a"), "UpdateExpression": "ADD zero :b"}
    given = {"ExpressionAttributeValues": {":a": {"N": "1"}}}
    unused = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}"
    undefined = "Invalid UpdateExpression: An expression attribute value used in expression is not defined; "
    calls: list[tuple[str, Call]] = [
        (unused, lambda: dynamodb.put_item(**put, **given)),
        (unused, lambda: dynamodb.transact_write_items(TransactItems=[{"Put": put | given}])),
        (undefined, lambda: dynamodb.update_item(**update, **given)),
        (undefined, lambda: dynamodb.transact_write_items(TransactItems=[{"Update": update | given}])),
    ]
    for message, call in calls:
        error = refusal(call)["Error"]
        assert error["Code"] == "ValidationException"
        assert error["Message"].startswith(message)
    assert dynamodb.get_item(TableName=table, Key=item("a"))["Item"] == ITEM


def test_an_empty_set_is_refused(dynamodb: Any, table: str) -> None:
    """By each way to write it."""
    empty = item("b", numbers={"NS": []})
    update = {
        "TableName": table,
        "Key": item("b"),
        "UpdateExpression": "SET texts = :a",
        "ExpressionAttributeValues": {":a": {"SS": []}},
    }
    writes: list[Call] = [
        lambda: dynamodb.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": empty}}]}),
        lambda: dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": table, "Item": empty}}]),
        lambda: dynamodb.update_item(**update),
    ]
    for write in writes:
        error = refusal(write)["Error"]
        assert error["Code"] == "ValidationException"
        assert "set  may not be empty" in error["Message"]


def test_a_key_of_another_type_is_refused(dynamodb: Any, table: str) -> None:
    """And not taken for an item that is not there."""
    key = {"id": {"N": "1"}}
    update = {"UpdateExpression": "REMOVE zero"}
    calls: list[Call] = [
        lambda: dynamodb.get_item(TableName=table, Key=key),
        lambda: dynamodb.delete_item(TableName=table, Key=key),
        lambda: dynamodb.update_item(TableName=table, Key=key, **update),
        lambda: dynamodb.batch_get_item(RequestItems={table: {"Keys": [item("a"), key]}}),
        lambda: dynamodb.batch_write_item(RequestItems={table: [{"DeleteRequest": {"Key": key}}]}),
    ]
    for call in calls:
        error = refusal(call)["Error"]
        assert error["Code"] == "ValidationException"
        assert error["Message"] == "The provided key element does not match the schema"
    gets = [{"Get": {"TableName": table, "Key": each}} for each in (item("a"), key)]
    failure = refusal(lambda: dynamodb.transact_get_items(TransactItems=gets))
    assert [each["Code"] for each in failure["CancellationReasons"]] == ["None", "ValidationError"]


def test_transactions_read_what_is_asked_for(dynamodb: Any, table: str) -> None:
    """By each Get's own ProjectionExpression, or all."""
    get = {"TableName": table, "Key": item("a")}
    gets = [
        get | {"ProjectionExpression": "#z, listed[1], bytes", "ExpressionAttributeNames": {"#z": "zero"}},
        get,
        get | {"Key": item("absent"), "ProjectionExpression": "zero"},
    ]
    found = dynamodb.transact_get_items(TransactItems=[{"Get": each} for each in gets])["Responses"]
    part = {"zero": {"N": "0"}, "listed": {"L": [{"S": "x"}]}, "bytes": {"B": b"\xff"}}
    assert found == [{"Item": part}, {"Item": ITEM}, {}]


@pytest.mark.parametrize(
    ("expression", "old", "new"),
    [
        pytest.param("SET zero = :a", {"zero": {"N": "0"}}, {"zero": {"N": "0"}}, id="the same value"),
        pytest.param("SET made = :a", {}, {"made": {"N": "0"}}, id="a new attribute"),
        pytest.param(
            "SET listed[1] = zero REMOVE blank ADD tenth :a",
            {"listed": {"L": [{"S": "x"}]}, "blank": {"S": ""}, "tenth": {"N": "0.3"}},
            {"listed": {"L": [{"N": "0"}]}, "tenth": {"N": "0.3"}},
            id="what it names, and no operands",
        ),
    ],
)
def test_an_update_returns_what_it_names(
    dynamodb: Any, table: str, expression: str, old: dict[str, Any], new: dict[str, Any]
) -> None:
    """Changed or not; where it names nothing that is there, there are no Attributes."""
    update = {"TableName": table, "Key": item("a"), "UpdateExpression": expression}
    if ":a" in expression:
        update["ExpressionAttributeValues"] = {":a": {"N": "0"}}
    assert dynamodb.update_item(**update, ReturnValues="UPDATED_OLD").get("Attributes", {}) == old
    dynamodb.put_item(TableName=table, Item=ITEM)
    assert dynamodb.update_item(**update, ReturnValues="UPDATED_NEW").get("Attributes", {}) == new


def test_an_update_without_an_expression_makes_the_item(dynamodb: Any, table: str) -> None:
    """And leaves one that is there as it is."""
    for name in ("a", "b"):
        dynamodb.update_item(TableName=table, Key=item(name))
    found = dynamodb.scan(TableName=table)["Items"]
    assert sorted(found, key=lambda each: str(each["id"]["S"])) == [ITEM, item("b")]


def test_members_that_would_be_ignored_are_refused_by_name(dynamodb: Any, table: str) -> None:
    """Rather than taken, or taken for something else."""
    name, key = {"TableName": table}, {"TableName": table, "Key": item("a")}
    condition = {"zero": {"ComparisonOperator": "EQ", "AttributeValueList": [{"N": "0"}]}}
    replica = [{"Create": {"RegionName": "eu-central-1"}}]
    update = {"zero": {"Action": "PUT", "Value": {"BOOL": True}}}
    calls: list[tuple[str, Call]] = [
        ("ReplicaUpdates in UpdateTable", lambda: dynamodb.update_table(**name, ReplicaUpdates=replica)),
        ("TableClass in UpdateTable", lambda: dynamodb.update_table(**name, TableClass="STANDARD")),
        ("Expected in DeleteItem", lambda: dynamodb.delete_item(**key, Expected=condition)),
        (
            "ConditionalOperator in DeleteItem",
            lambda: dynamodb.delete_item(**key, Expected=condition, ConditionalOperator="OR"),
        ),
        ("AttributeUpdates in UpdateItem", lambda: dynamodb.update_item(**key, AttributeUpdates=update)),
        ("ScanFilter in Scan", lambda: dynamodb.scan(**name, ScanFilter=condition)),
        ("AttributesToGet in GetItem", lambda: dynamodb.get_item(**key, AttributesToGet=["zero"])),
    ]
    for what, call in calls:
        error = refusal(call)["Error"]
        assert error["Code"] == "UnsupportedOperationException"
        assert what in error["Message"]
    there = item("a", ConditionalOperator=1)
    dynamodb.put_item(TableName=table, Item=there)
    assert dynamodb.get_item(**key)["Item"] == there


def test_a_tag_has_one_value(dynamodb: Any, table: str) -> None:
    """The last that it was given."""
    arn = dynamodb.describe_table(TableName=table)["Table"]["TableArn"]
    for value in "12":
        dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "a", "Value": value}])
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "3"}])
    tags = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "a", "Value": "2"}, {"Key": "b", "Value": "3"}]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("N", ["10000000000000000.1", "10000000000000000.2", "10000000000000000.3"]),
        ("B", [b"\x00", b"a", b"\xff"]),
    ],
)
def test_sort_keys_are_numbers_and_bytes(dynamodb: Any, kind: str, values: list[Any]) -> None:
    """Numbers are in order to their last digit, binaries by their bytes; base64 has another order."""
    name = f"sorted-by-{kind}"
    dynamodb.create_table(
        TableName=name,
        KeySchema=[
            {"AttributeName": "id", "KeyType": "HASH"},
            {"AttributeName": "place", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "place", "AttributeType": kind},
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    for each in reversed(values):
        dynamodb.put_item(TableName=name, Item=item("a", place={kind: each}))
    found = dynamodb.query(
        TableName=name,
        KeyConditionExpression="id = :i AND place > :a",
        ExpressionAttributeValues={":i": {"S": "a"}, ":a": {kind: values[0]}},
    )["Items"]
    dynamodb.delete_table(TableName=name)
    assert [each["place"][kind] for each in found] == values[1:]


def test_keys_that_were_not_read_keep_what_was_asked_with_them(dynamodb: Any, table: str) -> None:
    """So that they can be asked for again."""
    for number in range(45):
        dynamodb.put_item(TableName=table, Item=item(f"n{number:02}", text={"S": "x" * 389_000}))
    asked = {"Keys": [item(f"n{number:02}") for number in range(45)], "ConsistentRead": True}
    left = dynamodb.batch_get_item(RequestItems={table: asked})["UnprocessedKeys"]
    assert left[table]["ConsistentRead"] is True
