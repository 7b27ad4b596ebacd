"""Users, groups, roles, and what they are granted: recorded, shown, and not enforced."""

from hashlib import md5

import pytest

from tests.unit.warehouse.redshift.statements.client import Client

GRANTS = (
    'select "schema", relation, "column", privilege, grantee, grantee_kind from _system.grants order by all'
)


@pytest.fixture
def people(client: Client) -> Client:
    """Give two users, a group, a role and a table."""
    client.run(
        "create user ann password 'Secret1'", "create user bob password disable createdb connection limit 5"
    )
    client.run("create group g with user ann, bob", "create role r", "create table t (a integer, b integer)")
    return client


def test_users_are_recorded(people: Client) -> None:
    """A password as its digest, which is what the wire's md5 asks for; a user that is there is refused."""
    digest = "md5" + md5(b"Secret1ann", usedforsecurity=False).hexdigest()
    sql = """
        select name, is_superuser, may_create_databases, password, connection_limit
        from _system.users order by 1
    """
    assert people.record(sql) == [
        ("ann", False, False, digest, None),
        ("awsuser", True, True, None, None),
        ("bob", False, True, None, 5),
    ]
    people.run(
        f"alter user bob password '{digest}' valid until '2030-01-01' createuser",
        "alter user bob rename to carl",
    )
    assert people.record(
        "select password, valid_until, is_superuser from _system.users where name = 'carl'"
    ) == [(None, "2030-01-01", True)]
    assert people.record('select "user" from _system.members order by 1') == [("ann",), ("carl",)]
    people.fails("create user ann password disable", "42710", 'user "ann" already exists')
    people.fails("create user dora", "42601", "must have a PASSWORD")
    people.fails("alter user dora password 'x'", "42704", 'user "dora" does not exist')
    people.fails("alter user ann session timeout 5", "0A000", "option SESSION")


def test_groups_and_roles_are_recorded(people: Client) -> None:
    """Who is in them, and who owns them."""
    people.run("alter group g drop user ann", "alter group g rename to h", "alter group h add user ann")
    assert people.record("from _system.members order by 2") == [("h", "ann"), ("h", "bob")]
    people.run(
        "alter role r rename to s", "alter role s owner to ann", "grant role s to bob with admin option"
    )
    assert people.record("select role, grantee, is_admin from _system.role_grants") == [("s", "bob", True)]
    people.fails("drop role s", "2BP01")
    people.run("revoke role s from bob", "drop role s", "drop group h")
    assert people.record("from _system.members") == []
    people.fails("alter group g add user ann", "42704", 'group "g" does not exist')
    people.fails("create role x externalid 'y'", "0A000", "EXTERNALID")


def test_grants_are_recorded_and_shown(people: Client) -> None:
    """AWS, "GRANT", "SHOW GRANTS"; each once, whoever asks how often."""
    people.run(
        "grant select, insert on t to ann",
        "grant select on table public.t to ann",
        "grant usage on schema public to group g",
    )
    people.run(
        "grant update (b) on t to role r",
        "grant all privileges on database warehouse to public with grant option",
    )
    assert people.record(GRANTS) == [
        ("", "", "", "ALTER", "", "public"),
        ("", "", "", "CREATE", "", "public"),
        ("", "", "", "TEMPORARY", "", "public"),
        ("", "", "", "USAGE", "", "public"),
        ("public", "", "", "USAGE", "g", "group"),
        ("public", "t", "", "INSERT", "ann", "user"),
        ("public", "t", "", "SELECT", "ann", "user"),
        ("public", "t", "b", "UPDATE", "r", "role"),
    ]
    shown = people.run("show grants on table t")
    assert shown.columns is not None
    assert [column.name for column in shown.columns][:5] == [
        *("database_name", "schema_name", "object_name", "object_type", "privilege_type"),
    ]
    assert [(row[4], row[6], row[7]) for row in shown.rows] == [
        ("INSERT", "ann", "user"),
        ("SELECT", "ann", "user"),
    ]
    assert [row[6:8] for row in people.rows("show grants on schema public")] == [("/g", "role")]
    assert len(people.rows("show grants for ann")) == 2
    people.run(
        "revoke all on t from ann cascade", "revoke grant option for usage on database warehouse from public"
    )
    assert people.rows("show grants on table t") == []


def test_all_tables_of_a_schema_are_granted(people: Client) -> None:
    """Those that are there, views too."""
    people.run("create view v as select a from t", "grant select on all tables in schema public to group g")
    assert people.record("select relation from _system.grants order by 1") == [("t",), ("v",)]
    people.run("drop table t cascade")
    assert people.record("from _system.grants") == []


def test_what_cannot_be_granted_is_refused(people: Client) -> None:
    """What is not there, and what is not here."""
    people.fails("grant select on t to nobody", "42704", 'user "nobody" does not exist')
    people.fails("grant select on nowhere to ann", "42P01")
    people.fails("grant usage on t to ann", "0LP01", "invalid privilege type USAGE for table")
    people.fails("grant delete (a) on t to ann", "0LP01")
    people.fails("grant select (x) on t to ann", "42703")
    people.fails("grant execute on function f() to ann", "0A000", "ON FUNCTION")
    people.fails("grant usage on language sql to ann", "0A000", "ON LANGUAGE")


def test_a_user_that_owns_or_may_something_stays(people: Client) -> None:
    """AWS, "DROP USER"."""
    people.run("alter table t owner to ann", "grant select on t to bob")
    people.fails("drop user ann", "2BP01", "owns some object")
    people.fails("drop user bob", "2BP01", "has a privilege")
    people.fails("drop user awsuser", "55006", "current user")
    people.run(
        "alter table t owner to awsuser",
        "revoke select on t from bob",
        "drop user ann, bob",
        "drop user if exists ann",
    )
    people.fails("drop user ann", "42704")
