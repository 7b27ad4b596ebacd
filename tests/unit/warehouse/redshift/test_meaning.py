"""Golden SQL: what statements mean on Redshift, by its documentation, and what they give here."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from warehouse.redshift.dialect.translate import translate
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


def cell(engine: Engine, sql: str) -> tuple[str, Any]:
    """Return type and value of the one cell of a result."""
    (result,) = engine.execute([sql])
    assert result.columns is not None
    ((_, kind),) = result.columns
    ((value,),) = result.rows
    return kind, value


@pytest.mark.parametrize(
    ("expression", "kind", "expected"),
    [
        pytest.param("5 / 2", "int4", 2, id="integers divide towards zero"),
        pytest.param("-7 / 2", "int4", -3, id="negative integers too"),
        pytest.param("max(i) / max(b) from t", "int8", 2, id="integer columns too"),
        pytest.param("2 * max(i) / 4 * 4 from t", "int4", 12, id="from the left to the right"),
        pytest.param("9007199254740993 / 1", "int8", 9007199254740993, id="large integers keep every digit"),
        pytest.param("5.0 / 2", "float8", 2.5, id="decimals do not"),
        pytest.param("1::double precision / 4", "float8", 0.25, id="doubles do not"),
        pytest.param("avg(x) from (select 1 as x union all select 2) as y", "int8", 1, id="mean of integers"),
        pytest.param("avg(d) from t", "float8", 1.5, id="mean of doubles"),
        pytest.param("avg(i) over () from t limit 1", "int8", 7, id="mean over a window"),
        pytest.param("avg(i) from t where false", "int8", None, id="mean of nothing"),
        pytest.param("sum(i)::bigint from t", "int8", 7, id="sum"),
        pytest.param("sum(b) from t", "numeric", 5, id="a sum of bigint is numeric"),
        pytest.param("1.7::decimal", "numeric", Decimal(2), id="decimal has no scale unless it says"),
        pytest.param("1.75::decimal(4, 1)", "numeric", Decimal("1.8"), id="decimal with a scale"),
        pytest.param("1::float", "float8", 1.0, id="float is double precision"),
        pytest.param("-7 % 3", "int4", -1, id="remainder"),
        pytest.param("2 ^ 3", "float8", 8.0, id="power"),
        pytest.param("round(2.5)::integer", "int4", 3, id="round"),
        pytest.param("greatest(null, 1)", "int4", 1, id="greatest ignores nulls"),
        pytest.param("nvl(null, 'x')", "varchar", "x", id="nvl"),
        pytest.param("nvl2(null, 1, 2)", "int4", 2, id="nvl2"),
        pytest.param("decode(2, 1, 'a', 2, 'b', 'c')", "varchar", "b", id="decode"),
        pytest.param("decode(null, null, 'a', 'b')", "varchar", "a", id="decode takes nulls for equal"),
        pytest.param("len('aö')", "int8", 2, id="len counts characters"),
        pytest.param("concat('a', null)", "varchar", None, id="a text and nothing is nothing"),
        pytest.param("'a' || 1", "varchar", "a1", id="a text and a number"),
        pytest.param("'abcdef'::varchar(3)", "varchar", "abc", id="a cast cuts"),
        pytest.param("'aöö'::varchar(4)", "varchar", "aö", id="a cast cuts bytes, not within characters"),
        pytest.param("12345::varchar(3)", "varchar", "123", id="a cast cuts numbers"),
        pytest.param("1.50::varchar", "varchar", "1.50", id="decimals as text"),
        pytest.param("ts::varchar from t limit 1", "varchar", "2013-02-08 01:02:03", id="times as text"),
        pytest.param("substring('abc', 0, 2)", "varchar", "a", id="a start before the text"),
        pytest.param("substring('abc', -1, 3)", "varchar", "a", id="a start further before it"),
        pytest.param("substring('abc', 2)", "varchar", "bc", id="a start within it"),
        pytest.param(r"'a_b' like 'a\\_b'", "bool", True, id="a backslash escapes"),
        pytest.param(r"'axb' like 'a\\_b'", "bool", False, id="and what it escapes is no pattern"),
        pytest.param(r"'axb' not like 'a\\_b'", "bool", True, id="not like escapes too"),
        pytest.param("'ABC' ilike 'a%'", "bool", True, id="ilike"),
        pytest.param(r"'a\nb'", "varchar", "a\nb", id="escapes in a text"),
        pytest.param("'it''s'", "varchar", "it's", id="a quote in a text"),
        pytest.param(
            "listagg(x) within group (order by x) from (select 'b' as x union select 'a') as y",
            "varchar",
            "ab",
            id="listagg puts nothing between",
        ),
        pytest.param(
            "listagg(x, ', ') within group (order by x desc) from (select 'b' as x union select 'a') as y",
            "varchar",
            "b, a",
            id="listagg puts between what it is told",
        ),
        pytest.param(
            "convert_timezone('UTC', 'America/New_York', '2013-02-09 03:30:00'::timestamp)",
            "timestamp",
            datetime(2013, 2, 8, 22, 30),
            id="convert_timezone",
        ),
        pytest.param(
            "convert_timezone('America/New_York', '2013-07-01 12:00:00'::timestamp)",
            "timestamp",
            datetime(2013, 7, 1, 8),
            id="convert_timezone from UTC",
        ),
        pytest.param(
            "convert_timezone('America/New_York', 'UTC', '2013-07-01 08:00:00'::timestamp)",
            "timestamp",
            datetime(2013, 7, 1, 12),
            id="convert_timezone to UTC",
        ),
        pytest.param(
            "date_trunc('hour', max(ts)) from t", "timestamp", datetime(2013, 2, 8, 1), id="date_trunc"
        ),
        pytest.param(
            "date_trunc('week', date '2013-02-10')",
            "timestamp",
            datetime(2013, 2, 4),
            id="weeks begin on Monday",
        ),
        pytest.param("extract(dow from date '2013-02-10')", "int8", 0, id="Sunday is 0"),
        pytest.param(
            "dateadd(month, 1, timestamp '2013-01-31 00:00:00')",
            "timestamp",
            datetime(2013, 2, 28),
            id="dateadd",
        ),
        pytest.param(
            "datediff(hour, timestamp '2013-01-01 00:59:00', timestamp '2013-01-01 02:00:00')",
            "int8",
            2,
            id="datediff counts boundaries",
        ),
        pytest.param("date '2013-02-08' - date '2013-02-01'", "int8", 7, id="days between dates"),
        pytest.param("date '2013-02-08' + 1", "date", date(2013, 2, 9), id="a day later"),
        pytest.param("i from t order by i desc limit 1", "int4", None, id="nulls are the largest"),
        pytest.param(
            "first_value(i) over (order by i desc rows unbounded preceding) from t limit 1",
            "int4",
            None,
            id="in windows too",
        ),
        pytest.param("top 1 b from t order by b", "int8", 2, id="top"),
        pytest.param("T.I from public.T where B = 2", "int4", 7, id="names in any case, and their schema"),
        pytest.param(
            "count(*) from (select b from t minus select 2::bigint) as x", "int8", 1, id="minus is except"
        ),
    ],
)
def test_it_means_what_redshift_means(table: Engine, expression: str, kind: str, expected: Any) -> None:
    """AWS, Amazon Redshift Database Developer Guide, "SQL reference"; type and value."""
    assert cell(table, f"select {expression}") == (kind, expected)


@pytest.mark.parametrize(
    ("sql", "labels"),
    [
        pytest.param("select count(*), sum(b) from t", ["count", "sum"], id="functions"),
        pytest.param("select I, S as Name from t", ["i", "name"], id="lower case"),
        pytest.param("select ts::date, 1::bigint, 1 + 1 from t", ["ts", "int8", "?column?"], id="casts"),
        pytest.param("select row_number() over (order by b) from t", ["row_number"], id="windows"),
        pytest.param("select case when true then 1 end, coalesce(1)", ["case", "coalesce"], id="case"),
        pytest.param("select max(i) from t union all select 1", ["max"], id="the first of a union"),
    ],
)
def test_columns_are_called_what_redshift_calls_them(table: Engine, sql: str, labels: list[str]) -> None:
    """Where they have no alias."""
    (result,) = table.execute([sql])
    assert result.columns is not None
    assert [name for name, _ in result.columns] == labels


def test_getdate_is_the_start_of_the_statement_and_sysdate_of_the_transaction(engine: Engine) -> None:
    """The first moves on within a batch, the second does not."""
    both = "select getdate(), sysdate"
    (now, begun), (later, still_begun) = (result.rows[0] for result in engine.execute([both, both]))
    assert begun <= now < later
    assert begun == still_begun


@pytest.mark.parametrize(
    ("sql", "feature"),
    [
        pytest.param("select to_char(getdate(), 'Mon')", "function TO_CHAR", id="formats"),
        pytest.param("select my_udf(1)", "function MY_UDF", id="an unknown function"),
        pytest.param("select millrace_text(1)", "function MILLRACE_TEXT", id="a function of our own"),
        pytest.param("select add_months(getdate(), 1)", "function ADD_MONTHS", id="taken for another"),
        pytest.param("select now()", "function NOW", id="taken for getdate"),
        pytest.param("select listagg(distinct s, ',') from t", "LISTAGG of DISTINCT", id="listagg distinct"),
        pytest.param("select concat('a', 'b', 'c')", "CONCAT of other", id="concat of three"),
        pytest.param("select datediff(week, ts, ts) from t", "WEEK in function DATEDIFF", id="weeks between"),
        pytest.param("select extract(epoch from ts) from t", "EPOCH in function EXTRACT", id="epoch"),
        pytest.param("select convert_timezone('EST', ts) from t", "time zone `EST`", id="a short zone"),
        pytest.param("select 'a' similar to 'a%'", "SIMILAR TO", id="similar to"),
        pytest.param("select 'a' ~ 'a'", "REGEXP LIKE", id="regular expressions"),
        pytest.param("select 'a'::char(3)", r"type CHAR\(3\)", id="blank padding"),
        pytest.param("select d::varchar from t", "DOUBLE as text", id="doubles as text"),
        pytest.param("select true || 'x'", "BOOLEAN as text", id="booleans as text"),
        pytest.param("select '1 day'::interval", "type INTERVAL", id="intervals"),
        pytest.param("select max(i, 2) from t", "EXPRESSIONS in function", id="DuckDB's second argument"),
        pytest.param("select * from t a, t b where a.i = b.i (+)", r"JOIN MARK in COLUMN", id="the (+) join"),
        pytest.param("select a.b.c from t", "navigation of SUPER", id="navigation of SUPER"),
        pytest.param("select [1, 2]", "ARRAY", id="lists"),
        pytest.param("select * from t group by all", "ALL in GROUP", id="group by all"),
        pytest.param("select * exclude (i) from t", "EXCEPT in STAR", id="star but one"),
        pytest.param("select distinct on (i) i from t", "ON in DISTINCT", id="distinct on"),
        pytest.param("select * from (values (1)) as x(a)", "VALUES in place of a table", id="values"),
        pytest.param("select * from t asof join t as u on t.b > u.b", "METHOD in JOIN", id="asof join"),
        pytest.param("select * from t tablesample (10)", "SAMPLE in TABLE", id="samples"),
        pytest.param("select i into u from t", "INTO in SELECT", id="select into"),
        pytest.param("select i from t except all select 1", "EXCEPT ALL", id="except all"),
        pytest.param("select * from read_csv('/etc/passwd')", "READ_CSV.* in place of a table", id="a file"),
        pytest.param("select * from duckdb_tables", "system table duckdb_tables", id="DuckDB's catalogue"),
        pytest.param("select * from #t", "#t; a temporary table", id="a # table"),
        pytest.param("insert into t (i) values (1) returning i", "RETURNING in INSERT", id="returning"),
        pytest.param("insert into t (i) values (1) on conflict do nothing", "CONFLICT", id="on conflict"),
        pytest.param("vacuum", "VACUUM statements", id="vacuum"),
        pytest.param("attach 'x' as y", "ATTACH statements", id="DuckDB's own statements"),
        pytest.param("set x = 1", "SET statements", id="settings"),
        pytest.param("pragma database_list", "PRAGMA statements", id="pragmas"),
        pytest.param("from t", "FROM statements", id="from first"),
        pytest.param("begin", "BEGIN: a statement is a transaction", id="a transaction of one's own"),
        pytest.param("commit", "COMMIT: a statement is a transaction", id="its end"),
        pytest.param("rollback", "ROLLBACK: a statement is a transaction", id="its other end"),
        pytest.param("create schema s", "CREATE SCHEMA", id="schemas"),
        pytest.param("create or replace table t (a integer)", "CREATE OR REPLACE TABLE", id="or replace"),
        pytest.param("create table u (a integer identity(1, 1))", "IDENTITY", id="identity"),
        pytest.param("create table u (a super)", "type SUPER", id="super"),
        pytest.param("create table u (a varchar(65536))", r"VARCHAR\(65536\)", id="too long a text"),
        pytest.param("create table u (a integer, like t)", "LIKE beside columns", id="like beside columns"),
        pytest.param("create table u (like t including defaults)", "EXPRESSIONS in LIKE", id="with defaults"),
        pytest.param("create table u (a integer) interleaved sortkey (a)", "INTERLEAVED", id="interleaved"),
        pytest.param("create materialized view v as select 1", "MATERIALIZED", id="materialized view"),
        pytest.param(
            "create view v as select 1 with no schema binding", "NO SCHEMA BINDING", id="late binding"
        ),
        pytest.param("drop table t, u", "DROP of more than one", id="two at once"),
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
        pytest.param("copy t from 's3://b/k' iam_role default csv", "COPY with CSV", id="copy of text"),
        pytest.param("copy t from 's3://b/k' iam_role default", "COPY of text", id="copy of no format"),
        pytest.param("copy t from 's3://b/k' format orc", "COPY of format ORC", id="copy of another format"),
        pytest.param(
            "copy t from 's3://b/k' format parquet fillrecord", "COPY with FILLRECORD", id="another option"
        ),
        pytest.param(
            "copy t from '/etc/passwd' format parquet", "only from s3://", id="copy of a local file"
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_name(table: Engine, sql: str, feature: str) -> None:
    """And nothing is passed on in the hope that it means the same."""
    with pytest.raises(RedshiftError, match=f"not supported by this warehouse.*{feature}"):
        table.execute([sql])


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
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
        pytest.param("select 'x'::integer", "Could not convert string 'x'", id="no number"),
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
        pytest.param("select 1", {"a": "1"}, "does not use parameter `a`", id="unused"),
        pytest.param("lock t", {"a": "1"}, "LOCK takes no parameters", id="of a lock"),
    ],
)
def test_parameters_fit_their_statement(sql: str, parameters: dict[str, str], reason: str) -> None:
    """One that is missing, or that nothing uses, is an error."""
    with pytest.raises(ParameterError, match=reason):
        translate(sql, parameters)
