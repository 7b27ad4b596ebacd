"""One suite for both boards and both alerts: DynamoDB, SQS and their twins in memory behave alike."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from app.commands.bootstrap import prepare
from contracts.board import BoardFlight
from pipelines.functions.alerts import Alerts, AwsAlerts, MemoryAlerts
from pipelines.functions.board import (
    MOST_FLIGHTS,
    Board,
    BoardChangedError,
    DynamoBoard,
    MemoryBoard,
    Move,
)
from tests.support.functions import client

if TYPE_CHECKING:
    from runtime.settings import Settings

pytestmark = pytest.mark.timeout(180)
NOON, LATER = "2013-02-08T12:00:00Z", "2013-02-08T13:00:00Z"
type Counters = Callable[[], dict[str, dict[str, int]]]
type Told = Callable[[], list[dict[str, Any]]]


def flight(number: int, **changes: Any) -> BoardFlight:
    """A flight that was scheduled; each has an airport of its own, so that counters differ."""
    scheduled = BoardFlight(
        f"AA-{number}", "scheduled", NOON, "AA", number, f"A{number:02}", "LAX", None, NOON, None
    )
    return replace(scheduled, **changes)


@pytest.fixture(params=["memory", "dynamodb"])
def board(request: pytest.FixtureRequest) -> tuple[Board, Counters]:
    """Give an empty board of each kind, and how to look at its counters by airport."""
    if request.param == "memory":
        memory = MemoryBoard()
        return memory, lambda: {airport: _some(each) for (airport, _), each in memory.counters.items()}
    world: Settings = request.getfixturevalue("world")
    prepare(world)
    dynamodb = client(world, "dynamodb")

    def counters() -> dict[str, dict[str, int]]:
        items = dynamodb.scan(TableName=world.counters)["Items"]
        return {
            each["airport"]["S"]: _some({key: int(n["N"]) for key, n in each.items() if "N" in n})
            for each in items
        }

    return DynamoBoard(dynamodb, world.board, world.counters), counters


def _some(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the counts that are not 0."""
    return {status: count for status, count in counts.items() if count}


def test_a_move_is_shown_and_counted(board: tuple[Board, Counters]) -> None:
    """As many as one transaction holds; a flight that is not there is not returned."""
    there, counters = board
    flights = [flight(number) for number in range(MOST_FLIGHTS)]
    there.move([Move(None, each) for each in flights])
    assert there.states([*(each.flight for each in flights[:3]), "AA-99"]) == {
        each.flight: each for each in flights[:3]
    }
    departed = replace(flights[0], status="departed", event_time=LATER, tail_number="N1", delay_minutes=60)
    there.move([Move(flights[0], departed)])
    assert there.states(["AA-0"]) == {"AA-0": departed}
    assert counters() == {each.origin: {each.status: 1} for each in [departed, *flights[1:]]}


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(None, id="as not there"),
        pytest.param(flight(1, event_time=LATER), id="at another time"),
        pytest.param(flight(1, status="departed"), id="in another status"),
    ],
)
def test_moves_of_a_flight_that_was_seen_otherwise_change_nothing(
    board: tuple[Board, Counters], seen: BoardFlight | None
) -> None:
    """Neither the other flights of the same moves, nor a counter."""
    there, counters = board
    there.move([Move(None, flight(1))])
    after = flight(1, status="arrived", event_time=LATER)
    with pytest.raises(BoardChangedError):
        there.move([Move(None, flight(2)), Move(seen, after)])
    assert there.states(["AA-1", "AA-2"]) == {"AA-1": flight(1)}
    assert counters() == {"A01": {"scheduled": 1}}


@pytest.fixture(params=["memory", "aws"])
def alerts(request: pytest.FixtureRequest) -> tuple[Alerts, Told]:
    """Give alerts of each kind, and how to read their messages."""
    if request.param == "memory":
        memory = MemoryAlerts()
        return memory, lambda: [orjson.loads(each) for each in memory.told]
    world: Settings = request.getfixturevalue("world")
    prepare(world)
    sqs = client(world, "sqs")
    url = sqs.get_queue_url(QueueName=world.alerts)["QueueUrl"]

    def told() -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            found += [orjson.loads(each["Body"]) for each in messages]
        return found

    return AwsAlerts(client(world, "dynamodb"), sqs, world.alerts), told


def test_what_is_kept_was_raised_and_what_is_told_is_read(alerts: tuple[Alerts, Told]) -> None:
    """More than one request holds, of keys, of items and of messages."""
    there, told = alerts
    flights = [flight(number, delay_minutes=60 + number) for number in range(130)]
    names = [each.flight for each in flights]
    assert there.raised(names) == set()
    there.tell(flights)
    there.keep(flights[:110], expires_at=2**32)
    assert there.raised(names) == set(names[:110])
    assert there.raised([]) == set()
    assert sorted((each["flight"], each["delay_minutes"]) for each in told()) == sorted(
        (each.flight, each.delay_minutes) for each in flights
    )
