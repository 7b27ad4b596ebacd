"""What is loaded, and what is told, where rows or files are wrong: all, all but those, or nothing."""

import bz2
import gzip
from typing import Any

import pyarrow as pa
import pytest

from tests.unit.warehouse.redshift.copy.support import FAILURES, FILE, load, rows
from tests.unit.warehouse.redshift.twin import MANIFEST, MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError

BAD = b"1|a\nx|b\n3|too long\n4|d\n"
"""The second and the third of its rows are wrong."""


@pytest.fixture
def table(engine: Engine) -> Engine:
    """Give an empty table `t`."""
    engine.execute(["create table t (a integer, b varchar(3))"])
    return engine


def test_stl_load_errors_has_the_columns_of_aws(table: Engine, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_STL_LOAD_ERRORS.html."""
    with pytest.raises(RedshiftError):
        load(table, s3, BAD, "")
    (result,) = table.execute(["select * from stl_load_errors"])
    assert result.columns is not None
    assert [column.name for column in result.columns] == [
        *("userid", "slice", "tbl", "starttime", "session", "query", "filename", "line_number", "colname"),
        *("type", "col_length", "position", "raw_line", "raw_field_value", "err_code", "err_reason"),
        *("is_partial", "start_offset", "copy_job_id"),
    ]
    sql = "select filename, line_number, colname, type, col_length, position, raw_line from stl_load_errors"
    assert rows(table, sql) == [(FILE, 2, "a", "int4", "", 0, "x|b")]


@pytest.mark.parametrize("most", ["", "maxerror 0", "maxerror 1", "maxerror 2"])
def test_as_many_rows_as_maxerror_fail_the_load(table: Engine, s3: MemoryS3, most: str) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-load.html: that many, or more.

    0 and 1 both mean the first. Nothing is loaded, and what is wrong is told though all is rolled back.
    """
    with pytest.raises(RedshiftError, match=r"line [23], column [ab]"):
        load(table, s3, BAD, most)
    assert rows(table) == []
    assert len(rows(table, FAILURES)) == max(int(most[-1:] or 0), 1)


def test_fewer_are_left_out_and_told(table: Engine, s3: MemoryS3) -> None:
    """The others are loaded."""
    assert load(table, s3, BAD, "maxerror 3") == 2
    assert rows(table) == [(1, "a"), (4, "d")]
    assert rows(table, FAILURES) == [
        (2, "a", 1207, "Invalid digit, Value 'x', Pos 0, Type: Integer", "x"),
        (3, "b", 1204, "String length exceeds DDL length", "too long"),
    ]


def test_failures_of_all_files_count(table: Engine, s3: MemoryS3) -> None:
    """Not of each."""
    s3.objects["s3://lake/file2"] = BAD
    with pytest.raises(RedshiftError):
        load(table, s3, BAD, "maxerror 4")
    assert rows(table) == []
    assert load(table, s3, BAD, "maxerror 5") == 4


def test_noload_checks_and_loads_nothing(table: Engine, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-data-load.html, NOLOAD."""
    load(table, s3, BAD, "noload maxerror 5")
    assert rows(table) == []
    assert len(rows(table, FAILURES)) == 2
    with pytest.raises(RedshiftError):
        load(table, s3, BAD, "noload")


def test_failures_of_a_transaction_that_is_rolled_back_stay(table: Engine, s3: MemoryS3) -> None:
    """As on AWS, where the log is no part of the transaction."""
    s3.objects[FILE] = BAD
    session = table.session("me")
    session.run(["begin"])
    session.run([f"copy t from '{FILE}' maxerror 5"])
    session.run(["rollback"])
    session.close()
    assert rows(table) == []
    assert len(rows(table, FAILURES)) == 2


@pytest.mark.parametrize(
    ("option", "data"),
    [
        pytest.param("gzip", gzip.compress(b"1|a\n" * 9), id="GZIP"),
        pytest.param("gzip", gzip.compress(b"1|a\n" * 4) + gzip.compress(b"1|a\n" * 5), id="GZIP in members"),
        pytest.param("bzip2", bz2.compress(b"1|a\n" * 9), id="BZIP2"),
        pytest.param("zstd", pa.compress(b"1|a\n" * 9, "zstd", asbytes=True), id="ZSTD"),
    ],
)
def test_files_may_be_compressed(table: Engine, s3: MemoryS3, option: str, data: bytes) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-parameters-file-compression.html."""
    assert load(table, s3, data, option) == 9


NOISE = bytes(range(256)) * 40


@pytest.mark.parametrize(
    ("option", "data"),
    [
        pytest.param("gzip", b"1|a\n", id="no GZIP"),
        pytest.param("gzip", gzip.compress(b"1|a\n" * 999)[:-9], id="half of GZIP"),
        pytest.param("bzip2", b"1|a\n", id="no BZIP2"),
        pytest.param("bzip2", bz2.compress(b"1|a\n" * 999)[:-9], id="half of BZIP2"),
        pytest.param("zstd", b"1|a\n", id="no ZSTD"),
        pytest.param("zstd", pa.compress(NOISE, "zstd", asbytes=True)[:-9], id="half of ZSTD"),
    ],
)
def test_a_file_that_is_not_whole_is_told(table: Engine, s3: MemoryS3, option: str, data: bytes) -> None:
    """With its name, and nothing is loaded, however many rows may be wrong."""
    with pytest.raises(RedshiftError, match=f"`{FILE}`: is no whole file of"):
        load(table, s3, data, f"{option} maxerror 100")
    assert rows(table) == []
    ((line, *_, code, _, _),) = rows(table, FAILURES)
    assert (line, code) == (0, 1200)


def test_a_folder_without_files_is_told(table: Engine, s3: MemoryS3) -> None:
    """The key that consoles make for a folder is no file."""
    s3.objects["s3://lake/folder/"] = b""
    with pytest.raises(RedshiftError, match="`s3://lake/folder/`: the specified S3 prefix does not exist"):
        table.execute(["copy t from 's3://lake/folder/'"])


def test_a_manifest_of_text_needs_no_lengths(table: Engine, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html: only `url`."""
    s3.objects["s3://lake/a"] = s3.objects["s3://other/b"] = b"1|a\n"
    s3.put_manifest({"url": "s3://lake/a"}, {"url": "s3://other/b"}, {"url": "s3://lake/missing"})
    assert table.execute([f"copy t from '{MANIFEST}' manifest"])[0].affected == 2


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        pytest.param({"url": "s3://lake/no", "mandatory": True}, 1212, id="mandatory"),
        pytest.param({"url": "s3://lake/no"}, 1200, id="none is there at all"),
    ],
)
def test_a_file_of_a_manifest_that_is_missing(
    table: Engine, s3: MemoryS3, entry: dict[str, Any], code: int
) -> None:
    """Fails the load where it is mandatory, or where no other is there."""
    s3.put_manifest(entry)
    with pytest.raises(RedshiftError, match=r"cannot be read|none of the files that the manifest names"):
        table.execute([f"copy t from '{MANIFEST}' manifest"])
    assert [row[2] for row in rows(table, FAILURES)] == [code]


def test_missing_columns_of_parquet_are_null(table: Engine, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/copy-usage_notes-copy-from-columnar.html, FILLRECORD."""
    s3.put_rows("s3://lake/p", {"x": [1]})
    table.execute(["copy t from 's3://lake/p' format parquet fillrecord"])
    assert rows(table) == [(1, None)]


def test_a_cut_file_of_parquet_is_told(table: Engine, s3: MemoryS3) -> None:
    """Of a batch in its middle, too."""
    s3.put_rows("s3://lake/p", {"x": list(range(9)), "y": ["a"] * 9})
    whole = s3.objects["s3://lake/p"]
    s3.objects["s3://lake/p"] = whole[:4] + b"\xff" * 40 + whole[44:]
    with pytest.raises(RedshiftError, match="`s3://lake/p`: cannot be read"):
        table.execute(["copy t from 's3://lake/p' format parquet"])
    assert rows(table) == []
