"""COPY of what UNLOAD wrote is the same table."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine

COLUMNS: dict[str, tuple[pa.DataType, st.SearchStrategy[Any]]] = {
    "smallint": (pa.int16(), st.integers(-(2**15), 2**15 - 1)),
    "integer": (pa.int32(), st.integers(-(2**31), 2**31 - 1)),
    "bigint": (pa.int64(), st.integers(-(2**63), 2**63 - 1)),
    "decimal(9, 3)": (
        pa.decimal128(9, 3),
        st.decimals(-999_999, 999_999, places=3, allow_nan=False, allow_infinity=False),
    ),
    "decimal(38, 0)": (pa.decimal128(38, 0), st.integers(-(10**38) + 1, 10**38 - 1).map(Decimal)),
    "real": (pa.float32(), st.floats(width=32, allow_nan=False, allow_infinity=False)),
    "double precision": (pa.float64(), st.floats(allow_nan=False, allow_infinity=False)),
    "boolean": (pa.bool_(), st.booleans()),
    "date": (pa.date32(), st.dates(date(1, 1, 1), date(9999, 12, 31))),
    "timestamp": (pa.timestamp("us"), st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31))),
    "timestamptz": (
        pa.timestamp("us", "UTC"),
        st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)),
    ),
    "varchar(400)": (
        pa.string(),
        st.text(
            st.one_of(st.sampled_from("|,\"'\\\n\r\t N"), st.characters(exclude_categories=["Cs"])),
            max_size=40,
        ),
    ),
}
TABLES = st.lists(st.tuples(*(st.none() | values for _, values in COLUMNS.values())), max_size=8)

WAYS = [
    pytest.param("csv null as 'no such text'", "csv null as 'no such text'", id="CSV"),
    pytest.param(
        "csv delimiter ';' header gzip null as '@@'",
        "csv delimiter ';' ignoreheader 1 gzip null as '@@'",
        id="gzip",
    ),
    pytest.param(r"escape null as '\N'", "escape", id="delimited text"),
    pytest.param(
        r"escape addquotes zstd delimiter '\t' null as '\N'",
        r"escape removequotes zstd delimiter '\t'",
        id="quotes",
    ),
    pytest.param("json bzip2", "json 'auto' bzip2", id="JSON"),
    pytest.param("format parquet", "format parquet", id="Parquet"),
    pytest.param("format parquet manifest", "format parquet manifest", id="Parquet by manifest"),
]


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, MemoryS3]]:
    """Give a warehouse with two tables of every type."""
    s3 = MemoryS3()
    engine = Engine(tmp_path_factory.mktemp("warehouse") / "w", s3)
    columns = ", ".join(f"c{number} {kind}" for number, kind in enumerate(COLUMNS))
    engine.execute([f"create table {name} (n integer, {columns})" for name in ("there", "back")])
    yield engine, s3
    engine.close()


@pytest.mark.parametrize(("written", "read"), WAYS)
@settings(max_examples=10, deadline=None)
@given(rows=TABLES)
def test_what_was_unloaded_is_copied_back(
    warehouse: tuple[Engine, MemoryS3], written: str, read: str, rows: list[tuple[Any, ...]]
) -> None:
    """Every type, NULLs, delimiters, quotation marks, backslashes and line ends in texts, in every format."""
    engine, s3 = warehouse
    s3.objects.clear()
    arrays = {"n": pa.array(range(len(rows)), pa.int32())} | {
        f"c{number}": pa.array([row[number] for row in rows], kind)
        for number, (kind, _) in enumerate(COLUMNS.values())
    }
    s3.put_rows("s3://lake/in", arrays)
    source = "s3://lake/out/manifest" if "manifest" in read else "s3://lake/out/"
    engine.execute(
        [
            "delete from there",
            "delete from back",
            "copy there from 's3://lake/in' format parquet",
            f"unload ('select * from there order by n') to 's3://lake/out/' {written}",  # noqa: S608
            f"copy back from '{source}' {read}",
        ]
    )
    there, back = engine.execute(["select * from there order by n", "select * from back order by n"])
    assert there.count == len(rows)
    assert back.rows == there.rows
