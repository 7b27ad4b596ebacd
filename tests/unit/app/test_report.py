"""The figures, their file, the tables for a terminal, and freshness record by record."""

import io
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest
from pyarrow import parquet
from rich.console import Console, RenderableType

from app.reconcile.comparison import Difference, TableCheck
from app.reconcile.reconcile import Reconciliation
from app.report.figures import Figures, Step
from app.report.freshness import freshness_millis
from app.report.summary import cancellations, summary
from contracts.lake import events_key
from contracts.positions import ResumeAfter, ShardRange, StreamIdentity
from runtime.objects import MemoryObjects
from runtime.warehouse import Rows

FIGURES = Figures(
    events_sent=8_674,
    duplicates_injected=38,
    duplicates_caught=39,
    rejects_injected=16,
    rejects_caught=16,
    events_lost=0,
    events_twice=0,
    flights_on_board=930,
    alerts=58,
    poison_injected=9,
    dead_letters=9,
    throttles=3,
    flights_in_warehouse=3_375,
    records_per_second=1_444.0,
    freshness_p50_ms=4_798.5,
    freshness_p99_ms=5_580.8,
    wall_seconds=45.93,
    reconciled=True,
    steps=(Step("start the stack", 2.84), Step("replay", 6.01)),
)
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def printed(renderable: RenderableType) -> str:
    """Return what a terminal would show."""
    console = Console(file=StringIO(), width=120)
    console.print(renderable)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def test_report_json_has_the_names_that_other_tools_read(tmp_path: Path) -> None:
    """No more, no fewer, and steps as name and seconds."""
    FIGURES.write(tmp_path / "new" / "report.json")
    fields = orjson.loads((tmp_path / "new" / "report.json").read_bytes())
    names = (
        "events_sent duplicates_injected duplicates_caught rejects_injected rejects_caught events_lost "
        "events_twice flights_in_warehouse flights_on_board alerts poison_injected dead_letters throttles "
        "records_per_second freshness_p50_ms freshness_p99_ms wall_seconds "
        "reconciled steps"
    )
    assert list(fields) == names.split()
    assert fields["reconciled"] is True
    assert fields["steps"][0] == {"name": "start the stack", "seconds": 2.84}


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """The command `report` shows the figures of the demo."""
    FIGURES.write(tmp_path / "report.json")
    assert Figures.read(tmp_path / "report.json") == FIGURES


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="half a file"),
        pytest.param("[]", id="a list"),
        pytest.param('{"events_sent": 1, "steps": []}', id="fields missing"),
        pytest.param('{"steps": [{"seconds": 1}]}', id="a step without a name"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    """In one line that says what to do."""
    path = tmp_path / "report.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"report\.json holds no figures of a demo .*run `make demo` again"):
        Figures.read(path)


def test_the_summary_shows_figures_tables_and_cancellations() -> None:
    """Everything that was compared, and by how much it differs."""
    differences = (Difference("fact_flight", ("UA", "1"), "tail_number", "N1", "null"),) * 2
    checks = (
        TableCheck("fact_flight", 3_375, 3_375, 40_500, differences),
        TableCheck("fact_weather", 288, 288, 3_168, ()),
    )
    shown = printed(summary(FIGURES, Reconciliation(checks, 0, 0), [("2013-02-08 14:00:00", 3)]))
    for text in ("8,674", "38 / 39", "4,798 / 5,581 ms", "40,500", "fact_weather", "2013-02-08"):
        assert text in shown


def test_cancellations_are_blocks_by_hour() -> None:
    """The tallest block is the hour with the most; one flight is still seen; 24 hours a day."""
    hours = [("2013-02-08 06:00:00", 1), ("2013-02-08 14:00:00", 68), ("2013-02-09 23:00:00", 34)]
    lines = [line for line in printed(cancellations(hours)).splitlines() if "2013-" in line]
    cells = [[cell.strip(" ") for cell in line.split("│")[1:-1]] for line in lines]
    assert [(day, count) for day, _, count in cells] == [("2013-02-08", "69"), ("2013-02-09", "34")]
    assert f"{' ' * 6}▁{' ' * 7}█{' ' * 9}" in lines[0]
    assert f"{' ' * 23}▄" in lines[1]


def test_of_many_days_the_worst_are_shown() -> None:
    """A year does not flood the terminal, and the title still counts all."""
    hours = [(f"{datetime(2013, 1, 1) + timedelta(days=day):%Y-%m-%d} 09:00:00", day) for day in range(1, 60)]
    shown = printed(cancellations(hours))
    assert shown.count("2013-") == 14
    assert f"{sum(range(1, 60)):,}" in shown
    assert "the worst 14 of 59 days" in shown
    assert "2013-03-01" in shown
    assert "2013-01-02" not in shown


def test_no_cancellation_is_shown_as_none() -> None:
    """A quiet day divides nothing by zero."""
    assert "Flights that never departed: 0" in printed(cancellations([]))


def _archive(
    objects: MemoryObjects, shard_id: str, part: int, arrivals: list[datetime], stream: str = "flights"
) -> str:
    """Write a file of the archive and return its batch id."""
    identity = StreamIdentity(f"arn:aws:kinesis:us-east-1:000000000000:stream/{stream}", 1)
    shard_range = ShardRange(identity, shard_id, ResumeAfter(), 9)
    columns = {
        "batch_id": pa.array([shard_range.batch_id()] * len(arrivals), pa.string()),
        "received_at": pa.array(arrivals, pa.timestamp("us", "UTC")),
    }
    sink = io.BytesIO()
    parquet.write_table(pa.table(columns), sink)
    objects.put(events_key(shard_range, part), sink.getvalue())
    return shard_range.batch_id()


def test_freshness_is_of_every_record_to_the_commit_of_its_own_batch(tmp_path: Path) -> None:
    """Of both streams and of all parts; what is not loaded yet, and files without records, do not count."""
    objects = MemoryObjects(str(tmp_path))
    first = _archive(objects, "shardId-0", 0, [NOON, NOON + timedelta(milliseconds=250)])
    assert _archive(objects, "shardId-0", 1, [NOON + timedelta(seconds=1)]) == first
    _archive(objects, "shardId-1", 0, [NOON])
    _archive(objects, "shardId-2", 0, [])
    weather = _archive(objects, "shardId-0", 0, [NOON], stream="weather")
    ledger = Rows(
        ("batch_id", "loaded_at"), ((first, "2026-01-01 12:00:02.500000"), (weather, "2026-01-01 12:00:07"))
    )
    millis = freshness_millis(objects, lambda _sql: ledger, ["flights", "weather"])
    assert sorted(millis.tolist()) == [1_500, 2_250, 2_500, 7_000]


def test_nothing_loaded_has_no_freshness(tmp_path: Path) -> None:
    """An empty array, of floats."""
    millis = freshness_millis(
        MemoryObjects(str(tmp_path)), lambda _sql: Rows(("batch_id", "loaded_at"), ()), ["flights"]
    )
    assert millis.dtype == np.float64
    assert len(millis) == 0
