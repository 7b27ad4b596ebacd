"""What is refused, what is an error, and parameters; what statements mean is in the golden cases."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import ParameterError, RedshiftError


@pytest.fixture
def table(engine: Engine) -> Engine:
    """Give a warehouse with a table of every type, of two rows, the second one nothing but nulls and a 3."""
    engine.execute(
        [
            "create table t (i integer, b bigint, d double precision, s varchar(10), ts timestamp)",
            "insert into t values (7, 2, 1.5, 'abc', '2013-02-08 01:02:03'), (null, 3, null, null, null)",
        ]
    )
    return engine


def test_getdate_is_the_start_of_the_statement_and_sysdate_of_the_transaction(engine: Engine) -> None:
    """The first moves on within a batch, the second does not."""
    both = "select getdate(), sysdate"
    (now, begun), (later, still_begun) = (result.rows[0] for result in engine.execute([both, both]))
    assert begun - timedelta(seconds=1) < now <= later
    assert begun == still_begun


@pytest.mark.parametrize(
    "sql",
    [
        pytest.param("select s, i from t", id="a table"),
        pytest.param("select s, i from v", id="a view"),
        pytest.param("select s, i from (select * from t)", id="a subquery"),
        pytest.param(
            "with q as (select s, i from t) select * from q union all select * from q", id="a union"
        ),
    ],
)
def test_a_result_knows_the_lengths_of_its_texts(table: Engine, sql: str) -> None:
    """AWS, "Character types": VARCHAR(10) stays one wherever the column is only named."""
    table.execute(["create view v as select * from t"])
    (result,) = table.execute([sql])
    assert [column.precision for column in result.columns or ()] == [10, 0]


@pytest.mark.parametrize(
    ("sql", "feature"),
    [
        pytest.param("select my_udf(1)", "function MY_UDF", id="an unknown function"),
        pytest.param("select millrace_text(1)", "function MILLRACE_TEXT", id="a function of our own"),
        pytest.param("select now()", "function NOW", id="taken for getdate"),
        pytest.param("select [1, 2]", "ARRAY", id="lists"),
        pytest.param("select * from t asof join t as u on t.b > u.b", "ASOF JOIN", id="asof join"),
        pytest.param("select * from read_csv('/etc/passwd')", "READ_CSV.* in place of a table", id="a file"),
        pytest.param("select * from duckdb_tables", "system table duckdb_tables", id="DuckDB's catalogue"),
        pytest.param("attach 'x' as y", "ATTACH X", id="DuckDB's own statements"),
        pytest.param("set x = 1", "SET x", id="settings"),
        pytest.param("pragma database_list", "PRAGMA statements", id="pragmas"),
        pytest.param("from t", "FROM statements", id="from first"),
        pytest.param("begin", "BEGIN: a statement is a transaction", id="a transaction of one's own"),
        pytest.param("commit", "COMMIT: a statement is a transaction", id="its end"),
        pytest.param("rollback", "ROLLBACK: a statement is a transaction", id="its other end"),
        pytest.param("create or replace table t (a integer)", "CREATE OR REPLACE TABLE", id="or replace"),
        pytest.param(
            "merge into t using (select 1 as i) as s on t.i = s.i when matched then delete "
            "when not matched then insert (i) values (s.i)",
            "MERGE from a query",
            id="merge from a query",
        ),
        pytest.param(
            "merge into t using u on t.i = u.i when matched and u.i > 2 then delete "
            "when not matched then insert (i) values (u.i)",
            "CONDITION in WHEN",
            id="merge on a condition",
        ),
        pytest.param("copy t from 's3://b/k' format orc", "COPY of format ORC", id="copy of another format"),
        pytest.param("copy t from '/etc/passwd' format parquet", "only s3://", id="copy of a local file"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(table: Engine, sql: str, feature: str) -> None:
    """And nothing is passed on in the hope that it means the same."""
    with pytest.raises(RedshiftError, match=f"not supported by this warehouse.*{feature}"):
        table.execute([sql])


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        pytest.param("select max(i, 2) from t", "function max does not exist with 2", id="DuckDB's argument"),
        pytest.param("selec 1", "SELEC statements", id="no word"),
        pytest.param("select 1; select 2", "one statement is expected", id="two statements"),
        pytest.param(" -- nothing\n;", "there is no statement", id="no statement"),
        pytest.param("select 'a", "syntax error", id="an open quote"),
        pytest.param("select from where", "syntax error", id="no expression"),
        pytest.param("select * from nowhere", 'relation "nowhere" does not exist', id="no such table"),
        pytest.param("select x from t", 'column "x" does not exist', id="no such column"),
        pytest.param("select t.x from t", 'column "x" does not exist in t', id="no such column of a table"),
        pytest.param("select * from s.t", 'schema "s" does not exist', id="no such schema"),
        pytest.param("select * from '/etc/passwd'", 'relation "/etc/passwd" does not exist', id="a path"),
        pytest.param("select i / 0 from t", "division by zero", id="division by zero"),
        pytest.param("select d / 0 from t", "division by zero", id="of doubles too"),
        pytest.param("select 'x'::integer", "invalid input syntax for integer", id="no number"),
        pytest.param("create table t (a integer)", 'relation "t" already exists', id="a table that is there"),
        pytest.param("create table u as select interval '1 day' as a", "cast it", id="a type that is not"),
        pytest.param("select interval '1 day' as a", "`a` of the result", id="a result that is not"),
        pytest.param("delete from stl_load_errors", "permission denied", id="a table of the system"),
        pytest.param("drop table svv_table_info", "permission denied", id="dropping it"),
        pytest.param("create table pg_tables (a integer)", "permission denied", id="replacing it"),
        pytest.param(
            "copy stl_load_errors from 's3://b/k' format parquet", "permission denied", id="loading it"
        ),
        pytest.param("lock nowhere", 'relation "nowhere" does not exist', id="a lock of nothing"),
        pytest.param("lock t in exclusive mode", 'syntax error at or near "in"', id="a lock with a mode"),
        pytest.param("lock", "syntax error at end of input", id="a lock without a table"),
        pytest.param("copy nowhere from 's3://lake/m' format parquet", '"nowhere" does not', id="copy to it"),
        pytest.param("copy t (x) from 's3://lake/m' format parquet", 'column "x" of', id="to its column"),
        pytest.param("copy t from 's3://' format parquet", "must name a bucket and a key", id="no bucket"),
        pytest.param("copy t from 's3://b/k' iam_role 'me' format parquet", "IAM_ROLE must be", id="no role"),
        pytest.param("copy t 's3://b/k'", 'syntax error at or near "s3://b/k"', id="copy without from"),
        pytest.param("create table u (a integer) diststyle some", "DISTSTYLE must be", id="no such style"),
        pytest.param(
            "create table u (a integer, b integer) distkey (a, b)", "takes one column", id="two keys"
        ),
        pytest.param(
            "merge into t using u on t.i = u.i when matched then delete",
            "MERGE must have WHEN MATCHED and then",
            id="merge of one case",
        ),
        pytest.param(
            "merge into t as x using u on x.i = u.i when matched then delete "
            "when not matched then insert (i) values (u.i)",
            "the target of a MERGE has no alias",
            id="merge with an alias",
        ),
    ],
)
def test_bad_statements_are_errors(table: Engine, sql: str, reason: str) -> None:
    """One clear line each."""
    with pytest.raises(RedshiftError, match=reason) as caught:
        table.execute([sql])
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("sql", "parameters", "expected"),
    [
        pytest.param("select b from t where i = :i", {"i": "7"}, [(2,)], id="a number"),
        pytest.param("select i from t where ts < :at", {"at": "2014-01-01"}, [(7,)], id="a time"),
        pytest.param("select :a::integer + 1", {"a": "1"}, [(2,)], id="a cast"),
        pytest.param("select count(*) from t where s = :s", {"s": "' or 1 = 1 --"}, [(0,)], id="a quote"),
        pytest.param("select b from t order by b limit :n", {"n": "1"}, [(2,)], id="a limit"),
        pytest.param("select ':a', :a || :a", {"a": "x"}, [(":a", "xx")], id="twice, and never in a text"),
    ],
)
def test_parameters_are_values_and_never_sql(
    table: Engine, sql: str, parameters: dict[str, str], expected: list[tuple[Any, ...]]
) -> None:
    """Texts without a type, as the Data API sends them."""
    (result,) = table.execute([sql], parameters)
    assert result.rows == expected


@pytest.mark.parametrize(
    ("sql", "parameters", "reason"),
    [
        pytest.param("select :a", {}, "no value for parameter `:a`", id="missing"),
        pytest.param("select 1", {"a": "1"}, "no statement uses parameter `a`", id="unused"),
        pytest.param("lock t", {"a": "1"}, "no statement uses parameter `a`", id="of a lock"),
    ],
)
def test_parameters_fit_their_statement(
    table: Engine, sql: str, parameters: Mapping[str, str], reason: str
) -> None:
    """One that is missing, or that nothing uses, is an error."""
    with pytest.raises(ParameterError, match=reason):
        table.execute([sql], parameters)
