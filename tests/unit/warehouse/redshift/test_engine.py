"""The engine: Redshift's meaning on DuckDB, whole transactions, and refusals by name."""

import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pyarrow as pa
import pytest
from botocore.exceptions import ClientError
from pyarrow import parquet

from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import NotSupportedError, RedshiftError


class MemoryS3:
    """S3's side of a COPY."""

    def __init__(self) -> None:
        """Hold nothing."""
        self.objects: dict[str, bytes] = {}

    def get_object(self, *, Bucket: str, Key: str) -> Any:  # noqa: N803  # AWS's names
        """Return an object."""
        try:
            return {"Body": io.BytesIO(self.objects[f"s3://{Bucket}/{Key}"])}
        except KeyError:
            raise ClientError({"Error": {"Code": "NoSuchKey"}}, "GetObject") from None

    def put_rows(self, url: str, columns: dict[str, Any]) -> dict[str, Any]:
        """Write a Parquet file and return its manifest entry."""
        sink = io.BytesIO()
        parquet.write_table(pa.table(columns), sink)
        self.objects[url] = sink.getvalue()
        return {"url": url, "mandatory": True, "meta": {"content_length": len(sink.getvalue())}}

    def put_manifest(self, *entries: dict[str, Any]) -> None:
        """Write the manifest that the tests copy from."""
        self.objects["s3://lake/m"] = json.dumps({"entries": entries}).encode()


COPY = "copy t from 's3://lake/m' iam_role default manifest format as parquet"


@pytest.fixture
def s3() -> MemoryS3:
    """Give an empty S3."""
    return MemoryS3()


@pytest.fixture
def engine(tmp_path: Path, s3: MemoryS3) -> Iterator[Engine]:
    """Give an empty warehouse."""
    engine = Engine(tmp_path / "warehouse.duckdb", s3)
    yield engine
    engine.close()


def query(engine: Engine, sql: str) -> list[tuple[Any, ...]]:
    """Run one query."""
    return engine.execute([sql])[0].rows


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param("select 5 / 2", 2, id="integers divide towards zero"),
        pytest.param("select -7 / 2", -3, id="negative integers too"),
        pytest.param("select a / b from (select 7 as a, 2 as b) as x", 3, id="integer columns too"),
        pytest.param("select 5.0 / 2", 2.5, id="decimals do not"),
        pytest.param("select 1::double precision / 4", 0.25, id="doubles do not"),
        pytest.param("select greatest(null, 1)", 1, id="greatest ignores nulls"),
        pytest.param("select nvl(null, 'x')", "x", id="nvl"),
        pytest.param("select len('abc')", 3, id="len"),
        pytest.param(
            "select convert_timezone('UTC', 'America/New_York', '2013-02-09 03:30:00'::timestamp)",
            datetime(2013, 2, 8, 22, 30),
            id="convert_timezone",
        ),
        pytest.param(
            "select date_trunc('hour', '2013-02-09 03:30:00'::timestamp)", datetime(2013, 2, 9, 3), id="trunc"
        ),
        pytest.param("select count(*) from (select 1 union all select 1) as x", 2, id="union all"),
    ],
)
def test_it_means_what_redshift_means(engine: Engine, sql: str, expected: Any) -> None:
    """AWS, Amazon Redshift Database Developer Guide, "SQL reference"."""
    assert query(engine, sql) == [(expected,)]


@pytest.mark.parametrize(
    ("sql", "feature"),
    [
        pytest.param("select listagg(x) from t", "LISTAGG", id="a function that is translated wrongly"),
        pytest.param("select to_char(getdate(), 'Mon')", "TO_CHAR", id="formats"),
        pytest.param("select my_udf(1)", "function MY_UDF", id="an unknown function"),
        pytest.param("select * from read_csv('/etc/passwd')", "READ_CSV", id="a local file"),
        pytest.param(
            "select * from '/etc/passwd'", "schema|in place of a table|cannot|does not exist", id="a path"
        ),
        pytest.param("vacuum", "VACUUM", id="vacuum"),
        pytest.param("attach 'x' as y", "syntax error", id="DuckDB's own statements"),
        pytest.param("begin", "BEGIN", id="a transaction of one's own"),
        pytest.param("create table t (a integer identity(1, 1))", "column with", id="identity"),
        pytest.param(
            "create materialized view v as select 1", "CREATE VIEW with MATERIALIZED", id="materialized view"
        ),
        pytest.param("copy t from 's3://b/k' iam_role default csv", "COPY with CSV", id="copy of text"),
        pytest.param(
            "copy t from '/etc/passwd' format parquet", "only from s3://", id="copy of a local file"
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_name(engine: Engine, sql: str, feature: str) -> None:
    """And nothing is passed on in the hope that it means the same."""
    with pytest.raises(RedshiftError, match=feature):
        engine.execute([sql])


@pytest.mark.parametrize("sql", ["selec 1", "select 1; select 2", "", "select * from nowhere"])
def test_bad_statements_are_errors(engine: Engine, sql: str) -> None:
    """One clear error each."""
    with pytest.raises(RedshiftError):
        engine.execute([sql])


def test_a_call_is_one_transaction(engine: Engine) -> None:
    """A failing third statement leaves nothing of the first two."""
    engine.execute(["create table t (a integer)"])
    with pytest.raises(RedshiftError):
        engine.execute(["insert into t values (1)", "create table u (a integer)", "select * from nowhere"])
    assert query(engine, "select count(*) from t") == [(0,)]
    with pytest.raises(RedshiftError, match="u does not exist"):
        query(engine, "select * from u")


def test_keys_are_recorded_and_not_enforced_and_lengths_are(engine: Engine) -> None:
    """As on Redshift: a primary key is a hint; varchar(3) holds three bytes, not three characters."""
    engine.execute(["create table t (a varchar(3) primary key) diststyle all sortkey (a)"])
    engine.execute(["insert into t values ('abc'), ('abc')"])
    assert query(engine, "select * from t") == [("abc",), ("abc",)]
    with pytest.raises(RedshiftError, match=r"value too long for the type of `a`, character varying\(3\)"):
        engine.execute(["insert into t values ('äö')"])
    assert query(engine, "select diststyle, sortkey1 from svv_table_info where \"table\" = 't'") == [
        ("ALL", "a")
    ]


def test_merge_updates_and_inserts_and_refuses_two_sources_for_one_target(engine: Engine) -> None:
    """AWS, "MERGE": the source may not match a target row twice."""
    engine.execute(["create table t (a integer, b integer)", "insert into t values (1, 10), (2, 20)"])
    merge = (
        "merge into t using s on t.a = s.a when matched then update set b = s.b "
        "when not matched then insert (a, b) values (s.a, s.b)"
    )
    engine.execute(["create temp table s as select 2 as a, 21 as b union all select 3, 30", merge])
    assert query(engine, "select * from t order by a") == [(1, 10), (2, 21), (3, 30)]
    with pytest.raises(RedshiftError, match="multiple matches to update the same tuple"):
        engine.execute(["create temp table s as select 2 as a, 1 as b union all select 2, 2", merge])
    assert query(engine, "select b from t where a = 2") == [(21,)]


def test_temporary_tables_of_two_calls_do_not_meet(engine: Engine) -> None:
    """Each call is a session of its own."""
    for number in (1, 2):
        results = engine.execute([f"create temp table s as select {number} as a", "select a from s"])
        assert results[1].rows == [(number,)]
    with pytest.raises(RedshiftError, match="s does not exist"):
        query(engine, "select * from s")


def test_a_lock_lets_the_next_one_see_what_the_last_one_wrote(engine: Engine) -> None:
    """Eight at once each add one to what they find: none is lost."""
    engine.execute(["create table t (a integer)", "insert into t values (0)"])
    ready = Event()

    def add_one() -> None:
        ready.wait()
        engine.execute(["lock t", "update t set a = a + 1"])

    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(add_one) for _ in range(8)]
        ready.set()
        for each in done:
            each.result()
    assert query(engine, "select a from t") == [(8,)]


def test_copy_reads_the_files_of_a_manifest(engine: Engine, s3: MemoryS3) -> None:
    """By position, with times that carry a zone stored as UTC."""
    noon = datetime(2013, 2, 8, 12, tzinfo=UTC)
    engine.execute(["create table t (a integer, b timestamp)"])
    entries = [s3.put_rows(f"s3://lake/{n}", {"x": pa.array([n], pa.int64()), "y": [noon]}) for n in (1, 2)]
    s3.put_manifest(*entries)
    engine.execute([COPY])
    assert query(engine, "select * from t order by a") == [(n, noon.replace(tzinfo=None)) for n in (1, 2)]


@pytest.mark.parametrize(
    ("columns", "change", "reason"),
    [
        pytest.param({"x": [1]}, {}, "has 1 columns, and the table takes 2", id="a column too few"),
        pytest.param({"x": ["1"], "y": ["s"]}, {}, "column `x` is of type text", id="another type"),
        pytest.param({"x": [1], "y": ["long"]}, {}, "value too long", id="too long a text"),
        pytest.param(
            {"x": [1], "y": ["s"]},
            {"meta": {"content_length": 1}},
            "the manifest says 1",
            id="another length",
        ),
        pytest.param(
            {"x": [1], "y": ["s"]}, {"url": "s3://lake/no"}, "cannot read `s3://lake/no`", id="missing"
        ),
        pytest.param({"x": [1], "y": ["s"]}, {"meta": {}}, "lacks meta.content_length", id="no length"),
    ],
)
def test_a_copy_that_fails_leaves_nothing_but_its_reason(
    engine: Engine, s3: MemoryS3, columns: dict[str, Any], change: dict[str, Any], reason: str
) -> None:
    """The first file of the two is fine: it is rolled back too."""
    engine.execute(["create table t (a integer, b varchar(3))"])
    fine = s3.put_rows("s3://lake/fine", {"x": [1], "y": ["ok"]})
    s3.put_manifest(fine, s3.put_rows("s3://lake/bad", columns) | change)
    with pytest.raises(RedshiftError, match=reason):
        engine.execute([COPY])
    assert query(engine, "select count(*) from t") == [(0,)]
    ((told,),) = query(engine, "select err_reason from stl_load_errors")
    assert reason in told


def test_a_file_that_is_not_mandatory_may_be_missing(engine: Engine, s3: MemoryS3) -> None:
    """As the manifest says."""
    engine.execute(["create table t (a integer)"])
    missing = {"url": "s3://lake/no", "mandatory": False, "meta": {"content_length": 1}}
    s3.put_manifest(s3.put_rows("s3://lake/fine", {"x": [1]}), missing)
    engine.execute([COPY])
    assert query(engine, "select a from t") == [(1,)]


def test_a_refusal_names_the_feature() -> None:
    """And says that nothing was done."""
    assert (
        str(NotSupportedError("LISTAGG")) == "not supported by this warehouse, and nothing was done: LISTAGG"
    )
