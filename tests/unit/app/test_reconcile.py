"""The reconciliation: equal rows pass, and whatever is changed in the warehouse is found and named."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from io import StringIO

import duckdb
import pyarrow as pa
import pytest
from rich.console import Console

from app.reconcile import reconcile as module
from app.reconcile.comparison import ROWS, Difference, TableCheck, by_key, compare
from app.reconcile.expected import KEYS, expected
from app.reconcile.reconcile import Reconciliation, difference_table, reconcile
from runtime.warehouse import Rows

FIRST, LAST = date(2013, 2, 8), date(2013, 2, 9)
PACKED = "mart_departures_15min"
TIMES = ("time_hour", "window_start", "window_end", "session_start", "session_end")
EMPTY = "stream_difference"
ONE_ROW_A_KEY = [name for name in KEYS if name not in {"agg_airport_hour", PACKED, EMPTY}]


class Twin:
    """A warehouse in memory, filled with what the source says for two days."""

    def __init__(self, tables: dict[str, Rows]) -> None:
        """Fill it; the partials of an hour come as two rows, as two shards leave them."""
        self._database = duckdb.connect()
        self.run("set TimeZone = 'UTC'")
        self.run("create macro convert_timezone(a, b, moment) as moment at time zone a at time zone b")
        for name, rows in tables.items():
            if name == PACKED:
                self.run(f"create table {PACKED} (origin varchar, window_end timestamp, departures bigint)")
                self._database.executemany(f"insert into {PACKED} values (?, ?, ?)", _windows(rows))  # noqa: S608
                continue
            cells = zip(*rows.rows, strict=True) if rows.rows else ([] for _ in rows.columns)
            filled = pa.table(dict(zip(rows.columns, cells, strict=True)))
            self._database.register("filled", filled)
            casts = ", ".join(f"{column}::{_kind(column)} as {column}" for column in rows.columns)
            self.run(f"create table {name} as select {casts} from filled")  # noqa: S608
        self.run(
            "insert into agg_airport_hour by name "
            "select * replace (0 as departures, 0 as on_time, -5 as delay_minutes) from agg_airport_hour"
        )
        self.run("update agg_airport_hour set delay_minutes = delay_minutes + 5 where departures > 0")

    def run(self, sql: str) -> None:
        """Change something."""
        self._database.execute(sql)

    def query(self, sql: str) -> Rows:
        """Answer as `Warehouse.query` does: times are text."""
        done = self._database.execute(
            re.sub(r"\)\s+within group \((order by \w+)\)", r" \1)", sql)
        )  # LISTAGG
        columns = tuple(name for name, *_ in done.description or ())
        rows = done.fetchall()
        return Rows(columns, tuple(tuple(str(v) if isinstance(v, date) else v for v in row) for row in rows))


def _windows(rows: Rows) -> list[list[object]]:
    """Return the windows of hours."""
    return [
        [origin, datetime.fromisoformat(hour) + timedelta(minutes=int(minute)), int(departures)]
        for origin, hour, text in rows.rows
        for minute, departures in (each.split(":") for each in text.split(" "))
    ]


def _kind(column: str) -> str:
    if column.endswith("_at") or column in {*TIMES, "scheduled_departure", "next_scheduled_departure"}:
        return "timestamp"
    floats = {"on_time_share", "mean_delay_minutes", "temp", "dewp", "humid", "precip", "pressure", "visib"}
    if column in floats or column.startswith(("wind_", "delay_p")):
        return "double"
    texts = {"route", "carrier", "origin", "destination", "tail_number", "airline"}
    texts |= {"measure", "band", "reason"}
    return "date" if column == "flight_date" else "varchar" if column in texts else "bigint"


@pytest.fixture(scope="module")
def filled() -> Twin:
    """Fill one warehouse for all tests."""
    return Twin(expected([FIRST, LAST]))


@pytest.fixture
def twin(filled: Twin, monkeypatch: pytest.MonkeyPatch) -> Iterator[Twin]:
    """Give the warehouse, and undo what the test changes; the source is read once a range of days."""
    monkeypatch.setattr(module, "expected", _cached)
    filled.run("begin")
    yield filled
    filled.run("rollback")


_CACHE: dict[tuple[date, ...], dict[str, Rows]] = {}


def _cached(days: set[date]) -> dict[str, Rows]:
    key = tuple(sorted(days))
    if key not in _CACHE:
        _CACHE[key] = expected(days)
    return dict(_CACHE[key])


def test_what_equals_the_source_passes(twin: Twin) -> None:
    """Every cell of every table is compared, nothing differs, nothing is lost or twice."""
    found = reconcile(twin.query, FIRST, LAST)
    assert found.is_equal
    assert (found.differences, found.events_lost, found.events_twice) == ([], 0, 0)
    assert [check.table for check in found.checks] == list(KEYS)
    for check in found.checks:
        columns = len(_columns(check.table))
        assert check.cells == check.expected_rows * columns
        assert (check.cells > 0) == (check.table != EMPTY)
        assert check.actual_rows == check.expected_rows


def test_a_window_that_the_spark_job_found_is_a_difference(twin: Twin) -> None:
    """The source has none: stream and archive are to agree on every window."""
    twin.run(f"insert into {EMPTY} values ('{FIRST}', '{FIRST} 12:00:00', 'EWR', 'UA', 'late')")  # noqa: S608  # ours
    (found,) = (each for each in reconcile(twin.query, FIRST, LAST).checks if each.table == EMPTY)
    assert [(each.table, each.key[1:]) for each in found.differences] == [(EMPTY, ("EWR", "UA"))]


def _columns(table: str) -> tuple[str, ...]:
    return _cached({FIRST, LAST})[table].columns


@pytest.mark.parametrize("table", [name for name in KEYS if name not in {PACKED, EMPTY}])
def test_every_cell_of_every_table_is_looked_at(twin: Twin, table: str) -> None:
    """One row, then each of its cells in turn made null, or no longer null: exactly that cell is named."""
    key = KEYS[table]
    if table == "agg_airport_hour":
        twin.run("delete from agg_airport_hour where departures = 0")
        twin.run("update agg_airport_hour set delay_minutes = delay_minutes - 5")
    row = twin.query(f"select * from {table} order by {', '.join(key)} limit 1 offset 3")  # noqa: S608
    cells = dict(zip(row.columns, row.rows[0], strict=True))
    where = " and ".join(f"{name} = '{cells[name]}'" for name in key)
    for column, value in cells.items():
        if column in key:
            continue
        fallback = "'2013-01-01'" if _kind(column) == "timestamp" else "'0'"
        changed = fallback if value is None else "null"
        original = "null" if value is None else f"'{value}'"
        twin.run(f"update {table} set {column} = {changed} where {where}")  # noqa: S608
        if table == "agg_airport_hour":
            twin.run(f"update {table} set {column} = coalesce({column}, 0) where {where}")  # noqa: S608
        found = reconcile(twin.query, FIRST, LAST)
        assert [(each.table, each.key, each.column) for each in found.differences] == [
            (table, tuple(str(cells[name]) for name in key), column)
        ]
        assert not found.is_equal
        twin.run(f"update {table} set {column} = {original} where {where}")  # noqa: S608
    assert reconcile(twin.query, FIRST, LAST).is_equal


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("update {} set departures = departures + 1 where {}", id="a wrong count"),
        pytest.param("update {} set departures = null where {}", id="no count"),
        pytest.param("delete from {} where {}", id="missing"),
        pytest.param("insert into {0} select * from {0} where {1}", id="doubled"),
        pytest.param("update {} set window_end = '2013-02-08 12:21:00' where {}", id="at another's minute"),
    ],
)
def test_every_sliding_window_is_looked_at(twin: Twin, change: str) -> None:
    """Of one window that is not as the source says, the hour is named with all that it holds."""
    one = "origin = 'EWR' and window_end = '2013-02-08 12:20:00'"
    twin.run(change.format(PACKED, one))
    (found,) = reconcile(twin.query, FIRST, LAST).differences
    assert (found.table, found.key) == (PACKED, ("EWR", "2013-02-08 12:00:00"))
    assert found.column == "departures_by_minute"
    assert found.expected.startswith("0:")
    assert found.expected != found.actual


@pytest.mark.parametrize(
    ("factor", "is_equal"),
    [
        pytest.param(1.01, True, id="1 % above"),
        pytest.param(0.99, True, id="1 % below"),
        pytest.param(1.0101, False, id="beyond"),
        pytest.param(0.9899, False, id="below"),
        pytest.param(-1, False, id="of another sign"),
    ],
)
def test_quantiles_are_within_their_bound(twin: Twin, factor: float, is_equal: bool) -> None:  # noqa: FBT001
    """1 % of the delay that a flight really had, and no more."""
    twin.run(f"update mart_delay_quantiles set delay_p90_minutes = delay_p90_minutes * {factor!r}")  # noqa: S608
    found = reconcile(twin.query, FIRST, LAST)
    assert found.is_equal == is_equal
    assert {each.column for each in found.differences} <= {"delay_p90_minutes"}


@pytest.mark.parametrize("table", ONE_ROW_A_KEY)
def test_rows_that_are_missing_doubled_or_surplus_are_named(twin: Twin, table: str) -> None:
    """By their key, with how many rows the source and the warehouse have of it."""
    key = KEYS[table]
    picked = f"from {table} order by {', '.join(key)} limit 1"
    cells = twin.query(f"select {', '.join(key)} {picked}").rows[0]
    where = " and ".join(f"{name} = '{cell}'" for name, cell in zip(key, cells, strict=True))
    named = tuple(map(str, cells))

    twin.run(f"insert into {table} select * {picked}")
    assert _named(reconcile(twin.query, FIRST, LAST)) == [(table, named, ROWS, "1", "2")]

    twin.run(f"delete from {table} where {where}")  # noqa: S608
    assert _named(reconcile(twin.query, FIRST, LAST)) == [(table, named, ROWS, "1", "0")]

    twin.run(f"insert into {table} select * replace ('ZZ' as {_text_key(key)}) {picked}")
    surplus = tuple(
        "ZZ" if name == _text_key(key) else str(cell)
        for name, cell in zip(
            key,
            twin.query(f"select {', '.join(key)} from {table} where {_text_key(key)} = 'ZZ'").rows[0],  # noqa: S608
            strict=True,
        )
    )
    assert set(_named(reconcile(twin.query, FIRST, LAST))) == {
        (table, named, ROWS, "1", "0"),
        (table, surplus, ROWS, "0", "1"),
    }


def _text_key(key: tuple[str, ...]) -> str:
    return next(name for name in key if name in {"carrier", "origin", "tail_number"})


def _named(found: Reconciliation) -> list[tuple[str, tuple[str, ...], str, str, str]]:
    return [(each.table, each.key, each.column, each.expected, each.actual) for each in found.differences]


@pytest.mark.parametrize(
    ("change", "lost", "twice"),
    [
        pytest.param(
            "update fact_flight set departed_at = null where departed_at is not null",
            749,
            0,
            id="every departure",
        ),
        pytest.param("delete from fact_weather", 144, 0, id="all weather"),
        pytest.param("insert into fact_weather select * from fact_weather", 0, 144, id="all weather, twice"),
        pytest.param(
            "insert into fact_flight select * from fact_flight order by all limit 5",
            0,
            5,
            id="rows of a fact",
        ),
        pytest.param(
            "insert into agg_airport_hour select * from agg_airport_hour", 0, 749, id="every partial"
        ),
        pytest.param("delete from agg_airport_hour", 749, 0, id="all partials, though the facts are there"),
        pytest.param(
            "update fact_flight set departed_at = null where departed_at is not null; "
            "delete from agg_airport_hour",
            749,
            0,
            id="departures missing in facts and partials are lost once",
        ),
        pytest.param(
            "update fact_flight set departed_at = departed_at + interval 1 minute",
            0,
            0,
            id="a wrong time is not lost",
        ),
        pytest.param("delete from mart_daily_on_time", 0, 0, id="marts hold no events"),
    ],
)
def test_events_lost_and_twice_are_counted(twin: Twin, change: str, lost: int, twice: int) -> None:
    """749 flights departed on the two days, and three airports have 48 hours of weather."""
    twin.run(change)
    found = reconcile(twin.query, FIRST, LAST)
    assert (found.events_lost, found.events_twice) == (lost, twice)
    assert not found.is_equal


def test_an_empty_warehouse_lacks_everything(twin: Twin) -> None:
    """Every event of the source is lost, and every row is named."""
    for table in KEYS:
        twin.run(f"delete from {table}")  # noqa: S608
    found = reconcile(twin.query, FIRST, LAST)
    assert [check.actual_rows for check in found.checks] == [0] * len(KEYS)
    assert [len(check.differences) for check in found.checks] == [
        check.expected_rows for check in found.checks
    ]
    assert found.events_lost == _events_of_the_source()


def _events_of_the_source() -> int:
    flights, weather = (_cached({FIRST, LAST})[name] for name in ("fact_flight", "fact_weather"))
    times = [flights.columns.index(name) for name in ("scheduled_at", "departed_at", "arrived_at")]
    return len(weather.rows) + sum(row[index] is not None for row in flights.rows for index in times)


@pytest.mark.parametrize(
    ("factor", "is_equal"),
    [
        pytest.param(1 + 1e-12, True, id="within 1e-9 of its value"),
        pytest.param(1 + 1e-8, False, id="beyond"),
    ],
)
def test_floats_are_equal_within_a_relative_tolerance(twin: Twin, factor: float, is_equal: bool) -> None:  # noqa: FBT001
    """A mean may be summed in another order; a wrong one is off by far more."""
    twin.run(f"update mart_daily_on_time set mean_delay_minutes = mean_delay_minutes * {factor!r}")  # noqa: S608
    assert reconcile(twin.query, FIRST, LAST).is_equal == is_equal


def test_other_days_in_the_warehouse_are_left_out(twin: Twin) -> None:
    """One day of two reconciles: facts and marts by their date, hours and their ranking over both."""
    found = reconcile(twin.query, FIRST, FIRST)
    assert found.is_equal
    rows = {check.table: check.actual_rows for check in found.checks}
    assert rows["fact_flight"] == 930
    assert rows["agg_airport_hour"] == len(_cached({FIRST, LAST})["agg_airport_hour"].rows)


def test_a_wrong_cell_does_not_move_a_row_out_of_sight(twin: Twin) -> None:
    """A row is found by its key: a wrong scheduled_departure, even in another year, is a wrong cell."""
    twin.run("update fact_flight set scheduled_departure = '2014-05-01 12:00:00' where flight = 15")
    found = reconcile(twin.query, FIRST, LAST)
    assert {each.column for each in found.differences} == {"scheduled_departure"}


@pytest.mark.parametrize(
    ("wanted", "found", "expected_cell", "actual_cell"),
    [
        pytest.param(0, None, "0", "null", id="null instead of 0"),
        pytest.param(None, 0, "null", "0", id="0 instead of null"),
        pytest.param(0.0, None, "0.0", "null", id="null instead of 0.0"),
        pytest.param("", None, "", "null", id="null instead of an empty text"),
        pytest.param("1", 1, "1", "1", id="a number instead of a text"),
        pytest.param(0.5, float("nan"), "0.5", "nan", id="no number"),
    ],
)
def test_nothing_is_taken_for_something_like_it(
    wanted: object, found: object, expected_cell: str, actual_cell: str
) -> None:
    """Null, 0, empty and text differ from one another."""
    source, warehouse = (by_key(("k",), Rows(("k", "v"), (("a", value),))) for value in (wanted, found))
    check = compare("t", source, warehouse)
    assert check.differences == (Difference("t", ("a",), "v", expected_cell, actual_cell),)


@pytest.mark.parametrize(
    ("count", "title", "shown"),
    [
        pytest.param(3, "differences: 3", 3, id="few are shown all"),
        pytest.param(1_234, "differences: 1,234, the first 20", 20, id="of many the first"),
    ],
)
def test_differences_are_shown_with_their_number(count: int, title: str, shown: int) -> None:
    """Text that looks like markup stays text."""
    each = Difference("fact_flight", ("UA", "[bold]"), "tail_number", "N1", "null")
    check = TableCheck("fact_flight", 1, 1, 1, (each,) * count)
    console = Console(file=StringIO(), width=200)
    console.print(difference_table(Reconciliation((check,), 0, 0)))
    assert isinstance(console.file, StringIO)
    printed = console.file.getvalue()
    assert title in printed
    assert printed.count("UA [bold]") == shown
