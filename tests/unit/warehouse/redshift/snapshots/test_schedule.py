"""Schedules: what they mean, and what is refused."""

from datetime import UTC, datetime

import pytest

from warehouse.redshift.snapshots.schedule import ScheduleError, times

MONDAY = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("definitions", "following"),
    [
        pytest.param(["rate(12 hours)"], ["02 22:00", "03 10:00"], id="every twelve hours"),
        pytest.param(["rate(1 hour)"], ["02 11:00", "02 12:00"], id="every hour"),
        pytest.param(["cron(30 12 *)"], ["02 12:30", "03 12:30"], id="AWS's example: half past twelve"),
        pytest.param(["cron(0 10 ?)"], ["03 10:00", "04 10:00"], id="the same minute is the next day's"),
        pytest.param(["cron(5 5/8 *)"], ["02 13:05", "02 21:05", "03 05:05"], id="from the fifth hour on"),
        pytest.param(["cron(0 */12 *)"], ["02 12:00", "03 00:00"], id="from the first hour on"),
        pytest.param(["cron(0 9,17 *)"], ["02 17:00", "03 09:00"], id="two hours"),
        pytest.param(["cron(0 8-12/2 * * ? *)"], ["02 12:00", "03 08:00"], id="six fields"),
        pytest.param(
            ["cron(0 12 SUN-WED)", "cron(0 12 5-7)"], ["02 12:00", "03 12:00"], id="two definitions"
        ),
    ],
)
def test_when_the_next_ones_are_due(definitions: list[str], following: list[str]) -> None:
    """In UTC, from a Monday at ten o'clock on."""
    due, moment, found = times(definitions), MONDAY, []
    for _ in following:
        moment = due.next(moment)
        found.append(f"{moment:%d %H:%M}")
    assert found == following


def test_a_week_goes_round() -> None:
    """From Saturday's last to Sunday's first; AWS counts Sunday as day 1."""
    due = times(["cron(0 23 1)", "cron(0 22 2-7)", "cron(0 6 SUN)"])
    saturday = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
    assert due.next(saturday) == datetime(2026, 3, 8, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("definitions", "reason"),
    [
        pytest.param([], "there must be one", id="none"),
        pytest.param(["rate(0 hours)"], "must be 1 to 24 hours apart", id="a rate of nothing"),
        pytest.param(["rate(25 hours)"], "must be 1 to 24 hours apart", id="too seldom"),
        pytest.param(["rate(1 day)"], "must be `rate", id="in days"),
        pytest.param(["at(2026-03-02T10:00:00)"], "must be `rate", id="once"),
        pytest.param(["cron(0 10)"], "must be `rate", id="two fields"),
        pytest.param(["rate(3 hours)", "cron(0 1 *)"], "a rate must be alone", id="a rate and another"),
        pytest.param(["cron(0,30 * *)"], "must be 1 to 24 hours apart", id="too often"),
        pytest.param(["cron(0 9 *)", "cron(30 9 *)"], "must be 1 to 24 hours apart", id="too near by two"),
        pytest.param(["cron(0 9 MON)"], "must be 1 to 24 hours apart", id="once a week"),
        pytest.param(["cron(0 9 1 * ? *)"], "day of month, month and year", id="a day of the month"),
        pytest.param(["cron(0 9 L)"], "`L` is not supported", id="the last day"),
        pytest.param(["cron(0 9 2#1)"], "`2#1` is not supported", id="the first Monday"),
        pytest.param(["cron(0 24 *)"], "`24` must be from 0 to 23", id="an hour that is none"),
        pytest.param(["cron(0 9 0)"], "`0` must be from 1 to 7", id="a day that is none"),
        pytest.param(["cron(0 9-5 *)"], "`9-5` must rise", id="a span that falls"),
        pytest.param(["cron(0 */0 *)"], "`0` must be from 1 to 23", id="a step of nothing"),
        pytest.param(["cron( 0)"], "must be `rate", id="one field"),
    ],
)
def test_what_is_refused(definitions: list[str], reason: str) -> None:
    """By the definition's name, and why."""
    with pytest.raises(ScheduleError, match=r"^schedule definition") as caught:
        times(definitions)
    assert reason in str(caught.value)
