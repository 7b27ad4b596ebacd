"""The flight board against the source: what differs is found, by its cell."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from app.reconcile.board import ExpectedBoard, Item, check_counters
from app.replay.source import read_flights, read_zones
from app.replay.timeline import events_of
from contracts.board import BoardFlight
from contracts.parse import parse_flight_event

DAY = date(2013, 2, 8)


@pytest.fixture(scope="module")
def wanted() -> ExpectedBoard:
    """What the source says."""
    return ExpectedBoard([DAY])


@pytest.fixture
def items() -> list[Any]:
    """A board as the replay's events make it."""
    return list(_items())


def _items() -> Iterator[Item]:
    zones = read_zones()
    for flight in read_flights(DAY, DAY):
        row = parse_flight_event(events_of(flight, zones)[-1].to_json())
        assert isinstance(row, dict)
        yield BoardFlight.of_row(row).to_item()


def test_the_newest_events_of_a_day_are_the_board(wanted: ExpectedBoard, items: list[Any]) -> None:
    """Two ways to the same board: the replay's events, and SQL over the files."""
    check = wanted.check(items)
    assert check.differences == ()
    assert (check.expected_rows, check.actual_rows, check.cells) == (930, 930, 5580)
    assert (len(wanted.late), len(wanted.ever_late)) == (57, 58)


def test_a_flight_that_was_turned_back_is_found(wanted: ExpectedBoard, items: list[Any]) -> None:
    """And one that is not there, and one that the source does not know; another day's is left out."""
    items[0]["status"] = {"S": "scheduled"}
    items[1]["delay_minutes"] = {"N": "999"}
    missing = items.pop()["flight"]["S"]
    items.append(items[2] | {"flight": {"S": "ZZ-1-JFK-20130208T15"}})
    items.append(items[2] | {"flight": {"S": "ZZ-1-JFK-20130301T15"}})
    found = {(each.key[0], each.column) for each in wanted.check(items).differences}
    assert found == {
        (items[0]["flight"]["S"], "status"),
        (items[1]["flight"]["S"], "delay_minutes"),
        (missing, "(rows)"),
        ("ZZ-1-JFK-20130208T15", "(rows)"),
    }


def test_counters_that_do_not_add_up_are_found(items: list[Any]) -> None:
    """A status too many, and a day that is missing."""
    counters: dict[tuple[str, str], dict[str, Any]] = {}
    for item in items:
        airport, day = item["origin"]["S"], item["scheduled_departure"]["S"][:10]
        counter = counters.setdefault((airport, day), {"airport": {"S": airport}, "day": {"S": day}})
        status = item["status"]["S"]
        counter[status] = {"N": str(int(counter.get(status, {"N": "0"})["N"]) + 1)}
    assert check_counters(items, counters.values()).differences == ()
    first, *others = counters.values()
    first["departed"] = {"N": "77"}
    found = check_counters(items, [first, *others[1:]]).differences
    assert {each.column for each in found} == {"departed", "(rows)"}
