"""Views: what they hold, what they follow, and what falls with what they read."""

import pytest

from tests.unit.warehouse.redshift.statements.client import Client
from warehouse.redshift.errors import RedshiftError


@pytest.fixture
def filled(client: Client) -> Client:
    """Give a table and views that read it, one of them by way of another."""
    client.run("create table t (a integer, b varchar(5))", "insert into t values (1, 'x')")
    client.run("create view v as select a, b from t", "create view w as (select * from v)")
    return client


def test_a_table_that_is_read_stays_until_cascade(filled: Client) -> None:
    """AWS, "DROP TABLE": the error names what depends on it, and CASCADE drops that too."""
    filled.fails("drop table t", "2BP01", "cannot drop table t because other objects depend on it: view v")
    filled.fails("drop view v", "2BP01", "view w")
    filled.run("drop table t cascade")
    for name in ("t", "v", "w"):
        filled.fails(f"select * from {name}", "42P01")  # noqa: S608  # ours
    assert filled.record("from _system.views") == []


def test_a_query_with_a_common_table_may_stand_in_parentheses(filled: Client) -> None:
    """As dbt writes it; DuckDB alone would not find the inner one."""
    filled.run("create view c as (with few as (select a from t) select few.a from few)")
    assert filled.rows("select a from c") == [(1,)]


@pytest.mark.parametrize("kind", ["view", "materialized view"])
def test_a_view_has_no_column_twice(filled: Client, kind: str) -> None:
    """AWS, "CREATE VIEW": a name that comes twice in its query is given another by the list of columns."""
    query = "select * from t as x join t as y on x.a = y.a"
    filled.fails(f"create {kind} twice as {query}", "42701", 'column "a" specified more than once')
    filled.run(f"create {kind} twice (a, b, c, d) as {query}")
    assert filled.rows("select c, d from twice") == [(1, "x")]


def test_a_view_that_falls_leaves_its_table(filled: Client) -> None:
    """And the table can then be dropped."""
    filled.run("drop view v cascade", "drop table t")
    filled.fails("drop view w", "42P01", 'view "w" does not exist')
    filled.run("drop view if exists w, v restrict")


def test_bound_views_follow_names(filled: Client) -> None:
    """A table, a column and a view that they read may have other names; their own columns keep theirs."""
    filled.run(
        "alter table t rename to u", "alter table u rename column b to bee", "alter table v rename to vee"
    )
    assert filled.rows("select a, b from w") == [(1, "x")]
    filled.run("insert into u (bee) values ('y')")
    assert filled.rows("select a, b from vee order by a") == [(1, "x"), (None, "y")]
    filled.fails("drop table u", "2BP01", "view vee")


def test_bound_views_see_no_columns_that_come_later(filled: Client) -> None:
    """AWS, "CREATE VIEW": a star is what it was when the view was made."""
    filled.run("create view star as select * from t", "alter table t add column c varchar(9) default 'z'")
    assert filled.rows("select * from star") == [(1, "x")]
    assert filled.rows("select * from t") == [(1, "x", "z")]


def test_a_column_that_is_shown_stays_until_cascade(filled: Client) -> None:
    """One that no view shows goes alone."""
    filled.run("alter table t add column c integer", "create view only_a as select a from t")
    filled.run("alter table t drop column c")
    filled.fails("alter table t drop column b", "2BP01", "view v")
    filled.run("alter table t drop column b cascade")
    filled.fails("select * from v", "42P01")
    assert filled.rows("select * from only_a") == [(1,)]


def test_a_view_is_replaced_by_one_with_the_same_columns(filled: Client) -> None:
    """AWS, "CREATE VIEW": the names and the types."""
    filled.run("create or replace view v as select a + 1 as a, b from t")
    assert filled.rows("select a from w") == [(2,)]
    for query, reason in (
        ("select a from t", "cannot drop columns from view"),
        ("select a as x, b from t", 'cannot change name of view column "a"'),
        ("select b as a, b from t", 'cannot change data type of view column "a"'),
        ("select a, b, 1 as c from t", 'cannot add column "c"'),
    ):
        filled.fails(f"create or replace view v as {query}", "42P16", reason)
    filled.fails("create view v as select 1 as a", "42P07", 'relation "v" already exists')
    filled.fails("create or replace view t as select 1 as a", "42809", '"t" is not a view')
    filled.fails("drop table v", "42809", "use DROP VIEW")
    filled.fails("drop view t", "42809", "use DROP TABLE")


def test_a_view_may_name_its_columns(filled: Client) -> None:
    """And read queries of its own by name."""
    filled.run("create view n (p, q) as with c as (select a from t) select c.a, t.b from c, t")
    filled.run("alter table t rename to u")
    assert filled.rows("select q, p from n") == [("x", 1)]


def test_a_late_binding_view_waits_for_what_it_reads(client: Client) -> None:
    """AWS, "CREATE VIEW": WITH NO SCHEMA BINDING its table need not be there, and may go and come again."""
    client.run("create view v as select a from public.t with no schema binding")
    client.run("create view w as select a from public.v with no schema binding")
    client.fails("select * from w", "42P01")
    client.run("create table t (a integer)", "insert into t values (1)")
    assert client.rows("select * from w") == [(1,)]
    client.run("drop table t")
    client.fails("select * from v", "42P01", 'relation "t" does not exist')
    client.run("create table other as select 2 as a", "alter table other rename to t")
    assert client.rows("select * from w") == [(2,)]
    client.run("drop view v")
    assert client.record('select "view" from _system.views') == [("w",)]


def test_a_late_binding_view_sees_what_has_changed(client: Client) -> None:
    """Columns that came, and types that are others; one whose column is gone waits for it."""
    client.run(
        "create table t as select 5 as a",
        "create view v as select a / 2 as half from public.t with no schema binding",
    )
    client.run(
        "create view star as select * from public.t with no schema binding",
        "alter table t add column b integer",
    )
    assert client.rows("select * from star") == [(5, None)]
    client.run("drop table t", "create table t as select 5.0::float as a")
    assert client.rows("select half from v") == [(2.5,)]
    client.run("alter table t rename column a to c")
    client.fails("select half from v", "42P01")
    assert client.rows("select c from star") == [(5.0,)]
    client.run("alter table t rename column c to a")
    assert client.rows("select half from v") == [(2.5,)]


def test_late_binding_views_that_read_each_other_end(client: Client) -> None:
    """With an error, not in a loop."""
    client.run(
        "create table t as select 1 as a", "create view v as select a from public.t with no schema binding"
    )
    client.run("create view w as select a from public.v with no schema binding")
    with pytest.raises(RedshiftError, match=r"recursion|recursively"):
        client.run(
            "create or replace view v as select a from public.w with no schema binding", "select * from v"
        )


def test_a_late_binding_view_names_schemas(client: Client) -> None:
    """AWS, "CREATE VIEW": every relation is qualified."""
    client.fails("create view v as select a from t with no schema binding", "42601", "must be qualified")
    client.run("create view v as select 1 as a with no schema binding")
    assert client.rows("select a from v") == [(1,)]


def test_a_view_reads_no_temporary_table(client: Client) -> None:
    """It would outlive it."""
    client.run("create temp table t (a integer)")
    client.fails("create view v as select a from t", "0A000", "temporary table t")


def test_show_view_says_the_query(filled: Client) -> None:
    """AWS, "SHOW VIEW"."""
    filled.run("create view late as select a from public.t with no schema binding")
    assert filled.first("show view v") == ["CREATE OR REPLACE VIEW public.v AS select a, b from t;"]
    assert filled.first("show view public.late") == [
        "CREATE OR REPLACE VIEW public.late AS select a from public.t WITH NO SCHEMA BINDING;"
    ]
    filled.fails("show view t", "42809")
