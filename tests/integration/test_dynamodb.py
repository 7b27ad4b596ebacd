"""DynamoDB through the API of the local cloud: transactions, limits, refusals."""

from typing import Any

from tests.support.dynamodb import Call, Make, changes, item, refusal


def test_a_transaction_is_all_or_nothing(dynamodb: Any, streams: Any, make: Make) -> None:
    """One condition that fails takes everything back, and every action has its reason."""
    name = make("KEYS_ONLY")
    dynamodb.put_item(TableName=name, Item=item("old", n=1))
    update = {"UpdateExpression": "SET n = n + :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}
    failure = refusal(
        lambda: dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": name, "Item": item("new")}},
                {"Update": {"TableName": name, "Key": item("old"), **update}},
                {
                    "ConditionCheck": {
                        "TableName": name,
                        "Key": item("missing"),
                        "ConditionExpression": "attribute_exists(id)",
                    }
                },
                {"Update": {"TableName": name, "Key": item("empty"), **update}},
            ]
        )
    )
    assert failure["Error"]["Code"] == "TransactionCanceledException"
    assert failure["Error"]["Message"] == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, None, ConditionalCheckFailed, ValidationError]"
    )
    assert failure["CancellationReasons"][2:] == [
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        {
            "Code": "ValidationError",
            "Message": "The provided expression refers to an attribute that does not exist in the item",
        },
    ]
    assert dynamodb.scan(TableName=name)["Items"] == [item("old", n=1)]
    assert len(changes(dynamodb, streams, name)) == 1


def test_a_failed_condition_returns_the_item(dynamodb: Any, make: Make) -> None:
    """ALL_OLD returns the item, binaries too, alone and in a transaction."""
    name = make()
    there = item("a", bytes={"B": b"\x00\xff"}, nested={"M": {"list": {"L": [{"B": b"1"}]}}})
    dynamodb.put_item(TableName=name, Item=there)
    put = {
        "TableName": name,
        "Item": item("a"),
        "ConditionExpression": "attribute_not_exists(id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    failure = refusal(lambda: dynamodb.transact_write_items(TransactItems=[{"Put": put}]))
    assert failure["CancellationReasons"][0]["Item"] == there
    alone = refusal(lambda: dynamodb.put_item(**put))
    assert alone["Error"]["Code"] == "ConditionalCheckFailedException"
    assert alone["Item"] == there


def test_a_transaction_s_bounds(dynamodb: Any, make: Make) -> None:
    """An item twice, more than 100 actions, and more than 4 MB are refused, and nothing is written."""
    name = make()

    def transact(items: list[dict[str, Any]]) -> dict[str, Any]:
        actions = [{"Put": {"TableName": name, "Item": each}} for each in items]
        error: dict[str, Any] = refusal(lambda: dynamodb.transact_write_items(TransactItems=actions))["Error"]
        return error

    twice = transact([item("a"), item("a", n=1)])
    assert twice["Message"] == "Transaction request cannot include multiple operations on one item"
    assert "less than or equal to 100" in transact([item(str(n)) for n in range(101)])["Message"]
    text = {"S": "x" * 390_000}
    assert "4 MB" in transact([item(str(n), text=text) for n in range(11)])["Message"]
    assert dynamodb.scan(TableName=name)["Count"] == 0


def test_a_token_does_a_transaction_once(dynamodb: Any, make: Make) -> None:
    """The same request is not done again; another one under its token is refused."""
    name = make()

    def add(number: str, token: str) -> None:
        update = {
            "TableName": name,
            "Key": item("a"),
            "UpdateExpression": "ADD n :n",
            "ExpressionAttributeValues": {":n": {"N": number}},
        }
        dynamodb.transact_write_items(TransactItems=[{"Update": update}], ClientRequestToken=token)

    for _ in range(3):
        add("1", "first")
    add("1", "second")
    failure = refusal(lambda: add("5", "first"))
    assert failure["Error"]["Code"] == "IdempotentParameterMismatchException"
    assert dynamodb.get_item(TableName=name, Key=item("a"))["Item"] == item("a", n=2)


def test_a_failed_update_leaves_the_item_as_it_was(dynamodb: Any, make: Make) -> None:
    """An update that grows an item beyond 400 KB is refused whole; one that creates an item leaves none."""
    name = make()
    half = {"S": "x" * 204_500}
    for each, before in (("old", item("old", left=half)), ("new", None)):
        if before:
            dynamodb.put_item(TableName=name, Item=before)
        failure = refusal(
            lambda each=each: dynamodb.update_item(  # type: ignore[misc]  # a default binds the loop's value
                TableName=name,
                Key=item(each),
                UpdateExpression="SET #r = :h, n = :n, #l = :h, m = :t",
                ExpressionAttributeNames={"#r": "right", "#l": "left"},
                ExpressionAttributeValues={":h": half, ":n": {"N": "1"}, ":t": {"S": "x" * 1000}},
            )
        )
        assert failure["Error"]["Message"] == "Item size to update has exceeded the maximum allowed size"
        assert dynamodb.get_item(TableName=name, Key=item(each)).get("Item") == before


def test_the_limit_of_an_item_is_400_kb(dynamodb: Any, make: Make) -> None:
    """Exactly 409,600 bytes of names and values are taken, one more is refused, by each way to put."""
    name = make()
    fits, large = ({"S": "x" * (409_600 - 3 - 4 + more)} for more in (0, 1))
    dynamodb.put_item(TableName=name, Item=item("a", text=fits))
    writes: list[Call] = [
        lambda: dynamodb.put_item(TableName=name, Item=item("b", text=large)),
        lambda: dynamodb.batch_write_item(
            RequestItems={
                name: [
                    {"PutRequest": {"Item": item("c")}},
                    {"PutRequest": {"Item": item("b", text=large)}},
                ]
            }
        ),
    ]
    for write in writes:
        error = refusal(write)["Error"]
        assert error["Code"] == "ValidationException"
        assert error["Message"] == "Item size has exceeded the maximum allowed size"
    put = {"Put": {"TableName": name, "Item": item("b", text=large)}}
    failure = refusal(lambda: dynamodb.transact_write_items(TransactItems=[put]))
    assert failure["CancellationReasons"][0]["Code"] == "ValidationError"
    assert [each["id"]["S"] for each in dynamodb.scan(TableName=name)["Items"]] == ["a"]


def test_time_to_live_is_set_as_on_aws(dynamodb: Any, make: Make) -> None:
    """What is so already, and another attribute, are refused; disabled, a table names no attribute."""
    name = make()

    def update(attribute: str, *, is_enabled: bool) -> Any:
        specification = {"Enabled": is_enabled, "AttributeName": attribute}
        return dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=specification)

    assert "already disabled" in refusal(lambda: update("t", is_enabled=False))["Error"]["Message"]
    update("t", is_enabled=True)
    assert "already enabled" in refusal(lambda: update("t", is_enabled=True))["Error"]["Message"]
    assert "different AttributeName" in refusal(lambda: update("u", is_enabled=True))["Error"]["Message"]
    update("t", is_enabled=False)
    description = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
    assert description == {"TimeToLiveStatus": "DISABLED"}
    missing = refusal(lambda: dynamodb.describe_time_to_live(TableName="none"))
    assert missing["Error"]["Code"] == "ResourceNotFoundException"


def test_a_batch_is_refused_whole(dynamodb: Any, make: Make) -> None:
    """A batch that is too long, names an item twice or holds a wrong key writes nothing."""
    name = make()

    def write(items: list[dict[str, Any]]) -> Any:
        requests = [{"PutRequest": {"Item": each}} for each in items]
        return refusal(lambda: dynamodb.batch_write_item(RequestItems={name: requests}))["Error"]["Message"]

    assert write([item(str(n)) for n in range(26)]) == "Too many items requested for the BatchWriteItem call"
    assert write([item("a"), item("a", n=1)]) == "Provided list of item keys contains duplicates"
    assert "Type mismatch for key id" in write([item("a"), {"id": {"N": "1"}}])
    assert dynamodb.scan(TableName=name)["Count"] == 0


def test_a_query_reads_its_partition(dynamodb: Any, make: Make) -> None:
    """A partition's items come in order, page by page, and no others."""
    name = make(sort="kind")
    for each in ("b", "a"):
        for kind in "321":
            dynamodb.put_item(TableName=name, Item=item(each, kind={"S": kind}))
    query = {"KeyConditionExpression": "id = :i", "ExpressionAttributeValues": {":i": {"S": "a"}}}
    pages = dynamodb.get_paginator("query").paginate(TableName=name, Limit=2, **query)
    assert [each["kind"]["S"] for page in pages for each in page["Items"]] == ["1", "2", "3"]
    other = query | {"ExpressionAttributeValues": {":i": {"S": "c"}}}
    assert dynamodb.query(TableName=name, **other)["Items"] == []


def test_what_is_missing_is_refused_by_name(dynamodb: Any, make: Make) -> None:
    """PartiQL, exports, Kinesis destinations and operations that moto lacks say what they are."""
    name = make()
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    calls: list[tuple[str, Call]] = [
        ("PartiQL", lambda: dynamodb.execute_statement(Statement="SELECT 1")),
        ("S3", lambda: dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket="bucket")),
        (
            "Kinesis",
            lambda: dynamodb.enable_kinesis_streaming_destination(TableName=name, StreamArn=arn + "/" * 37),
        ),
        ("ListGlobalTables", dynamodb.list_global_tables),
    ]
    for what, call in calls:
        error = refusal(call)["Error"]
        assert error["Code"] == "UnsupportedOperationException"
        assert what in error["Message"]
