"""What transactions and batches may ask for."""

from typing import Any

import pytest

from localstack.providers.dynamodb.batches import targets
from localstack.providers.dynamodb.errors import DynamoDBError
from localstack.providers.dynamodb.tokens import KEPT_SECONDS, Tokens
from localstack.providers.dynamodb.transactions import MAX_BYTES, Reason, actions, check_reasons, check_size

KEY = {"id": {"S": "a"}}


def keys(_table: str) -> list[str]:
    """Return the names of every table's key."""
    return ["id"]


def put(name: str, table: str = "t") -> dict[str, Any]:
    """Return a Put."""
    return {"Put": {"TableName": table, "Item": {"id": {"S": name}, "n": {"N": "1"}}}}


@pytest.mark.parametrize(
    ("items", "message"),
    [
        pytest.param([], "length greater than or equal to 1", id="none"),
        pytest.param([put(str(n)) for n in range(101)], "length less than or equal to 100", id="101"),
        pytest.param([{**put("a"), "Delete": {}}], "can only contain one of", id="two in one"),
        pytest.param([{}], "can only contain one of", id="none in one"),
        pytest.param(
            [put("a"), {"ConditionCheck": {"TableName": "t", "Key": KEY}}],
            "cannot include multiple operations on one item",
            id="an item twice",
        ),
    ],
)
def test_transactions_that_are_refused(items: list[Any], message: str) -> None:
    """Whatever the tables hold."""
    with pytest.raises(DynamoDBError, match=message):
        actions({"TransactItems": items}, keys)


def test_a_transaction_s_actions() -> None:
    """A hundred, of any table, with the key of each; the same key in two tables is two items."""
    found = actions(
        {"TransactItems": [put("a"), put("a", "u"), {"Delete": {"TableName": "v", "Key": KEY}}]}, keys
    )
    assert [(each.kind, each.table, each.key) for each in found] == [
        ("Put", "t", KEY),
        ("Put", "u", KEY),
        ("Delete", "v", KEY),
    ]
    assert len(actions({"TransactItems": [put(str(n)) for n in range(100)]}, keys)) == 100


def test_4_mb_are_the_limit() -> None:
    """Together."""
    check_size([MAX_BYTES - 1, 1])
    with pytest.raises(DynamoDBError, match="cannot exceed 4 MB"):
        check_size([MAX_BYTES, 1])


def test_every_action_has_its_reason() -> None:
    """In the order of the request, with the item where there is one."""
    check_reasons([Reason(), Reason()])
    with pytest.raises(DynamoDBError, match=r"specific reasons \[None, ConditionalCheckFailed\]") as failure:
        check_reasons([Reason(), Reason("ConditionalCheckFailed", "The conditional request failed", KEY)])
    assert failure.value.code == "TransactionCanceledException"
    assert failure.value.fields["CancellationReasons"] == [
        {"Code": "None"},
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", "Item": KEY},
    ]


def test_a_token_is_kept_for_ten_minutes() -> None:
    """Its request is done once; another under it is refused; later, and for others, it is new."""
    now = 0.0
    tokens = Tokens(lambda: now)
    request = {"ClientRequestToken": "x", "TransactItems": [put("a")]}
    assert not tokens.is_done("owner", request)
    tokens.note("owner", request)
    assert tokens.is_done("owner", request | {"ReturnConsumedCapacity": "TOTAL"})
    assert not tokens.is_done("other", request)
    with pytest.raises(DynamoDBError, match="IdempotentParameterMismatchException"):
        tokens.is_done("owner", request | {"TransactItems": [put("b")]})
    now = KEPT_SECONDS + 1
    assert not tokens.is_done("owner", request | {"TransactItems": [put("b")]})


def test_without_a_token_everything_is_done() -> None:
    """Every time."""
    tokens = Tokens(lambda: 0.0)
    tokens.note("owner", {"TransactItems": []})
    assert not tokens.is_done("owner", {"TransactItems": []})


@pytest.mark.parametrize(
    ("requests", "message"),
    [
        pytest.param(
            [{"PutRequest": {"Item": {"id": {"S": str(n)}}}} for n in range(26)], "Too many items", id="26"
        ),
        pytest.param(
            [{"PutRequest": {"Item": KEY | {"n": {"N": "1"}}}}, {"DeleteRequest": {"Key": KEY}}],
            "contains duplicates",
            id="an item put and deleted",
        ),
    ],
)
def test_batches_that_are_refused(requests: list[Any], message: str) -> None:
    """AWS's bounds."""
    with pytest.raises(DynamoDBError, match=message):
        targets({"RequestItems": {"t": requests}}, keys)


def test_a_batch_s_targets() -> None:
    """Keys of puts and deletes."""
    requests = [
        {"PutRequest": {"Item": KEY | {"n": {"N": "1"}}}},
        {"DeleteRequest": {"Key": {"id": {"S": "b"}}}},
    ]
    assert targets({"RequestItems": {"t": requests}}, keys) == [("t", KEY), ("t", {"id": {"S": "b"}})]
