"""UNLOAD: which files are written, what is in them, and what is refused."""

import bz2
import gzip
import io
import json
from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.dialect.unload_statement import MEGABYTE
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError

TO = "s3://lake/out/t_"
ROWS = "select * from t order by a"


@pytest.fixture
def table(engine: Engine) -> Engine:
    """Give a table of three rows."""
    engine.execute(
        [
            "create table t (a integer, b varchar(20), c date, d decimal(8, 2), e boolean, f float8)",
            """insert into t values (1, 'x|y', '2013-02-08', 1.50, true, 0.5),
            (2, null, null, null, null, null), (3, 'say "hi", ok', null, -2, false, null)""",
        ]
    )
    return engine


def unload(engine: Engine, options: str = "", query: str = ROWS, to: str = TO) -> int:
    """Unload a query and return how many rows it had."""
    return engine.execute([f"unload ($${query}$$) to '{to}' iam_role default {options}"])[0].affected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param(
            "", '1|x|y|2013-02-08|1.50|t|0.5\n2|||||\n3|say "hi", ok||-2.00|f|\n', id="delimited text"
        ),
        pytest.param(
            "csv header null as 'NIL'",
            "a,b,c,d,e,f\n1,x|y,2013-02-08,1.50,t,0.5\n2,NIL,NIL,NIL,NIL,NIL\n"
            '3,"say ""hi"", ok",NIL,-2.00,f,NIL\n',
            id="CSV",
        ),
        pytest.param(
            r"escape null as '\N'",
            '1|x\\|y|2013-02-08|1.50|t|0.5\n2|\\N|\\N|\\N|\\N|\\N\n3|say "hi", ok|\\N|-2.00|f|\\N\n',
            id="ESCAPE",
        ),
        pytest.param(
            "addquotes escape delimiter ','",
            '"1","x|y","2013-02-08","1.50","t","0.5"\n"2",,,,,\n"3","say \\"hi\\"\\, ok",,"-2.00","f",\n',
            id="ADDQUOTES and ESCAPE",
        ),
        pytest.param(
            "json",
            '{"a":1,"b":"x|y","c":"2013-02-08","d":1.50,"e":true,"f":0.5}\n'
            '{"a":2,"b":null,"c":null,"d":null,"e":null,"f":null}\n'
            '{"a":3,"b":"say \\"hi\\", ok","c":null,"d":-2.00,"e":false,"f":null}\n',
            id="JSON",
        ),
    ],
)
def test_text_is_as_aws_writes_it(table: Engine, s3: MemoryS3, options: str, expected: str) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html."""
    assert unload(table, options) == 3
    assert s3.objects == {f"{TO}0000_part_00": expected.encode()}


def test_parquet_has_the_types_of_the_query(table: Engine, s3: MemoryS3) -> None:
    """Rows in their order."""
    unload(table, "format parquet")
    found = parquet.read_table(io.BytesIO(s3.objects[f"{TO}0000_part_00.parquet"]))
    assert found.schema.types == [
        *(pa.int32(), pa.string(), pa.date32(), pa.decimal128(8, 2), pa.bool_(), pa.float64())
    ]
    assert found.column("a").to_pylist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("options", "name"),
    [
        pytest.param("", "t_0000_part_00", id="slice and part"),
        pytest.param("parallel off", "t_000", id="PARALLEL OFF"),
        pytest.param("gzip", "t_0000_part_00.gz", id="GZIP"),
        pytest.param("bzip2 csv", "t_0000_part_00.bz2", id="BZIP2"),
        pytest.param("zstd json", "t_0000_part_00.zst", id="ZSTD"),
        pytest.param("parquet", "t_0000_part_00.parquet", id="PARQUET"),
        pytest.param("parquet parallel off", "t_000.parquet", id="PARQUET with PARALLEL OFF"),
        pytest.param("csv gzip extension 'csv.gz'", "t_0000_part_00.csv.gz", id="EXTENSION"),
    ],
)
def test_files_are_named_as_aws_names_them(table: Engine, s3: MemoryS3, options: str, name: str) -> None:
    """<prefix><slice>_part_<part>, or <prefix><part>; this warehouse has one slice."""
    unload(table, options)
    assert list(s3.objects) == [f"s3://lake/out/{name}"]


@pytest.mark.parametrize(
    ("option", "decompress"),
    [
        pytest.param("gzip", gzip.decompress, id="GZIP"),
        pytest.param("bzip2", bz2.decompress, id="BZIP2"),
        pytest.param(
            "zstd", lambda data: pa.CompressedInputStream(io.BytesIO(data), "zstd").read(), id="ZSTD"
        ),
    ],
)
def test_files_are_compressed(table: Engine, s3: MemoryS3, option: str, decompress: Any) -> None:
    """By any other program's reckoning."""
    unload(table, option, "select a from t order by a")
    assert decompress(next(iter(s3.objects.values()))) == b"1\n2\n3\n"


def test_a_query_without_rows_gives_a_file_without_rows(table: Engine, s3: MemoryS3) -> None:
    """With its header; of Parquet with its columns; and gzipped nothing is still gzip."""
    query = "select a, b from t where a > 9"
    assert unload(table, "csv header", query, "s3://lake/csv") == 0
    unload(table, "gzip", query, "s3://lake/gzip")
    unload(table, "parquet", query, "s3://lake/parquet")
    assert s3.objects["s3://lake/csv0000_part_00"] == b"a,b\n"
    assert gzip.decompress(s3.objects["s3://lake/gzip0000_part_00.gz"]) == b""
    found = parquet.read_table(io.BytesIO(s3.objects["s3://lake/parquet0000_part_00.parquet"]))
    assert (found.column_names, found.num_rows) == (["a", "b"], 0)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        pytest.param("", {"c=2013-02-08/e=t/0000_part_00": "1\n", "0": "2\n", "f": "3\n"}, id="text"),
        pytest.param(
            "include",
            {"c=2013-02-08/e=t/0000_part_00": "1|2013-02-08|t\n", "0": "2||\n", "f": "3||f\n"},
            id="INCLUDE",
        ),
    ],
)
def test_partitions_are_folders(table: Engine, s3: MemoryS3, options: str, expected: dict[str, str]) -> None:
    """By Hive's convention, and their columns are not in the files unless INCLUDE says so."""
    none = "c=__HIVE_DEFAULT_PARTITION__/e="
    names = {"0": f"{none}__HIVE_DEFAULT_PARTITION__/0000_part_00", "f": f"{none}f/0000_part_00"}
    query = "select a, c, e from t order by a"
    unload(table, f"partition by (c, e) {options}", query, "s3://lake/out/")
    written = {url.removeprefix("s3://lake/out/"): data.decode() for url, data in s3.objects.items()}
    assert written == {names.get(name, name): text for name, text in expected.items()}


def test_values_of_partitions_are_escaped(table: Engine, s3: MemoryS3) -> None:
    """So that a slash in a value is no folder."""
    unload(table, "partition by (b)", "select 1 as a, 'x/y=z' as b", "s3://lake/out")
    assert list(s3.objects) == ["s3://lake/out/b=x%2Fy%3Dz/0000_part_00"]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        pytest.param(
            "select a, b as z from t", 'column "b" of PARTITION BY does not exist', id="no such column"
        ),
        pytest.param("select b from t", "all columns of the query are in PARTITION BY", id="nothing is left"),
    ],
)
def test_partitions_are_checked(table: Engine, s3: MemoryS3, query: str, reason: str) -> None:
    """Before anything is written."""
    with pytest.raises(RedshiftError, match=reason):
        unload(table, "partition by (b)", query)
    assert not s3.objects


def test_a_destination_must_be_empty(table: Engine, s3: MemoryS3) -> None:
    """Unless ALLOWOVERWRITE says so: then files of the same name are written over, and the others stay."""
    s3.objects |= {f"{TO}0000_part_00": b"old", f"{TO}old": b"old"}
    with pytest.raises(
        RedshiftError, match=r"Specified unload destination on S3 is not empty.*ALLOWOVERWRITE"
    ):
        unload(table)
    assert set(s3.objects.values()) == {b"old"}
    unload(table, "allowoverwrite", "select a from t order by a")
    assert s3.objects == {f"{TO}0000_part_00": b"1\n2\n3\n", f"{TO}old": b"old"}


def test_cleanpath_deletes_what_was_there(table: Engine, s3: MemoryS3) -> None:
    """All with the prefix, and nothing else."""
    s3.objects |= {f"{TO}old": b"old", "s3://lake/out/other": b"other"}
    unload(table, "cleanpath", "select a from t order by a")
    assert s3.objects == {f"{TO}0000_part_00": b"1\n2\n3\n", "s3://lake/out/other": b"other"}


def test_cleanpath_of_partitions_deletes_where_new_files_come(table: Engine, s3: MemoryS3) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html, CLEANPATH with PARTITION BY."""
    s3.objects |= {"s3://lake/p/e=t/old": b"old", "s3://lake/p/e=f/old": b"old"}
    unload(table, "cleanpath partition by (e)", "select a, e from t where e", "s3://lake/p/")
    assert s3.objects == {"s3://lake/p/e=t/0000_part_00": b"1\n", "s3://lake/p/e=f/old": b"old"}


def test_a_query_that_fails_cleans_nothing(table: Engine, s3: MemoryS3) -> None:
    """What was there is deleted when the first new file is."""
    s3.objects[f"{TO}old"] = b"old"
    with pytest.raises(RedshiftError):
        unload(table, "cleanpath", "select a / 0 from t union all select b::integer from t where a = 1")
    assert s3.objects == {f"{TO}old": b"old"}


@pytest.mark.parametrize(
    ("options", "has_meta"), [("csv", False), ("csv manifest verbose", True), ("parquet manifest", True)]
)
def test_a_manifest_lists_the_files(table: Engine, s3: MemoryS3, options: str, *, has_meta: bool) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/loading-data-files-using-manifest.html."""
    options = options if "manifest" in options else f"{options} manifest"
    unload(table, options)
    manifest = json.loads(s3.objects[f"{TO}manifest"])
    ((url, data),) = [each for each in s3.objects.items() if not each[0].endswith("manifest")]
    meta = {"content_length": len(data), "record_count": 3}
    assert manifest["entries"] == [{"url": url} | ({"meta": meta} if has_meta else {})]
    if "verbose" in options:
        elements = manifest["schema"]["elements"]
        assert [(each["name"], each["type"]["base"]) for each in elements] == [
            *(("a", "integer"), ("b", "character varying"), ("c", "date"), ("d", "numeric")),
            *(("e", "boolean"), ("f", "double precision")),
        ]
        assert manifest["meta"] == meta


@pytest.mark.parametrize("options", ["parallel off", "parallel off gzip", "parallel off parquet"])
def test_files_are_no_larger_than_maxfilesize(engine: Engine, s3: MemoryS3, options: str) -> None:
    """Parts hold the rows in their order, and each line whole."""
    count = 40_000
    text = [f"{number * 7919 % 2**31:0>9}" * 40 for number in range(count)]  # incompressible enough
    s3.put_rows("s3://lake/in", {"a": list(range(count)), "b": text})
    engine.execute(
        ["create table t (a integer, b varchar(400))", "copy t from 's3://lake/in' format parquet"]
    )
    del s3.objects["s3://lake/in"]
    unload(engine, f"maxfilesize 5 mb {options}", "select a, b from t order by a")
    assert max(map(len, s3.objects.values())) <= 5 * MEGABYTE
    if "parquet" in options:
        found = [pa.concat_tables(parquet.read_table(io.BytesIO(data)) for data in s3.objects.values())]
        assert found[0].column("a").to_pylist() == list(range(count))
        return
    assert "gzip" in options or len(s3.objects) > 1
    data = [gzip.decompress(each) if "gzip" in options else each for each in s3.objects.values()]
    assert all(each.endswith(b"\n") for each in data)
    assert [int(line.partition(b"|")[0]) for line in b"".join(data).splitlines()] == list(range(count))


def test_stl_unload_log_has_a_row_for_each_file(table: Engine) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/r_STL_UNLOAD_LOG.html."""
    unload(table, "partition by (e)", "select a, e from t order by a", "s3://lake/p/")
    (result,) = table.execute(["select * from stl_unload_log order by path"])
    assert result.columns is not None
    assert [column.name for column in result.columns] == [
        *("userid", "query", "slice", "pid", "path", "start_time", "end_time", "line_count", "transfer_size"),
        "file_format",
    ]
    assert [(row[4], row[7], row[8], row[9]) for row in result.rows] == [
        ("s3://lake/p/e=__HIVE_DEFAULT_PARTITION__/0000_part_00", 1, 2, "TEXT"),
        ("s3://lake/p/e=f/0000_part_00", 1, 2, "TEXT"),
        ("s3://lake/p/e=t/0000_part_00", 1, 2, "TEXT"),
    ]


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        pytest.param("delete from t", "UNLOAD takes a query", id="no query"),
        pytest.param("select * from read_csv('/etc/passwd')", "in place of a table", id="a file"),
        pytest.param("select * from nowhere", '"nowhere" does not exist', id="no table"),
        pytest.param("select 1; delete from t", "one statement is expected", id="two statements"),
        pytest.param("select array[1] as a", "not supported by this warehouse", id="what is not supported"),
    ],
)
def test_the_query_goes_through_the_dialect_like_any_other(
    table: Engine, s3: MemoryS3, query: str, reason: str
) -> None:
    """What is refused alone is refused there."""
    with pytest.raises(RedshiftError, match=reason):
        unload(table, query=query)
    assert not s3.objects


def test_no_number_of_json_is_refused(table: Engine) -> None:
    """JSON has no NaN."""
    with pytest.raises(RedshiftError, match="JSON has no NaN"):
        unload(table, "json", "select 'NaN'::double precision as a")


class BrokenS3(MemoryS3):
    """One that takes nothing."""

    def upload_fileobj(self, *_: object) -> None:
        """Refuse."""
        raise ClientError({"Error": {"Code": "AccessDenied"}}, "PutObject")


def test_a_file_that_cannot_be_written_is_told(tmp_path: Any) -> None:
    """With its name."""
    engine = Engine(tmp_path / "w", BrokenS3())
    with pytest.raises(
        RedshiftError, match=r"`s3://lake/out/t_0000_part_00` cannot be written.*AccessDenied"
    ):
        unload(engine, query="select 1 as a")
    engine.close()
