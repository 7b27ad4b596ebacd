"""What the catalogue says of what users made: types as declared, keys, comments, grants, views."""

from typing import Any

import pytest

from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.session import Session

MADE = (
    "create schema s",
    "create user reader password 'Abcdef12'",
    "create group g with user reader",
    """create table o (
        a integer not null primary key, b varchar(16) default 'x' encode lzo, c numeric(9, 2),
        d timestamptz, e bigint identity(1, 1)
    ) distkey (a) sortkey (a, b)""",
    "create table s.u (x integer references o (a), y char(3), unique (y))",
    "insert into o (a) values (1), (2), (3)",
    "create view bound as select a, b from o",
    "create view s.late as select a from public.o with no schema binding",
    "create view s.waiting as select a from public.nowhere with no schema binding",
    "create materialized view mv as select a, count(*) as n from o group by a",
    "comment on table o is 'A table'",
    "comment on column o.a is 'Its key'",
    "grant select on o to reader",
    "grant usage on schema s to group g",
)


@pytest.fixture(scope="module")
def made(read_only: Engine) -> Session:
    """Give a session that made all kinds of relations."""
    session = read_only.session("awsuser")
    for sql in MADE:
        session.run([sql])
    session.run(["create temp table passing (i integer)"])
    return session


def rows(session: Session, sql: str) -> list[tuple[Any, ...]]:
    """Run one query."""
    return session.run([sql])[0].rows


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        pytest.param(
            "select relkind, reldiststyle, relhaspkey, relnatts, relacl from pg_class where relname = 'o'",
            [("r", 1, True, 5, "{reader=r/awsuser}")],
            id="a table",
        ),
        pytest.param(
            "select relkind from pg_class where relname in ('bound', 'late', 'waiting', 'mv')",
            [("v",)] * 4,
            id="views of every kind",
        ),
        pytest.param(
            "select attname, format_type(atttypid, atttypmod), attnotnull from pg_attribute "
            "where attrelid = 'public.o'::regclass order by attnum",
            [
                ("a", "integer", True),
                ("b", "character varying(16)", False),
                ("c", "numeric(9,2)", False),
                ("d", "timestamp with time zone", False),
                ("e", "bigint", True),
            ],
            id="columns as declared",
        ),
        pytest.param(
            'select "column", encoding, distkey, sortkey from pg_table_def '
            "where tablename = 'o' and sortkey <> 0 order by sortkey",
            [("a", "none", True, 1), ("b", "lzo", False, 2)],
            id="PG_TABLE_DEF",
        ),
        pytest.param(
            "select conname, contype, conkey, pg_get_constraintdef(oid) from pg_constraint order by conname",
            [
                ("o_pkey", "p", "{1}", "PRIMARY KEY (a)"),
                ("u_x_fkey", "f", "{1}", "FOREIGN KEY (x) REFERENCES o(a)"),
                ("u_y_key", "u", "{2}", "UNIQUE (y)"),
            ],
            id="constraints",
        ),
        pytest.param(
            "select constraint_name, column_name, ordinal_position from information_schema.key_column_usage "
            "where table_name = 'o'",
            [("o_pkey", "a", 1)],
            id="keys",
        ),
        pytest.param(
            "select unique_constraint_schema, unique_constraint_name "
            "from information_schema.referential_constraints",
            [("public", "o_pkey")],
            id="what a key refers to",
        ),
        pytest.param(
            "select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale "
            "from information_schema.columns where table_name = 'o' and column_name in ('b', 'c') order by 1",
            [("b", "character varying", 16, None, None), ("c", "numeric", None, 9, 2)],
            id="information_schema.columns",
        ),
        pytest.param(
            "select objsubid, description from pg_description where objoid = 'o'::regclass order by 1",
            [(0, "A table"), (1, "Its key")],
            id="comments",
        ),
        pytest.param(
            "select obj_description('o'::regclass::oid), col_description('o'::regclass::oid, 1)",
            [("A table", "Its key")],
            id="comments by function",
        ),
        pytest.param(
            "select d.relname from pg_depend p join pg_class d on d.oid = p.objid "
            "where p.refobjid = 'o'::regclass and p.deptype = 'n' order by 1",
            [("bound",), ("mv",)],
            id="what depends on a table",
        ),
        pytest.param(
            "select viewname, definition from pg_views "
            "where schemaname in ('public', 's') and viewname <> 'v' order by viewname",
            [
                ("bound", "select a, b from o;"),
                ("late", "create view s.late as select a from public.o with no schema binding;"),
                ("mv", "create materialized view public.mv as (select a, count(*) as n from o group by a);"),
                ("waiting", "create view s.waiting as select a from public.nowhere with no schema binding;"),
            ],
            id="definitions",
        ),
        pytest.param(
            "select * from pg_get_late_binding_view_cols() "
            "cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int)",
            [("s", "late", "a", "integer", 1)],
            id="columns of late-binding views",
        ),
        pytest.param(
            "select col_name from pg_get_cols('s.u') "
            "cols(view_schema name, view_name name, col_name name, col_type varchar, col_num int) "
            "order by col_num",
            [("x",), ("y",)],
            id="columns of a relation",
        ),
        pytest.param(
            "select name, is_stale, autorefresh from svv_mv_info", [("mv", "f", "f")], id="materialized views"
        ),
        pytest.param(
            "select privilege_type, identity_name, identity_type from svv_relation_privileges",
            [("SELECT", "reader", "user")],
            id="grants on a table",
        ),
        pytest.param(
            "select namespace_name, privilege_type, identity_name, identity_type from svv_schema_privileges",
            [("s", "USAGE", "g", "group")],
            id="grants on a schema",
        ),
        pytest.param(
            "select has_table_privilege('reader', 'o', 'select'), "
            "has_table_privilege('reader', 'o', 'insert'), "
            "has_schema_privilege('reader', 's', 'usage'), has_schema_privilege('reader', 's', 'create')",
            [(True, False, True, False)],
            id="privileges, by a group too",
        ),
        pytest.param("select groname, grolist from pg_group", [("g", "{101}")], id="groups"),
        pytest.param(
            "select table_type from svv_tables where table_name = 'passing'",
            [("LOCAL TEMPORARY",)],
            id="temporary tables",
        ),
        pytest.param(
            "select current_user, current_schema(), current_schemas(false), current_user_id",
            [("awsuser", "public", "{public}", 100)],
            id="who asks",
        ),
        pytest.param("select current_user, a from o where a = 1", [("awsuser", 1)], id="beside a table"),
        pytest.param("select 'o'::regclass::oid = 'public.o'::regclass::oid", [(True,)], id="regclass"),
        pytest.param(
            """select quote_ident('a b'), quote_ident('ab'), quote_literal('it''s')""",
            [('"a b"', "ab", "'it''s'")],
            id="quotes",
        ),
    ],
)
def test_the_catalogue(made: Session, sql: str, expected: list[tuple[Any, ...]]) -> None:
    """https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html."""
    assert rows(made, sql) == expected


def test_what_regclass_does_not_find_is_an_error(made: Session) -> None:
    """As PostgreSQL has it."""
    with pytest.raises(RedshiftError, match='relation "nowhere" does not exist'):
        made.run(["select 'nowhere'::regclass::oid"])


def test_a_temporary_table_is_its_session_s(made: Session, read_only: Engine) -> None:
    """Others do not see it."""
    assert rows(made, "select count(*) from pg_class where relname = 'passing'") == [(1,)]
    (result,) = read_only.execute(["select count(*) from pg_class where relname = 'passing'"])
    assert result.rows == [(0,)]
