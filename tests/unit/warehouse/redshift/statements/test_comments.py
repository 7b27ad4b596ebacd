"""Comments."""

from tests.unit.warehouse.redshift.statements.client import Client


def test_comments_are_recorded(client: Client) -> None:
    """A later one takes an earlier one's place; in any quotes; IS NULL and an empty one take it away."""
    client.run("create schema s", "create table s.t (a integer)", "create view s.v as select a from s.t")
    client.run(
        "comment on table s.t is 'first'",
        "comment on table warehouse.s.t is $tag$it's; $1 'here'$tag$",
        "comment on column s.t.a is 'x'",
        "comment on view s.v is 'v'",
        "comment on column s.v.a is 'y'",
        "comment on schema s is 's'",
        "comment on database warehouse is 'd'",
    )
    assert client.record("from _system.comments order by all") == [
        ("column", "s", "t", "a", "x"),
        ("column", "s", "v", "a", "y"),
        ("database", "", "", "", "d"),
        ("schema", "s", "", "", "s"),
        ("table", "s", "t", "", "it's; $1 'here'"),
        ("view", "s", "v", "", "v"),
    ]
    client.run("comment on table s.t is null", "comment on column s.t.a is ''", "alter table s.v rename to w")
    assert client.record(
        "select kind, relation from _system.comments where \"schema\" = 's' order by all"
    ) == [
        *(("column", "w"), ("schema", ""), ("view", "w")),
    ]
    client.run("drop schema s cascade")
    assert client.record("select kind from _system.comments") == [("database",)]


def test_a_comment_is_on_what_is_there(client: Client) -> None:
    """And is called what it is."""
    client.run("create table t (a integer)")
    client.fails("comment on table nowhere is 'x'", "42P01")
    client.fails("comment on column t.b is 'x'", "42703", 'column "b"')
    client.fails("comment on view t is 'x'", "42809", '"t" is not a view')
    client.fails("comment on schema s is 'x'", "3F000")
    client.fails("comment on function f() is 'x'", "0A000", "COMMENT ON FUNCTION")
