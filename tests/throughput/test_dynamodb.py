"""DynamoDB's cost through the API: a transaction costs the same on a small table and on a large one."""

import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import batched
from statistics import median
from typing import Any

import pytest

from contracts.board import BoardFlight
from runtime.settings import Settings
from tests.support.functions import client

pytestmark = pytest.mark.timeout(300)
FEW, MANY = 100, 20_000
ROUNDS = 15
MOST_RATIO = 3
"""Of the medians, taken in turn; a copy of the table, as moto makes it, would be hundreds of times."""


def item(number: int, minutes: int = 0) -> Any:
    """A flight of the board."""
    time = "2013-02-08T12:00:00Z"
    flight = f"AA-{number}-JFK-20130208T12"
    return BoardFlight(flight, "departed", time, "AA", number, "JFK", "LAX", "N1", time, minutes).to_item()


@pytest.fixture
def tables(world: Settings) -> Iterator[tuple[Any, dict[int, str]]]:
    """A client, and tables with a stream by the number of their items."""
    dynamodb = client(world, "dynamodb")
    names = {FEW: "few", MANY: "many"}
    for count, name in names.items():
        dynamodb.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "flight", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "flight", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        )
        started = time.perf_counter()
        for numbers in batched(range(count), 25, strict=False):
            puts = [{"PutRequest": {"Item": item(number)}} for number in numbers]
            dynamodb.batch_write_item(RequestItems={name: puts})
        sys.stdout.write(f"\nBatchWriteItem: {count / (time.perf_counter() - started):,.0f} items a second\n")
    yield dynamodb, names
    for name in names.values():
        dynamodb.delete_table(TableName=name)


def millis(work: Callable[[], Any]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def test_a_transaction_s_cost_does_not_grow_with_its_table(tables: tuple[Any, dict[int, str]]) -> None:
    """50 puts, in turn on either table; and single requests beside it."""
    dynamodb, names = tables
    took: dict[int, list[float]] = {count: [] for count in names}
    for minutes in range(ROUNDS):
        for count, name in names.items():
            puts = [{"Put": {"TableName": name, "Item": item(number, minutes)}} for number in range(50)]
            took[count].append(millis(partial(dynamodb.transact_write_items, TransactItems=puts)))
    few, many = median(took[FEW]), median(took[MANY])
    sys.stdout.write(
        f"TransactWriteItems of 50 puts: {FEW:,} items {few:.0f} ms, {MANY:,} items {many:.0f} ms\n"
    )
    key = {"flight": item(1)["flight"]}
    put = [millis(lambda: dynamodb.put_item(TableName="many", Item=item(1, 99))) for _ in range(100)]
    get = [millis(lambda: dynamodb.get_item(TableName="many", Key=key)) for _ in range(100)]
    sys.stdout.write(f"PutItem {median(put):.1f} ms, GetItem {median(get):.1f} ms\n")
    assert many / few < MOST_RATIO
