"""TPC-H in Redshift's syntax through the wire: the 22 queries answer what DuckDB itself answers."""

import subprocess
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from app import wiring
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from benchmarks.install import why_not
from benchmarks.peers import python_of
from tests.support.redshift import connect
from tests.support.tpch_data import TABLES

pytestmark = pytest.mark.timeout(300)

SCALE = "0.01"
HERE = Path(__file__).parent / "tpch"
PACKAGE = "duckdb-extension-tpch"
BUCKET = "tpch"
NUMBERS = range(1, 23)


def queries() -> dict[int, str]:
    """The queries by their numbers."""
    text = (HERE / "queries.sql").read_text(encoding="utf-8")
    parts = (part.partition("\n") for part in text.split("\n-- ")[2:])
    return {int(number): query.strip().rstrip(";") for number, _, query in parts}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the tables and DuckDB's answers, made by the last DuckDB that can."""
    assert not (reason := why_not(PACKAGE)), reason
    folder = tmp_path_factory.mktemp("tpch")
    python = python_of(PACKAGE) / "bin" / "python"
    script = Path("tests/support/tpch_data.py")
    subprocess.run([python, script, folder, SCALE], check=True, timeout=120)  # ours
    return folder


@pytest.fixture(scope="module")
def loaded(stack: Stack, stand: StandSettings, data: Path) -> Iterator[Any]:
    """Give a cursor of AWS's driver in a schema with AWS's tables, loaded by COPY from S3."""
    s3 = wiring.cloud("s3")
    s3.create_bucket(Bucket=BUCKET)
    assert stack.servers
    with connect(stand) as connection, connection.cursor() as cursor:
        cursor.execute("create schema tpch")
        cursor.execute("set search_path to tpch")
        for statement in (HERE / "tables.sql").read_text(encoding="utf-8").split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        for table in TABLES:
            s3.upload_file(str(data / f"{table}.parquet"), BUCKET, f"{table}/0.parquet")
            cursor.execute(f"copy {table} from 's3://{BUCKET}/{table}/' iam_role default format as parquet")
        connection.commit()
        yield cursor
        connection.rollback()
        cursor.execute("drop schema tpch cascade")
        connection.commit()


@pytest.mark.parametrize("number", NUMBERS)
def test_a_query_answers_what_duckdb_answers(loaded: Any, data: Path, number: int) -> None:
    """Each number to the scale that Redshift gives it, the last digit but one."""
    loaded.execute(queries()[number])
    expected = parquet.read_table(data / f"q{number}.parquet")
    answered = loaded.fetchall()
    columns = [column.to_pylist() for column in expected.columns]
    assert len(answered) == expected.num_rows
    for row, wanted in zip(answered, zip(*columns, strict=True), strict=True):
        assert_alike(row, wanted)


def assert_alike(row: Sequence[Any], wanted: Sequence[Any]) -> None:
    """Hold one row against another; a CHAR comes with its blanks."""
    for got, expected in zip(row, wanted, strict=True):
        match got, expected:
            case str(), str():
                assert got.rstrip() == expected.rstrip()
            case date(), _:
                assert got == expected
            case Decimal(), _:
                exponent = got.as_tuple().exponent
                assert isinstance(exponent, int)
                assert abs(got - Decimal(str(expected))) <= Decimal(1).scaleb(exponent)
            case float(), _:
                assert got == pytest.approx(float(expected), rel=1e-9)
            case _:
                assert got == expected
