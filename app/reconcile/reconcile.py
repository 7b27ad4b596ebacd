"""The reconciliation: every fact, aggregate and mart of the warehouse against the source, cell by cell."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from rich.table import Table

from app.reconcile.expected import KEYS, expected
from runtime.warehouse import Rows

MOST_SHOWN = 20
RELATIVE_TOLERANCE = 1e-9
"""Two shares or means are equal within this: they are quotients of the same integers."""

Query = Callable[[str], Rows]
_NEW_YORK_DATE = "convert_timezone('UTC', 'America/New_York', {column})::date"
_ACTUAL = {
    "fact_flight": "select * from fact_flight where {flight_date} in ({days})",
    "fact_weather": "select * from fact_weather where {observed_date} in ({days})",
    "agg_airport_hour": (
        "select window_start, origin, carrier, sum(departures)::bigint as departures, "
        "sum(on_time)::bigint as on_time, sum(delay_minutes)::bigint as delay_minutes "
        "from agg_airport_hour group by window_start, origin, carrier"
    ),
    "agg_carrier_day": "select * from agg_carrier_day where flight_date in ({days})",
    "mart_daily_on_time": "select * from mart_daily_on_time where flight_date in ({days})",
    "mart_worst_hours": "select * from mart_worst_hours",
}
_OF_ALL_DAYS = {"agg_airport_hour", "mart_worst_hours"}
"""Tables that say nothing of a flight's date: they are compared over all dates that the warehouse holds."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell, or one whole row, that is not as the source says."""

    table: str
    key: tuple[str, ...]
    column: str
    expected: str
    actual: str


@dataclass(frozen=True, slots=True)
class TableCheck:
    """One table's comparison."""

    table: str
    expected_rows: int
    actual_rows: int
    cells: int
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole comparison.

    Attributes:
        checks: One a table.
        events_lost: Events of the source that the facts lack: a scheduled, departed or arrived time that is
            not there, or an hour of weather.
        events_twice: Rows beyond one for a natural key of the facts, and departures that the partials count
            beyond the source's.
    """

    checks: tuple[TableCheck, ...]
    events_lost: int
    events_twice: int

    @property
    def is_equal(self) -> bool:
        """Whether every cell is as the source says."""
        return (
            not any(check.differences for check in self.checks) and not self.events_lost + self.events_twice
        )

    @property
    def differences(self) -> list[Difference]:
        """All differences of all tables."""
        return [difference for check in self.checks for difference in check.differences]


def reconcile(query: Query, first: date, last: date) -> Reconciliation:
    """Compare the warehouse with the source for the New York dates from `first` to `last`, both included.

    Args:
        query: Runs SQL in the warehouse.
        first: First date.
        last: Last date.
    """
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    flight_date = _NEW_YORK_DATE.format(column="scheduled_departure")
    held = query(f"select distinct {flight_date} as flight_date from fact_flight").rows  # noqa: S608
    all_days = sorted({*days, *(date.fromisoformat(day) for (day,) in held)})
    wanted = expected(days)
    if all_days != days:
        of_all = expected(all_days)
        wanted |= {name: of_all[name] for name in _OF_ALL_DAYS}
    parts = {
        "flight_date": flight_date,
        "observed_date": _NEW_YORK_DATE.format(column="observed_at"),
        "days": ", ".join(f"'{day}'" for day in days),
    }
    checks = []
    lost = twice = 0
    for table, (columns, rows) in wanted.items():
        actual = query(_ACTUAL[table].format(**parts))
        target, source = _by_key(table, columns, rows), _by_key(table, actual.columns, actual.rows)
        checks.append(_compare(table, columns, target, source, len(actual.rows)))
        if table.startswith("fact_"):
            twice += len(actual.rows) - len(source)
            lost += sum(_lost(row, source.get(key)) for key, row in target.items())
        if table == "agg_airport_hour":
            twice += sum(
                max(0, row["departures"] - target.get(key, {"departures": 0})["departures"])
                for key, row in source.items()
            )
    return Reconciliation(tuple(checks), lost, twice)


def difference_table(reconciliation: Reconciliation) -> Table:
    """Return the first differences as a table for people."""
    found = reconciliation.differences
    table = Table(
        "table", "row", "column", "source", "warehouse", title=f"{len(found)} differences, the first:"
    )
    for each in found[:MOST_SHOWN]:
        table.add_row(each.table, " ".join(each.key), each.column, each.expected, each.actual)
    return table


def _by_key(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> dict[tuple[str, ...], dict[str, Any]]:
    keyed = {}
    for row in rows:
        cells = {name: _plain(value) for name, value in zip(columns, row, strict=True)}
        keyed[tuple(str(cells[name]) for name in KEYS[table])] = cells
    return keyed


def _compare(
    table: str,
    columns: Sequence[str],
    target: dict[tuple[str, ...], dict[str, Any]],
    source: dict[tuple[str, ...], dict[str, Any]],
    actual_rows: int,
) -> TableCheck:
    differences = [Difference(table, key, "(row)", "-", "there") for key in source.keys() - target.keys()]
    if actual_rows > len(source):
        differences.append(Difference(table, (), "(rows)", str(len(source)), f"{actual_rows}, some twice"))
    cells = 0
    for key, row in target.items():
        found = source.get(key)
        if found is None:
            differences.append(Difference(table, key, "(row)", "there", "-"))
            continue
        for column in columns:
            cells += 1
            if not _is_equal(row[column], found.get(column)):
                differences.append(Difference(table, key, column, str(row[column]), str(found.get(column))))
    return TableCheck(table, len(target), actual_rows, cells, tuple(differences))


def _lost(row: dict[str, Any], found: dict[str, Any] | None) -> int:
    times = [name for name in ("scheduled_at", "departed_at", "arrived_at", "observed_at") if row.get(name)]
    return sum(found is None or found.get(name) is None for name in times)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, (date, datetime)) else value


def _is_equal(wanted: Any, found: Any) -> bool:
    if isinstance(wanted, float) and isinstance(found, (int, float)):
        return math.isclose(wanted, found, rel_tol=RELATIVE_TOLERANCE, abs_tol=1e-12)
    return bool(wanted == found and (wanted is None) == (found is None))
