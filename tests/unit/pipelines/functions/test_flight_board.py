"""The flight board: the newest state wins, counters follow, and a record that is no event is named."""

import base64
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.board import BoardFlight
from contracts.events import FlightEvent, FlightKey, Kind
from contracts.parse import parse_flight_event
from pipelines.functions.board import (
    MOST_ATTEMPTS,
    BoardBusyError,
    BoardChangedError,
    MemoryBoard,
    Move,
    advance,
    newest,
)
from pipelines.functions.flight_board import read
from runtime.clock import Clock

NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
HOURS: dict[Kind, int] = {"scheduled": -20, "departed": 1, "arrived": 4}


class StillClock:
    """A clock that counts how long it was asked to sleep."""

    def __init__(self) -> None:
        """Begin at noon."""
        self.slept: list[float] = []

    def now(self) -> datetime:
        """See `Clock.now`."""
        return NOON

    def monotonic(self) -> float:
        """See `Clock.monotonic`."""
        return 0.0

    def sleep(self, seconds: float) -> None:
        """See `Clock.sleep`."""
        self.slept.append(seconds)


def event(number: int, kind: Kind, origin: str = "JFK") -> FlightEvent:
    """One event of a flight."""
    key = FlightKey("AA", number, origin, NOON)
    delay = None if kind == "scheduled" else 60
    return FlightEvent(key, kind, NOON + timedelta(hours=HOURS[kind]), "LAX", None, NOON, delay)


def state(number: int, kind: Kind, origin: str = "JFK") -> BoardFlight:
    """The same as the board shows it."""
    row = parse_flight_event(event(number, kind, origin).to_json())
    assert isinstance(row, dict)
    return BoardFlight.of_row(row)


def bring(board: MemoryBoard, *states: BoardFlight, clock: Clock | None = None) -> int:
    """Advance the board."""
    return advance(board, states, clock or StillClock(), Random(1))  # noqa: S311  # no secret


def test_an_item_is_read_as_it_was_written() -> None:
    """With and without what may be missing."""
    for kind in HOURS:
        assert BoardFlight.of_item(state(1, kind).to_item()) == state(1, kind)
    item = state(1, "departed").to_item()
    assert item["flight"] == {"S": "AA-1-JFK-20130208T12"}
    assert item["delay_minutes"] == {"N": "60"}
    assert "tail_number" not in item


@pytest.mark.parametrize("order", list(permutations(HOURS)))
def test_a_late_event_never_turns_a_flight_back(order: tuple[Kind, ...]) -> None:
    """In whatever order the events of a flight come, and twice, it ends as arrived, counted once."""
    board = MemoryBoard()
    for kind in (*order, *order):
        bring(board, state(1, kind))
    assert board.flights["AA-1-JFK-20130208T12"].status == "arrived"
    assert board.counters == {("JFK", "2013-02-08"): Counter(arrived=1)}


@given(
    st.lists(
        st.tuples(st.integers(1, 120), st.sampled_from(sorted(HOURS)), st.sampled_from(["JFK", "LGA"])),
        max_size=300,
    ),
    st.integers(1, 100),
)
def test_counters_always_add_up_to_the_board(events: list[tuple[int, Any, str]], size: int) -> None:
    """Whatever comes, however it is cut into batches; and the board is the newest of all that came."""
    board = MemoryBoard()
    states = [state(*each) for each in events]
    for start in range(0, len(states), size):
        bring(board, *states[start : start + size])
    assert {each.flight: each for each in newest(states)} == board.flights
    counted = Counter((each.counter, each.status) for each in board.flights.values())
    kept = {
        (key, status): count
        for key, each in board.counters.items()
        for status, count in each.items()
        if count
    }
    assert kept == counted


class RacedBoard(MemoryBoard):
    """Another writer is faster some times."""

    def __init__(self, races: int) -> None:
        """Lose so many races."""
        super().__init__()
        self.races = races

    def move(self, moves: Any) -> None:
        """See `Board.move`."""
        if self.races:
            self.races -= 1
            super().move([Move(None, state(1, "arrived"))] if not self.flights else [])
            raise BoardChangedError
        super().move(moves)


def test_a_lost_race_is_looked_at_again() -> None:
    """Another writer has put a newer state there: ours is no longer newer."""
    board, clock = RacedBoard(1), StillClock()
    assert bring(board, state(1, "departed"), clock=clock) == 0
    assert board.flights[state(1, "arrived").flight].status == "arrived"
    assert len(clock.slept) == 1


def test_a_race_that_is_always_lost_is_an_error() -> None:
    """The mapping brings the batch again."""
    with pytest.raises(BoardBusyError, match="others changed the same 1 flights 8 times in a row"):
        bring(RacedBoard(MOST_ATTEMPTS), state(2, "departed"))


def record(number: int, data: bytes) -> dict[str, Any]:
    """A record as a Kinesis mapping hands it over."""
    kinesis = {"sequenceNumber": str(number), "data": base64.b64encode(data).decode()}
    return {"eventID": f"shardId-000000000000:{number}", "kinesis": kinesis}


def test_a_record_that_is_no_event_is_reported_by_its_number() -> None:
    """What came before it goes on the board; what follows comes again."""
    records = [
        record(1, event(1, "departed").to_json()),
        record(2, b"{"),
        record(3, event(2, "departed").to_json()),
    ]
    flights, bad = read(records)
    assert [each.number for each in flights] == [1]
    assert bad == ["2"]
    assert read(records[2:]) == ([state(2, "departed")], [])
