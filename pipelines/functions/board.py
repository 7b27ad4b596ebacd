"""The board's logic: the newest state of each flight, put on the board with its airport's counter."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import batched
from random import Random
from typing import Any, Protocol

from botocore.exceptions import ClientError

from contracts.board import BoardFlight
from contracts.errors import MillraceError
from runtime.clock import Clock

MOST_FLIGHTS = 33
"""Of one transaction: each may change two counters beside it, and DynamoDB takes 100 actions."""

MOST_ATTEMPTS = 8
_FIRST_PAUSE_SECONDS = 0.05
_LOST_RACES = {"ConditionalCheckFailed", "TransactionConflict"}


class BoardChangedError(MillraceError):
    """Another writer was faster; nothing of the moves is on the board: look again."""


class BoardBusyError(MillraceError):
    """Other writers were faster each time."""

    def __init__(self, flights: int) -> None:
        """Keep how many flights wait."""
        super().__init__(flights)
        self.flights = flights

    def __str__(self) -> str:
        """Say what was tried."""
        return (
            f"others changed the same {self.flights} flights {MOST_ATTEMPTS} times in a row; they come again"
        )


@dataclass(frozen=True, slots=True)
class Move:
    """A flight's step from the state that was seen to a newer one.

    Attributes:
        before: What the board shows; None where it does not show the flight yet.
        after: What it is to show.
    """

    before: BoardFlight | None
    after: BoardFlight


class Board(Protocol):
    """Where flights and counters stand."""

    def states(self, flights: Sequence[str]) -> Mapping[str, BoardFlight]:
        """Return the board's state of some flights, at most `MOST_FLIGHTS`; of those it has."""

    def move(self, moves: Sequence[Move]) -> None:
        """Make moves and count them, all or none.

        Raises:
            BoardChangedError: One of the flights is no longer as it was seen; none is moved.
        """


def newest(flights: Iterable[BoardFlight]) -> list[BoardFlight]:
    """Return the newest state of each flight, by event time and kind; of equals the first."""
    found: dict[str, BoardFlight] = {}
    for each in flights:
        if each.flight not in found or found[each.flight].age < each.age:
            found[each.flight] = each
    return list(found.values())


def counted(moves: Iterable[Move]) -> dict[tuple[str, str], dict[str, int]]:
    """Return what moves change in the counters: airport and date, then status and how many more or fewer."""
    changes: dict[tuple[str, str], Counter[str]] = {}
    for move in moves:
        if move.before:
            changes.setdefault(move.before.counter, Counter())[move.before.status] -= 1
        changes.setdefault(move.after.counter, Counter())[move.after.status] += 1
    kept = {key: {status: count for status, count in each.items() if count} for key, each in changes.items()}
    return {key: each for key, each in kept.items() if each}


def advance(board: Board, flights: Iterable[BoardFlight], clock: Clock, random: Random) -> int:
    """Bring the board up to some states, and return how many of them were newer than what it showed.

    **Delivery**: a state that comes again or late changes nothing. **On failure**: what is on the board
    stays; repeat all.

    Raises:
        BoardBusyError: Others kept changing the same flights.
    """
    moved = 0
    for group in batched(newest(flights), MOST_FLIGHTS, strict=False):
        for attempt in range(MOST_ATTEMPTS):
            shown = board.states([each.flight for each in group])
            moves = [Move(shown.get(each.flight), each) for each in group]
            moves = [move for move in moves if not move.before or move.before.age < move.after.age]
            try:
                if moves:
                    board.move(moves)
            except BoardChangedError:
                clock.sleep(random.uniform(0, _FIRST_PAUSE_SECONDS * 2**attempt))
                continue
            moved += len(moves)
            break
        else:
            raise BoardBusyError(len(group))
    return moved


class DynamoBoard:
    """The board as two DynamoDB tables.

    **Delivery**: a transaction takes effect whole or not at all; botocore repeats it under one token.
    """

    def __init__(self, dynamodb: Any, board: str, counters: str) -> None:
        """Take a client and the tables' names."""
        self._dynamodb = dynamodb
        self._board = board
        self._counters = counters

    def states(self, flights: Sequence[str]) -> Mapping[str, BoardFlight]:
        """See `Board.states`."""
        keys = [{"flight": {"S": flight}} for flight in flights]
        request: Any = {self._board: {"Keys": keys, "ConsistentRead": True}}
        shown: dict[str, BoardFlight] = {}
        while request:
            answer = self._dynamodb.batch_get_item(RequestItems=request)
            found = map(BoardFlight.of_item, answer["Responses"].get(self._board, ()))
            shown |= {each.flight: each for each in found}
            request = answer.get("UnprocessedKeys")
        return shown

    def move(self, moves: Sequence[Move]) -> None:
        """See `Board.move`."""
        actions = [self._put(move) for move in moves]
        actions += [self._count(key, changes) for key, changes in sorted(counted(moves).items())]
        try:
            self._dynamodb.transact_write_items(TransactItems=actions)
        except ClientError as error:
            reasons = {each["Code"] for each in error.response.get("CancellationReasons", ())}
            if reasons & _LOST_RACES:
                raise BoardChangedError from error
            raise

    def _put(self, move: Move) -> dict[str, Any]:
        put: dict[str, Any] = {"TableName": self._board, "Item": move.after.to_item()}
        if move.before is None:
            put["ConditionExpression"] = "attribute_not_exists(flight)"
        else:
            put["ConditionExpression"] = "event_time = :time and #status = :status"
            put["ExpressionAttributeNames"] = {"#status": "status"}  # a reserved word
            put["ExpressionAttributeValues"] = {
                ":time": {"S": move.before.event_time},
                ":status": {"S": move.before.status},
            }
        return {"Put": put}

    def _count(self, key: tuple[str, str], changes: Mapping[str, int]) -> dict[str, Any]:
        airport, day = key
        return {
            "Update": {
                "TableName": self._counters,
                "Key": {"airport": {"S": airport}, "day": {"S": day}},
                "UpdateExpression": "ADD " + ", ".join(f"{status} :{status}" for status in sorted(changes)),
                "ExpressionAttributeValues": {
                    f":{status}": {"N": str(count)} for status, count in changes.items()
                },
            }
        }


class MemoryBoard:
    """The twin in memory."""

    def __init__(self) -> None:
        """Begin empty."""
        self.flights: dict[str, BoardFlight] = {}
        self.counters: dict[tuple[str, str], Counter[str]] = {}

    def states(self, flights: Sequence[str]) -> Mapping[str, BoardFlight]:
        """See `Board.states`."""
        return {flight: self.flights[flight] for flight in flights if flight in self.flights}

    def move(self, moves: Sequence[Move]) -> None:
        """See `Board.move`."""
        shown = self.states([move.after.flight for move in moves])
        if any(_age(shown.get(move.after.flight)) != _age(move.before) for move in moves):
            raise BoardChangedError
        self.flights |= {move.after.flight: move.after for move in moves}
        for key, changes in counted(moves).items():
            self.counters.setdefault(key, Counter()).update(changes)


def _age(flight: BoardFlight | None) -> tuple[str, int] | None:
    """Return what DynamoDB's condition compares."""
    return flight.age if flight else None
