"""What the jobs share: schemas are the contract's, and input that is not as it must be is refused."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from contracts import schema
from jobs.daily_on_time import job
from jobs.shared import schemas
from jobs.shared.archive import flight_events
from jobs.shared.arguments import Arguments
from jobs.shared.errors import NoInputError, WrongInputError
from jobs.shared.session import run
from tests.unit.jobs.conftest import event, noon

pytestmark = pytest.mark.timeout(180)


@pytest.mark.parametrize("name", [each for each in vars(schemas) if each.isupper() and each[0] != "_"])
def test_a_schema_is_the_contracts(spark: SparkSession, name: str) -> None:
    """Names, order and types; Spark reads its own DDL only while it runs."""
    assert spark
    wanted = StructType.fromDDL(getattr(schemas, name))
    assert isinstance(wanted, StructType)
    arrow = from_arrow_schema(getattr(schema, name))
    assert [(each.name, each.dataType) for each in arrow] == [(each.name, each.dataType) for each in wanted]


def test_an_archive_that_is_not_there_is_named(spark: SparkSession, tmp_path: Path) -> None:
    """A folder that is missing, and one without a file."""
    arguments = Arguments(tmp_path.as_uri(), noon().date(), noon().date())
    with pytest.raises(NoInputError, match=r"no archive at file:.*/events/flight-events/"):
        flight_events(spark, arguments)
    (tmp_path / "events" / "flight-events").mkdir(parents=True)
    with pytest.raises(NoInputError, match="no archive at"):
        flight_events(spark, arguments)


def test_files_that_are_not_as_their_contract_says_are_refused(spark: SparkSession, tmp_path: Path) -> None:
    """A column is missing, and one is of another type."""
    folder = tmp_path / "events" / "flight-events"
    folder.mkdir(parents=True)
    fields = [each for each in schema.FLIGHT_EVENTS if each.name not in {"kind", "flight"}]
    table = pa.Table.from_pylist([], pa.schema([*fields, pa.field("flight", pa.string())]))
    parquet.write_table(table, folder / "a.parquet")
    with pytest.raises(WrongInputError, match="kind is missing; flight is string"):
        flight_events(spark, Arguments(tmp_path.as_uri(), noon().date(), noon().date()))


def test_a_run_writes_down_what_it_read_and_wrote(
    spark: SparkSession, archived: Callable[..., Arguments], tmp_path: Path
) -> None:
    """Under the id that Spark has for it."""
    job(spark, archived([event("scheduled", 1, noon()), event("departed", 1, noon(), 3)]))
    (path,) = (tmp_path / "runs" / "daily_on_time").glob("*.json")
    assert path.stem == spark.sparkContext.applicationId
    record = json.loads(path.read_text(encoding="utf-8"))
    lake = tmp_path.as_uri()
    assert record["inputs"] == {f"{lake}/events/flight-events/": 2}
    assert record["outputs"] == {f"{lake}/daily_on_time/": 1}
    assert (record["from"], record["to"]) == ("2013-02-08", "2013-02-09")
    assert record["seconds"] > 0


@pytest.fixture
def kept(spark: SparkSession, monkeypatch: pytest.MonkeyPatch) -> SparkSession:
    """Give the session, and have no job stop it."""
    monkeypatch.setattr(spark, "stop", lambda: None)
    monkeypatch.setattr("jobs.shared.session.session", lambda _name: spark)
    return spark


@pytest.mark.parametrize(
    ("file", "last_line"),
    [
        pytest.param(b"", r"error: no archive at file:.*/events/flight-events/", id="no archive"),
        pytest.param(b"no Parquet", r"error: .*/a\.parquet\. Could not read footer.*", id="a corrupt file"),
    ],
)
def test_a_job_that_cannot_go_on_ends_with_one_line(
    kept: SparkSession, tmp_path: Path, capfd: pytest.CaptureFixture[str], file: bytes, last_line: str
) -> None:
    """Exit code 1, the reason last, and nothing written."""
    assert kept
    folder = tmp_path / "events" / "flight-events"
    folder.mkdir(parents=True)
    if file:
        (folder / "a.parquet").write_bytes(file)
    dates = ["--from", "2013-02-08", "--to", "2013-02-08"]
    assert run("daily_on_time", "what it is", ["--lake", tmp_path.as_uri(), *dates], job) == 1
    assert re.fullmatch(last_line, capfd.readouterr().err.strip().splitlines()[-1])
    assert {each.name for each in tmp_path.iterdir()} == {"events"}
