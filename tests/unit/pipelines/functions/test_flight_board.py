"""The flight board: the newest state wins, counters follow, and a record that is no event is named."""

import base64
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations
from random import Random
from typing import Any

import pytest
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from contracts.batches import PACKINGS, Packing, pack
from contracts.board import BoardFlight
from contracts.events import FlightEvent, FlightKey, Kind
from contracts.parse import parse_flight_event
from pipelines.functions.board import (
    MOST_ATTEMPTS,
    MOST_FLIGHTS,
    BoardBusyError,
    BoardChangedError,
    MemoryBoard,
    Move,
    advance,
    counted,
    newest,
)
from pipelines.functions.flight_board import LEFT_MILLIS, advance_in_time, read
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


@pytest.mark.parametrize("order", list(permutations(("departed", "arrived"))))
def test_of_events_of_one_moment_the_later_kind_wins(order: tuple[Kind, ...]) -> None:
    """In whatever order they come."""
    board = MemoryBoard()
    for kind in order:
        bring(board, replace(state(1, kind), event_time="2013-02-08T13:00:00Z"))
    assert board.flights[state(1, "arrived").flight].status == "arrived"
    assert board.counters == {("JFK", "2013-02-08"): Counter(arrived=1)}


def test_a_transaction_has_room_for_flights_whose_day_changes() -> None:
    """A put and two counters each, of the 100 actions that DynamoDB takes."""
    moves = [
        Move(
            replace(state(number, "scheduled"), scheduled_departure=f"2013-01-{number:02}T12:00:00Z"),
            replace(state(number, "departed"), scheduled_departure=f"2014-01-{number:02}T12:00:00Z"),
        )
        for number in range(1, MOST_FLIGHTS + 1)
    ]
    assert len(moves) + len(counted(moves)) <= 100


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


class DownBoard(MemoryBoard):
    """DynamoDB is down for a while."""

    def __init__(self, times: int) -> None:
        """Fail so often."""
        super().__init__()
        self.times = times

    def states(self, flights: Any) -> Any:
        """See `Board.states`."""
        if self.times:
            self.times -= 1
            raise ClientError({"Error": {"Code": "InternalServerError"}}, "BatchGetItem")
        return super().states(flights)


class Left:
    """An invocation that has so many milliseconds left, each time it is asked."""

    def __init__(self, *millis: int) -> None:
        """Have them."""
        self._millis = iter(millis)

    def get_remaining_time_in_millis(self) -> int:
        """See `Context`."""
        return next(self._millis)


def test_an_outage_is_waited_out_within_the_invocation() -> None:
    """So that it costs no record its retries."""
    board, clock = DownBoard(2), StillClock()
    advance_in_time(board, [state(1, "departed")], clock, Left(50_000, 40_000))
    assert len(board.flights) == 1
    assert clock.slept == [1.0, 1.0]


def test_an_outage_that_outlasts_the_invocation_is_an_error() -> None:
    """The mapping tries the batch again."""
    with pytest.raises(ClientError, match="InternalServerError"):
        advance_in_time(DownBoard(9), [state(1, "departed")], StillClock(), Left(50_000, LEFT_MILLIS - 1))


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


TOGETHER: list[Packing] = [each for each in PACKINGS if each != "plain"]


@pytest.mark.parametrize("packing", TOGETHER)
def test_a_packed_record_is_all_its_events(packing: Packing) -> None:
    """Beside plain ones, in their order."""
    packed = pack([event(number, "departed").to_json() for number in (2, 3)], packing)
    records = [record(1, event(1, "departed").to_json()), record(2, packed)]
    assert read(records) == ([state(number, "departed") for number in (1, 2, 3)], [])


@pytest.mark.parametrize("packing", TOGETHER)
def test_a_packed_record_with_one_that_is_no_event_is_reported(packing: Packing) -> None:
    """By the record's number, once; its good events go on the board, those of the next record come again."""
    good = [event(number, "departed").to_json() for number in (1, 2)]
    records = [record(1, pack([b"{", good[0], b"[]", good[1]], packing)), record(2, good[0])]
    assert read(records) == ([state(number, "departed") for number in (1, 2)], ["1"])


@pytest.mark.parametrize("packing", TOGETHER)
def test_a_batch_that_cannot_be_read_is_reported(packing: Packing, caplog: pytest.LogCaptureFixture) -> None:
    """By its number, and the log says that it is a batch; what came before it goes on the board."""
    good = event(1, "departed").to_json()
    records = [record(1, good), record(2, pack([good, good], packing)[:-1]), record(3, good)]
    assert read(records) == ([state(1, "departed")], ["2"])
    assert "shardId-000000000000:2 is no event: bad_batch, a batch cannot be read: " in caplog.text
