"""The alerts' logic: a flight an hour late raises one alert, told before it is kept."""

from collections.abc import Sequence
from typing import Any

import pytest

from contracts.board import BoardFlight
from pipelines.functions.alerts import KEPT_SECONDS, MemoryAlerts, NotSentError, late, message, raise_alerts


def flight(number: int, delay_minutes: int | None) -> BoardFlight:
    """A flight of the board."""
    time = "2013-02-08T12:00:00Z"
    return BoardFlight(
        f"AA-{number}", "departed", time, "AA", number, "JFK", "LAX", None, time, delay_minutes
    )


def change(number: int, delay_minutes: int | None) -> dict[str, Any]:
    """A change of the board, as its stream has it."""
    image = flight(number, delay_minutes).to_item()
    return {"eventName": "MODIFY", "dynamodb": {"NewImage": image}}


class DownAlerts(MemoryAlerts):
    """Alerts whose queue is down."""

    def tell(self, flights: Sequence[BoardFlight]) -> None:
        """See `Alerts.tell`."""
        raise NotSentError([{"Message": "down"}] * len(flights))


@pytest.mark.parametrize(
    ("delay", "is_late"),
    [
        pytest.param(None, False, id="no delay known"),
        pytest.param(-60, False, id="early"),
        pytest.param(59, False, id="under an hour"),
        pytest.param(60, True, id="an hour"),
    ],
)
def test_an_hour_behind_schedule_is_late(delay: int | None, *, is_late: bool) -> None:
    """To the minute."""
    assert [each.number for each in late([change(1, delay)])] == ([1] if is_late else [])


def test_an_item_that_is_removed_raises_nothing() -> None:
    """It has no new image."""
    assert late([{"eventName": "REMOVE", "dynamodb": {"Keys": {"flight": {"S": "AA-1"}}}}]) == []


def test_a_flight_raises_one_alert() -> None:
    """However often it changes, in one batch and in the next."""
    alerts = MemoryAlerts()
    changes = [change(1, 70), change(2, 80), change(1, 90)]
    assert raise_alerts(alerts, late(changes), 1000.5) == 2
    assert raise_alerts(alerts, late(changes), 2000.0) == 0
    assert alerts.told == [message(flight(1, 70)), message(flight(2, 80))]
    assert set(alerts.kept.values()) == {1000 + KEPT_SECONDS}


def test_an_alert_that_could_not_be_told_is_not_kept() -> None:
    """So that it is raised when the batch comes again."""
    alerts = DownAlerts()
    with pytest.raises(NotSentError, match="1 messages were refused: down"):
        raise_alerts(alerts, [flight(1, 70)], 0)
    assert alerts.kept == {}


def test_a_message_says_what_is_late() -> None:
    """As JSON."""
    assert message(flight(1, 70)) == (
        '{"flight":"AA-1","status":"departed","delay_minutes":70,"event_time":"2013-02-08T12:00:00Z",'
        '"origin":"JFK","destination":"LAX"}'
    )
