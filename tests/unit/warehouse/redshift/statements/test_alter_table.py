"""ALTER TABLE: names, columns, rows that move, and what is only recorded."""

import pytest

from tests.unit.warehouse.redshift.statements.client import Client

LAYOUT = "select diststyle, sort_style from _system.tables where \"table\" = 't'"
KEYS = 'select "column" from _system.columns where "table" = \'t\' and {} order by sortkey'


@pytest.fixture
def filled(client: Client) -> Client:
    """Give a table of one row."""
    client.run(
        "create table t (a integer, b varchar(3), c date)", "insert into t values (1, 'abc', '2026-01-02')"
    )
    return client


def test_a_column_that_comes_has_its_default(filled: Client) -> None:
    """In the rows that are there; its length and its NOT NULL are enforced."""
    filled.run(
        "alter table t add column d varchar(2) default 'x' not null",
        "alter table t add e integer default 2 + 3 not null",
    )
    filled.run("alter table t add column f varchar(9)")
    assert filled.rows("select a, b, d, e, f from t") == [(1, "abc", "x", 5, None)]
    filled.fails("insert into t (d) values ('xyz')", "22001", "type character varying(2)")
    filled.fails("insert into t (e) values (null)", "23502")
    filled.fails("insert into t (b) values ('abcd')", "22001")
    filled.fails("alter table t add column d integer", "42701", '"d" of relation "t" already exists')
    filled.fails("alter table t add column g integer not null", "42601", "non-null default")
    filled.fails("alter table t add column g integer identity(1, 1)", "0A000", "IDENTITY")
    filled.fails("alter table t add column g integer distkey", "0A000", "with a key")
    filled.fails("alter table nowhere add column g integer", "42P01")


def test_columns_go_and_get_other_names(filled: Client) -> None:
    """Comments, grants and keys go with them, or follow."""
    filled.run(
        "create user ann password disable",
        "comment on column t.b is 'why'",
        "grant select (b) on t to ann",
        "alter table t add constraint k unique (b)",
        "alter table t alter distkey b",
        "alter table t rename b to bee",
    )
    assert filled.rows("select bee from t") == [("abc",)]
    for sql in (
        'select "column" from _system.comments',
        'select "column" from _system.grants',
        "select columns[1] from _system.constraints",
        KEYS.format("is_distkey"),
    ):
        assert filled.record(sql) == [("bee",)]
    assert filled.record(LAYOUT) == [("KEY(bee)", "")]
    filled.fails("alter table t drop column bee", "2BP01", 'cannot drop distkey column "bee"')
    filled.run("alter table t alter diststyle even", "alter table t drop column bee")
    assert filled.rows("select * from t") == filled.rows("select a, c from t")
    assert filled.record("from _system.comments") == filled.record("from _system.grants") == []
    assert filled.record("select position from _system.columns order by 1") == [(1,), (2,)]
    filled.fails("alter table t rename column a to c", "42701")
    filled.fails("alter table t rename column x to y", "42703")
    filled.fails("alter table t drop column x", "42703")


def test_only_the_length_of_a_varchar_can_be_altered(filled: Client) -> None:
    """AWS, "ALTER TABLE": and not in a transaction block, nor below what is there."""
    filled.run("alter table t alter column b type varchar(5)", "insert into t (b) values ('abcde')")
    filled.fails("insert into t (b) values ('abcdef')", "22001", "varying(5)")
    filled.fails("alter table t alter column b type varchar(4)", "22001", "varying(4)")
    filled.fails("alter table t alter column a type bigint", "0A000", "only the length of a VARCHAR")
    filled.run("alter table t add column d varchar(3) default 'x'")
    filled.fails("alter table t alter column d type varchar(9)", "0A000", "with a default")
    filled.run("begin")
    filled.fails("alter table t alter column b type varchar(9)", "25001", "inside a transaction block")
    filled.run("rollback")
    sql = 'select "type" from _system.columns where "column" = \'b\''
    assert filled.record(sql) == [("character varying(5)",)]


@pytest.mark.parametrize(
    ("change", "layout", "keys"),
    [
        pytest.param("alter diststyle all", ("ALL", ""), [], id="diststyle"),
        pytest.param("alter diststyle key distkey a", ("KEY(a)", ""), [], id="diststyle key"),
        pytest.param("alter distkey c", ("KEY(c)", ""), [], id="distkey"),
        pytest.param("alter sortkey (c, a)", ("AUTO(ALL)", "COMPOUND"), ["c", "a"], id="sortkey"),
        pytest.param("alter compound sortkey (b)", ("AUTO(ALL)", "COMPOUND"), ["b"], id="compound sortkey"),
        pytest.param("alter sortkey auto", ("AUTO(ALL)", "AUTO"), [], id="sortkey auto"),
        pytest.param("alter sortkey none", ("AUTO(ALL)", ""), [], id="sortkey none"),
        pytest.param("alter diststyle auto", ("AUTO(ALL)", ""), [], id="diststyle auto"),
        pytest.param("alter encode auto", ("AUTO(ALL)", ""), [], id="encode auto"),
    ],
)
def test_a_layout_is_recorded(filled: Client, change: str, layout: tuple[str, str], keys: list[str]) -> None:
    """There are no nodes that it would be laid out on."""
    filled.run(f"alter table t {change}")
    assert filled.record(LAYOUT) == [layout]
    assert [name for (name,) in filled.record(KEYS.format("sortkey <> 0"))] == keys


def test_encodings_and_constraints_are_recorded(filled: Client) -> None:
    """Several encodings at once."""
    filled.run("alter table t alter column a encode zstd, alter column b encode lzo")
    filled.run(
        "alter table t add primary key (a)", "alter table t add constraint k foreign key (b) references t (b)"
    )
    assert filled.record("select encoding from _system.columns order by position") == [
        ("zstd",),
        ("lzo",),
        ("none",),
    ]
    filled.run("alter table t drop constraint k cascade", "alter table t drop constraint t_pkey")
    filled.fails("alter table t drop constraint k", "42704", 'constraint "k"')
    filled.fails("alter table t alter column x encode lzo", "42703")
    filled.fails("alter table t alter sortkey (x)", "42703")


def test_owners_and_names(filled: Client) -> None:
    """A name that is taken is refused."""
    filled.run(
        "create user ann password disable", "create view v as select a from t", "create table u (a integer)"
    )
    filled.run("alter table t owner to ann", "alter table v owner to ann")
    assert filled.record("select owner from _system.tables where \"table\" = 't'") == [("ann",)]
    assert filled.record("select owner from _system.views") == [("ann",)]
    filled.fails("alter table t rename to u", "42P07")
    filled.fails("alter table t owner to bob", "42704")
    filled.fails("alter table v add column x integer", "42809", '"v" is not a table')


def test_append_moves_all_rows(filled: Client) -> None:
    """AWS, "ALTER TABLE APPEND": by the names of columns; the source is empty then."""
    filled.run("create table s (b varchar(3), a integer, c date)", "insert into s values ('s', 9, null)")
    filled.run("alter table t append from s")
    assert filled.rows("select a, b from t order by a") == [(1, "abc"), (9, "s")]
    assert filled.rows("select * from s") == []
    filled.run("create table more (a integer, x integer)", "insert into more values (5, 6)")
    filled.fails("alter table t append from more", "42804", "do not match: b, c, x")
    filled.fails("alter table t append from more filltarget", "42804")
    filled.run("alter table more drop column x", "alter table t append from more filltarget")
    assert filled.rows("select a, b from t where a = 5") == [(5, None)]
    filled.run("create table other (a bigint, b varchar(3), c date)")
    filled.fails("alter table t append from other", "42804", 'column "a" is of type bigint, not integer')
    filled.run("begin")
    filled.fails("alter table t append from s", "25001")


def test_what_redshift_has_not_is_refused(filled: Client) -> None:
    """And what is for external tables."""
    for action in (
        "set schema s",
        "set location 's3://x/y'",
        "row level security on",
    ):
        filled.fails(f"alter table t {action}", "0A000", "ALTER TABLE")
