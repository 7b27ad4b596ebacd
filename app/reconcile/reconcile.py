"""The reconciliation: every fact, aggregate and mart of the warehouse against the source, cell by cell."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from rich.table import Table
from rich.text import Text

from app.reconcile.comparison import Difference, Keyed, TableCheck, by_key, compare
from app.reconcile.expected import KEYS, TOLERANCES, expected
from runtime.warehouse import Rows

MOST_SHOWN = 20

type Query = Callable[[str], Rows]

_NEW_YORK_DATE = "convert_timezone('UTC', 'America/New_York', {hour})::date"
_OF_THE_DAYS = {
    "fact_flight": _NEW_YORK_DATE.format(hour="time_hour"),
    "fact_weather": _NEW_YORK_DATE.format(hour="observed_at"),
    "agg_carrier_day": "flight_date",
    "agg_weather_impact": "flight_date",
    "fact_leg": "flight_date",
    "stream_difference": "flight_date",
    "mart_daily_on_time": "flight_date",
}
"""Tables whose rows belong to a New York date, that of the key, so that no wrong cell hides a row."""

_SUMMED = """
    select window_start, origin, carrier, sum(departures)::bigint as departures,
        sum(on_time)::bigint as on_time, sum(delay_minutes)::bigint as delay_minutes
    from agg_airport_hour group by window_start, origin, carrier"""
_BY_HOUR = """
    select origin, date_trunc('hour', window_end) as window_hour,
        listagg(extract(minute from window_end)::varchar || ':' || departures::varchar, ' ')
            within group (order by window_end) as departures_by_minute
    from mart_departures_15min group by origin, date_trunc('hour', window_end)"""
_GATHERED = {"agg_airport_hour": _SUMMED, "mart_departures_15min": _BY_HOUR}
"""Tables that are compared by what their rows come to."""

_EVENT_TIMES = ("scheduled_at", "departed_at", "arrived_at", "observed_at")


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The whole comparison.

    Attributes:
        checks: One a table.
        events_lost: Events of the source that the warehouse lacks. An event is there when its flight's row
            has its time (scheduled_at, departed_at, arrived_at), an observation when its hour has a row. Of
            departures the partials keep a count of their own: where they lack more than the facts, that
            counts.
        events_twice: Events that the warehouse counts more than once: rows of a fact beyond one for a key,
            and departures by which partials exceed the source's in an hour, origin and carrier.
    """

    checks: tuple[TableCheck, ...]
    events_lost: int
    events_twice: int

    @property
    def is_equal(self) -> bool:
        """Whether every cell is as the source says."""
        return not (self.differences or self.events_lost or self.events_twice)

    @property
    def differences(self) -> list[Difference]:
        """All differences of all tables."""
        return [difference for check in self.checks for difference in check.differences]


def reconcile(query: Query, first: date, last: date) -> Reconciliation:
    """Compare the warehouse with the source for the New York dates from `first` to `last`, both included.

    What belongs to other dates, of earlier runs, is left out. Hours of departure and their ranking belong to
    no date: they are compared over these dates and all others that fact_flight holds.

    Args:
        query: Runs SQL in the warehouse.
        first: First date.
        last: Last date.
    """
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    wanted = expected(days)
    flight_date = _OF_THE_DAYS["fact_flight"]
    held = query(f"select distinct {flight_date} as flight_date from fact_flight").rows  # noqa: S608  # ours
    all_days = {*days, *(date.fromisoformat(day) for (day,) in held)}
    if len(all_days) > len(days):
        of_all = expected(all_days)
        wanted |= {name: of_all[name] for name in KEYS.keys() - _OF_THE_DAYS.keys()}
    source = {name: by_key(key, wanted[name]) for name, key in KEYS.items()}
    warehouse = {
        name: by_key(key, query(_select(name, wanted[name].columns, days))) for name, key in KEYS.items()
    }
    return Reconciliation(
        tuple(compare(name, source[name], warehouse[name], TOLERANCES.get(name, {})) for name in KEYS),
        _count_lost(source, warehouse),
        _count_twice(source, warehouse),
    )


def difference_table(reconciliation: Reconciliation) -> Table:
    """Return the first differences as a table for people, their number above them."""
    found = reconciliation.differences
    title = f"differences: {len(found):,}" + (f", the first {MOST_SHOWN}" if len(found) > MOST_SHOWN else "")
    table = Table("table", "row", "column", "source", "warehouse", title=title)
    for each in found[:MOST_SHOWN]:
        cells = (each.table, " ".join(each.key), each.column, each.expected, each.actual)
        table.add_row(*map(Text, cells))
    return table


def _select(table: str, columns: tuple[str, ...], days: list[date]) -> str:
    if table in _GATHERED:
        return _GATHERED[table]
    sql = f"select {', '.join(columns)} from {table}"  # noqa: S608  # names of our own
    if table in _OF_THE_DAYS:
        sql += f" where {_OF_THE_DAYS[table]} between '{days[0]}' and '{days[-1]}'"
    return sql


def _count_lost(source: Mapping[str, Keyed], warehouse: Mapping[str, Keyed]) -> int:
    lost = dict.fromkeys(_EVENT_TIMES, 0)
    for table in ("fact_flight", "fact_weather"):
        for key, (row,) in source[table].items():
            there = warehouse[table].get(key, [])
            for name in _EVENT_TIMES:
                if row.get(name) is not None and all(found[name] is None for found in there):
                    lost[name] += 1
    in_partials = _exceeding(source["agg_airport_hour"], warehouse["agg_airport_hour"])
    return sum(lost.values()) + max(0, in_partials - lost["departed_at"])


def _count_twice(source: Mapping[str, Keyed], warehouse: Mapping[str, Keyed]) -> int:
    facts = (rows for table in ("fact_flight", "fact_weather") for rows in warehouse[table].values())
    return sum(len(rows) - 1 for rows in facts) + _exceeding(
        warehouse["agg_airport_hour"], source["agg_airport_hour"]
    )


def _exceeding(these: Keyed, those: Keyed) -> int:
    """Return the departures by which windows of `these` exceed the same windows of `those`."""
    return sum(max(0, _departures(rows) - _departures(those.get(key, []))) for key, rows in these.items())


def _departures(rows: list[dict[str, int]]) -> int:
    return sum(row["departures"] for row in rows)
