"""The flight board against the source: the newest state of every flight, and counters that add up to it."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.reconcile.comparison import Keyed, TableCheck, compare
from app.reconcile.expected import expected

LATE_MINUTES = 60
_NEW_YORK = ZoneInfo("America/New_York")
_NEWEST_FIRST = (
    ("arrived", "arrived_at", "arrival_delay_minutes"),
    ("departed", "departed_at", "departure_delay_minutes"),
    ("scheduled", "scheduled_at", None),
)

type Item = Mapping[str, Mapping[str, str]]
"""As DynamoDB returns it."""


class ExpectedBoard:
    """What the source says of the board for some New York dates.

    Attributes:
        flights: By key, their newest state.
        late: Flights whose newest state is an hour or more behind schedule: each must have an alert.
        ever_late: Flights that were so at any time: no other may have one.
    """

    def __init__(self, days: Collection[date]) -> None:
        """Compute it from the CSV files."""
        self._days = days
        self._counters: Counter[tuple[str, str, str]] = Counter()
        self.flights: Keyed = {}
        self.late: set[str] = set()
        self.ever_late: set[str] = set()
        rows = expected(days)["fact_flight"]
        for values in rows.rows:
            self._add(dict(zip(rows.columns, values, strict=True)))

    def _add(self, row: dict[str, Any]) -> None:
        hour = str(row["time_hour"])
        word = f"{hour[:4]}{hour[5:7]}{hour[8:10]}T{hour[11:13]}"
        flight = f"{row['carrier']}-{row['flight']}-{row['origin']}-{word}"
        status, time, delay = next(each for each in _NEWEST_FIRST if row[each[1]] is not None)
        cells = {
            "status": status,
            "event_time": str(row[time]),
            "delay_minutes": row[delay] if delay else None,
            "destination": row["destination"],
            "tail_number": row["tail_number"],
            "scheduled_departure": str(row["scheduled_departure"]),
        }
        self.flights[flight,] = [cells]
        self._counters[row["origin"], cells["scheduled_departure"][:10], status] += 1
        if _is_late(cells["delay_minutes"]):
            self.late.add(flight)
        if any(_is_late(row[name]) for _, _, name in _NEWEST_FIRST if name):
            self.ever_late.add(flight)

    def counted(self, counters: Iterable[Item]) -> int:
        """Return how many flights the counters show as they are to be, at most: a cheap first look."""
        found = {
            (item["airport"]["S"], item["day"]["S"], status): int(item.get(status, {"N": "0"})["N"])
            for item in counters
            for status, _, _ in _NEWEST_FIRST
        }
        return sum(min(count, found.get(key, 0)) for key, count in self._counters.items())

    def check(self, items: Iterable[Item]) -> TableCheck:
        """Compare the board's items cell by cell; those of other dates are left out."""
        found: Keyed = {}
        for item in items:
            flight = item["flight"]["S"]
            if (flight,) in self.flights or _day(flight) in self._days:
                found.setdefault((flight,), []).append(_cells(item))
        return compare("flight-board", self.flights, found)


def check_counters(board: Iterable[Item], counters: Iterable[Item]) -> TableCheck:
    """Compare the counters with the flights on the board, all dates of it."""
    counted: dict[tuple[str, str], Counter[str]] = {}
    for item in board:
        key = (item["origin"]["S"], item["scheduled_departure"]["S"][:10])
        counted.setdefault(key, Counter())[item["status"]["S"]] += 1
    wanted: Keyed = {key: [_counts(each)] for key, each in counted.items()}
    found: Keyed = {}
    for item in counters:
        counts = {name: int(value["N"]) for name, value in item.items() if "N" in value}
        found.setdefault((item["airport"]["S"], item["day"]["S"]), []).append(_counts(counts))
    return compare("airport-counters", wanted, found)


def is_late_item(item: Item) -> bool:
    """Return whether the board shows a flight that must have raised an alert."""
    return "delay_minutes" in item and _is_late(int(item["delay_minutes"]["N"]))


def _counts(counts: Mapping[str, int]) -> dict[str, Any]:
    return {status: counts.get(status, 0) for status, _, _ in _NEWEST_FIRST}


def _cells(item: Item) -> dict[str, Any]:
    delay = item.get("delay_minutes")
    return {
        "status": item["status"]["S"],
        "event_time": _plain(item["event_time"]["S"]),
        "delay_minutes": None if delay is None else int(delay["N"]),
        "destination": item["destination"]["S"],
        "tail_number": item.get("tail_number", {}).get("S"),
        "scheduled_departure": _plain(item["scheduled_departure"]["S"]),
    }


def _plain(time: str) -> str:
    return time.replace("T", " ").removesuffix("Z")


def _is_late(delay: int | None) -> bool:
    return delay is not None and delay >= LATE_MINUTES


def _day(flight: str) -> date:
    hour = datetime.strptime(f"{flight.rsplit('-', 1)[1]}+0000", "%Y%m%dT%H%z")
    return hour.astimezone(_NEW_YORK).date()
