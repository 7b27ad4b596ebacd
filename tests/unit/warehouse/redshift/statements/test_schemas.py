"""Schemas, and where relations are looked for."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.warehouse.redshift.statements.client import Client
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError


def test_a_schema_holds_relations_of_its_own(client: Client, engine: Engine) -> None:
    """AWS, "CREATE SCHEMA": two of the same name lie in two schemas; the database may stand before them."""
    client.run(
        "create schema a", f"create schema if not exists {engine.database}.b", "create schema if not exists b"
    )
    client.run("create table a.t as select 1 as x", "create table b.t as select 2 as x")
    assert client.rows(f'select p.x, q.x from a.t p, "{engine.database}".b.t q') == [(1, 2)]  # noqa: S608
    client.fails("create schema a", "42P06", 'schema "a" already exists')
    client.fails("create table c.t (x integer)", "3F000", 'schema "c" does not exist')
    client.fails("create schema elsewhere.c", "3D000", 'database "elsewhere" is not there')
    for name in ("pg_own", "_system", "information_schema"):
        client.fails(f"create schema {name}", "42939", "unacceptable schema name")


def test_a_schema_that_holds_something_falls_by_cascade_only(client: Client) -> None:
    """AWS, "DROP SCHEMA": and takes with it what reads from it elsewhere."""
    client.run("create schema a", "create table a.t (x integer)", "create view v as select x from a.t")
    client.fails("drop schema a", "2BP01", "other objects depend on it: t")
    client.fails("drop schema a restrict", "2BP01")
    client.run("drop schema a cascade")
    client.fails("select * from v", "42P01")
    client.fails("drop schema a", "3F000", 'schema "a" does not exist')
    client.run("drop schema if exists a, b")
    assert client.record('select "schema" from _system.schemas') == [("public",)]
    assert client.record("from _system.dependencies") == []


def test_search_path_says_where_names_are_looked_for(client: Client) -> None:
    """AWS, "search_path": new relations go to the first schema that is there, and "$user" is the user's."""
    client.run("create table t as select 'public' as x", 'set search_path to nowhere, "a", public')
    client.run("create schema a", "create table t as select 'a' as x", "create table u as select 1 as y")
    assert client.first("select x from t") == ["a"]
    assert client.first("show search_path") == ['nowhere, "a", public']
    client.run("reset search_path")
    assert client.first("select x from t") == ["public"]
    client.fails("select y from u", "42P01")
    client.run("create schema awsuser", "create table t as select 'own' as x")
    assert client.first("select x from t") == ["own"]
    client.run("set search_path to nowhere")
    client.fails("create table v (x integer)", "3F000", "no schema has been selected to create in")


def test_owners_are_recorded(client: Client) -> None:
    """AWS, "ALTER SCHEMA"; a user that is not there owns nothing."""
    client.run("create user ann password disable", "create schema authorization ann", "create schema b")
    client.run("alter schema b owner to ann")
    assert client.record('select "schema", owner from _system.schemas order by 1') == [
        *(("ann", "ann"), ("b", "ann"), ("public", "awsuser")),
    ]
    client.fails("create schema c authorization bob", "42704", 'user "bob" does not exist')
    client.fails("alter schema b rename to c", "0A000", "ALTER SCHEMA … RENAME")
    client.fails("create schema c quota 5 gb", "0A000", "QUOTA")


def test_what_is_made_is_undone_with_its_transaction(client: Client) -> None:
    """Schemas, tables, views, comments, grants and users, records included."""
    before = {
        name: client.record(f"from _system.{name}")
        for (name,) in client.record("select table_name from duckdb_tables() where schema_name = '_system'")
    }
    client.run(
        "begin",
        "create schema a",
        "create table a.t (x integer identity(1, 1), y varchar(3) primary key) distkey (x)",
        "create view a.v as select * from a.t",
        "create view a.w as select * from a.t with no schema binding",
        "create materialized view a.m as select x from a.t",
        "create user ann password disable",
        "create group g with user ann",
        "create role r",
        "grant select on a.t to ann",
        "grant role r to ann",
        "comment on table a.t is 'why'",
        "insert into a.t (y) values ('z')",
        "set query_group to 'x'",
        "rollback",
    )
    for name, rows in before.items():
        assert client.record(f"from _system.{name}") == rows, name
    assert client.first("show query_group") == ["default"]
    client.fails("select * from a.t", "3F000")


NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=["Lu", "Lt", "Cs"]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.one_of(
        NAMES,
        st.sampled_from(
            ['"', "'", "a.b", "; drop table kept; --", '" ; drop table kept', "$1", "%s", "a\nb"]
        ),
    )
)
def test_a_name_is_no_sql(client: Client, name: str) -> None:
    """Whatever a quoted identifier holds, it names one thing, and runs nothing.

    A table of a name that begins with # is temporary, and takes no schema.
    """
    name = name.lower()
    if name.startswith(
        ("#", "pg_", "stl_", "stv_", "svl_", "svv_", "sys_", "svcs_", "duckdb_", "sqlite_", "pragma_")
    ) or name in {"main", "public", "temp"}:
        return
    quoted = '"' + name.replace('"', '""') + '"'
    client.run("create table if not exists kept (a integer)")
    client.run(
        "begin",
        f"create schema {quoted}",
        f"create table {quoted}.{quoted} ({quoted} varchar(3) default 'x', other integer)",
        f"alter table {quoted}.{quoted} add column more varchar(5)",
        f"create view {quoted}.seen as select {quoted} from {quoted}.{quoted}",  # noqa: S608  # quoted
        f"comment on column {quoted}.{quoted}.{quoted} is 'why'",
        f"alter table {quoted}.{quoted} rename column other to another",
        f"insert into {quoted}.{quoted} ({quoted}) values ('y')",  # noqa: S608  # quoted
    )
    assert client.rows(f"select * from {quoted}.seen") == [("y",)]  # noqa: S608  # quoted
    client.run(f"drop schema {quoted} cascade", "rollback")
    assert client.rows("select * from kept") == []


@pytest.mark.parametrize("schema", ["_system", "main", "temp", "information_schema", "pg_catalog"])
def test_the_system_s_schemas_are_out_of_reach(client: Client, schema: str) -> None:
    """No statement makes, changes, drops, grants or comments what lies in them."""
    client.run("create table t (a integer)")
    for sql in (
        f"create table {schema}.tables (a integer)",
        f"create table {schema}.x as select 1 as a",
        f"create view {schema}.x as select 1 as a",
        f"drop table {schema}.tables",
        f"drop view {schema}.pg_tables",
        f"drop schema {schema} cascade",
        f"alter table {schema}.tables rename to x",
        f"alter table {schema}.tables add column x integer",
        f"comment on table {schema}.tables is 'x'",
        f"grant select on {schema}.tables to public",
        f"grant usage on schema {schema} to public",
        f"analyze {schema}.tables",
        f"create table u (like {schema}.tables)",
        f"alter table t append from {schema}.tables",
    ):
        with pytest.raises(RedshiftError, match=r"does not exist|permission denied|unacceptable"):
            client.run(sql)
