"""COPY: files of a manifest or a prefix, checked one by one, in the transaction that runs."""

import io
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.unit.warehouse.redshift.twin import COPY, MANIFEST, MemoryS3
from warehouse.redshift.copy.files import FILES_AHEAD
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError

NOON = datetime(2013, 2, 8, 12, tzinfo=UTC)
BARE_NOON = datetime(2013, 2, 8, 12)


def query(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    """Run one query."""
    return engine.execute([sql])[0].rows


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(COPY, id="a manifest"),
        pytest.param(
            f"-- why\ncopy public.T from '{MANIFEST}'\niam_role 'arn:aws:iam::0:role/r'\n"
            "format parquet /* c */ manifest;",
            id="options in another order, and comments",
        ),
        pytest.param("copy t from 's3://lake/part-' iam_role default format as parquet", id="a prefix"),
    ],
)
def test_copy_reads_all_files(engine: Engine, s3: MemoryS3, copy: str) -> None:
    """More of them than are fetched ahead."""
    engine.execute(["create table t (a integer, b timestamp)"])
    numbers = range(3 * FILES_AHEAD)
    entries = [
        s3.put_rows(f"s3://lake/part-{n:02}", {"x": pa.array([n], pa.int64()), "y": [NOON]}) for n in numbers
    ]
    s3.put_manifest(*entries)
    (result,) = engine.execute([copy])
    assert result.affected == len(numbers)
    assert query(engine, "select * from t order by a") == [(n, BARE_NOON) for n in numbers]


@pytest.mark.parametrize(
    ("kind", "array", "expected"),
    [
        pytest.param("smallint", pa.array([1], pa.int16()), 1, id="smallint"),
        pytest.param("double precision", pa.array([1], pa.int64()), 1.0, id="an integer is a double"),
        pytest.param(
            "decimal(9, 2)", pa.array([Decimal("1.25")], pa.decimal128(9, 2)), Decimal("1.25"), id="decimal"
        ),
        pytest.param("varchar(3)", pa.array(["a"]).dictionary_encode(), "a", id="a dictionary"),
        pytest.param("varchar(3)", pa.array(["a"], pa.large_string()), "a", id="large text"),
        pytest.param("timestamp", pa.array([BARE_NOON], pa.timestamp("us")), BARE_NOON, id="a bare time"),
        pytest.param(
            "timestamp",
            pa.array(
                [NOON.astimezone(timezone(timedelta(hours=-5)))], pa.timestamp("us", "America/New_York")
            ),
            BARE_NOON,
            id="a time with a zone is UTC's",
        ),
        pytest.param("date", pa.array([BARE_NOON.date()]), BARE_NOON.date(), id="date"),
        pytest.param("boolean", pa.array([True]), True, id="boolean"),
        pytest.param("integer", pa.array([None], pa.int32()), None, id="null"),
    ],
)
def test_types_of_files_are_types_of_tables(
    engine: Engine, s3: MemoryS3, kind: str, array: Any, expected: Any
) -> None:
    """Families of types, that is: an integer of any width is an integer."""
    engine.execute([f"create table t (a {kind})"])
    s3.put_manifest(s3.put_rows("s3://lake/1", {"x": array}))
    engine.execute([COPY])
    assert query(engine, "select a from t") == [(expected,)]


def test_copy_fills_the_columns_that_it_names(engine: Engine, s3: MemoryS3) -> None:
    """In their order, which is that of the file, and the others with what they have by default."""
    engine.execute(["create table t (a integer, b integer default 7, c varchar(3))"])
    s3.put_manifest(s3.put_rows("s3://lake/1", {"x": ["s"], "y": [1]}))
    engine.execute([COPY.replace("copy t", "copy t (c, a)")])
    assert query(engine, "select * from t") == [(1, 7, "s")]


def test_copy_goes_into_temporary_tables(engine: Engine, s3: MemoryS3) -> None:
    """Of the batch that it is in."""
    s3.put_manifest(s3.put_rows("s3://lake/1", {"x": [1]}))
    batch = ["create temp table t (a integer)", COPY, "select a from t"]
    assert engine.execute(batch)[2].rows == [(1,)]


@pytest.mark.parametrize(
    ("columns", "change", "reason"),
    [
        pytest.param({"x": [1]}, {}, "has 1 columns, and the table takes 2", id="a column too few"),
        pytest.param({"x": ["1"], "y": ["s"]}, {}, "column `x` is of type text, and `a`", id="another type"),
        pytest.param({"x": [[1]], "y": ["s"]}, {}, "column `x` is of type list", id="a type that is not"),
        pytest.param({"x": [1], "y": ["long"]}, {}, "value too long for type", id="too long a text"),
        pytest.param({"x": [2**40], "y": ["s"]}, {}, "out of range", id="too large a number"),
        pytest.param({"x": [1], "y": ["s"]}, {"meta": {"content_length": 1}}, "manifest says 1", id="length"),
        pytest.param({"x": [1], "y": ["s"]}, {"url": "s3://lake/no"}, "cannot be read", id="missing"),
    ],
)
def test_a_copy_that_fails_leaves_nothing_but_its_reason(
    engine: Engine, s3: MemoryS3, columns: dict[str, Any], change: dict[str, Any], reason: str
) -> None:
    """The first file of the two is fine: it is rolled back too. The reason names the file."""
    engine.execute(["create table t (a integer, b varchar(3))"])
    fine = s3.put_rows("s3://lake/fine", {"x": [1], "y": ["ok"]})
    entry = s3.put_rows("s3://lake/bad", columns) | change
    s3.put_manifest(fine, entry)
    with pytest.raises(RedshiftError, match=f"`{entry['url']}`: .*{reason}"):
        engine.execute([COPY])
    assert query(engine, "select count(*) from t") == [(0,)]
    ((filename, told),) = query(engine, "select filename, err_reason from stl_load_errors")
    assert filename == entry["url"]
    assert reason in told


@pytest.mark.parametrize(
    ("manifest", "reason"),
    [
        pytest.param(None, "`s3://lake/m`: cannot be read", id="missing"),
        pytest.param(b"no json", "`s3://lake/m`: is no manifest", id="no JSON"),
        pytest.param(b"[]", "`s3://lake/m`: is no manifest", id="no object"),
        pytest.param(b"{}", "`s3://lake/m`: is no manifest", id="no entries"),
        pytest.param(b'{"entries": ["s3://lake/1"]}', "`s3://lake/m`: is no manifest", id="no entry"),
        pytest.param(b'{"entries": [{"url": "s3://lake/1"}]}', "`s3://lake/1` lacks meta", id="no length"),
    ],
)
def test_a_manifest_that_is_none_is_told(
    engine: Engine, s3: MemoryS3, manifest: bytes | None, reason: str
) -> None:
    """And what one looks like."""
    engine.execute(["create table t (a integer)"])
    if manifest is not None:
        s3.objects[MANIFEST] = manifest
    with pytest.raises(RedshiftError, match=reason):
        engine.execute([COPY])


def test_a_file_that_is_no_parquet_is_told(engine: Engine, s3: MemoryS3) -> None:
    """Of a prefix, where no manifest gives a length."""
    engine.execute(["create table t (a integer)"])
    s3.objects["s3://lake/text"] = b"a,b"
    with pytest.raises(RedshiftError, match="`s3://lake/text`: is no Parquet file"):
        engine.execute(["copy t from 's3://lake/te' format parquet"])
    with pytest.raises(RedshiftError, match="`s3://lake/nothing`: the specified S3 prefix does not exist"):
        engine.execute(["copy t from 's3://lake/nothing' format parquet"])


def test_a_time_that_is_finer_than_microseconds_is_refused(engine: Engine, s3: MemoryS3) -> None:
    """Nothing is rounded in silence."""
    engine.execute(["create table t (a timestamp)"])
    s3.put_manifest(s3.put_rows("s3://lake/1", {"x": pa.array([1], pa.timestamp("ns"))}))
    with pytest.raises(RedshiftError, match=r"`s3://lake/1`: column `x`: .*would lose data"):
        engine.execute([COPY])


def test_a_file_that_is_not_mandatory_may_be_missing(engine: Engine, s3: MemoryS3) -> None:
    """As the manifest says."""
    engine.execute(["create table t (a integer)"])
    missing = {"url": "s3://lake/no", "mandatory": False, "meta": {"content_length": 1}}
    s3.put_manifest(s3.put_rows("s3://lake/fine", {"x": [1]}), missing)
    engine.execute([COPY])
    assert query(engine, "select a from t") == [(1,)]


def test_a_file_without_rows_adds_none(engine: Engine, s3: MemoryS3) -> None:
    """And an empty manifest neither."""
    engine.execute(["create table t (a integer)"])
    s3.put_manifest(s3.put_rows("s3://lake/1", {"x": pa.array([], pa.int32())}))
    assert engine.execute([COPY])[0].affected == 0
    s3.put_manifest()
    assert engine.execute([COPY])[0].affected == 0


def test_files_may_differ_in_their_types(engine: Engine, s3: MemoryS3) -> None:
    """Each is read by its own schema, and all are loaded in their order."""
    engine.execute(["create table t (a integer, b varchar(3))"])
    kinds = (pa.int32(), pa.int32(), pa.int64(), pa.int16(), pa.int32())
    s3.put_manifest(
        *(
            s3.put_rows(f"s3://lake/{number}", {"x": pa.array([number], kind), "y": ["s"]})
            for number, kind in enumerate(kinds)
        )
    )
    assert engine.execute([COPY])[0].affected == len(kinds)
    assert query(engine, "select a from t") == [(number,) for number in range(len(kinds))]


def test_a_table_that_has_the_name_of_our_own_is_no_trouble(engine: Engine, s3: MemoryS3) -> None:
    """Names inside the engine cannot be a user's."""
    sink = io.BytesIO()
    parquet.write_table(pa.table({"x": [1]}), sink)
    s3.objects["s3://lake/1"] = sink.getvalue()
    engine.execute(["create table copied (a integer)", "copy copied from 's3://lake/1' format parquet"])
    assert query(engine, "select a from copied") == [(1,)]
