"""What clients ask the catalogue, in their own words: psql 15, redshift_connector, SQLAlchemy, dbt-redshift.

The queries in `clients/` are those that psql 15.18 sends to a server of version 8.0.2, redshift_connector
2.1.17's of servers without SHOW, sqlalchemy-redshift 1.0.0's reflection, and dbt-redshift 1.11.1's macros.
"""

from pathlib import Path
from typing import Any

import pytest

from warehouse.redshift.errors import NotSupportedError
from warehouse.redshift.session import Session


def queries() -> dict[tuple[str, str], str]:
    """By client and name."""
    found = {}
    for file in sorted(Path(__file__).with_name("clients").glob("*.sql")):
        for part in file.read_text("utf-8").split(";\n\n"):
            name, _, sql = part.strip().removeprefix("-- ").partition("\n")
            if sql:
                found[file.stem, name] = sql
    return found


QUERIES = queries()


def run(session: Session, client: str, name: str) -> list[tuple[Any, ...]]:
    """Run a client's query, about the table `t` where it has a number for one."""
    ((oid,),) = session.run(["select oid from pg_class where relname = 't'"])[0].rows
    (result,) = session.run([QUERIES[client, name].replace("'123'", f"'{oid}'")])
    return result.rows


@pytest.mark.parametrize(("client", "name"), QUERIES, ids=[f"{client} {name}" for client, name in QUERIES])
def test_what_clients_ask_is_answered(session: Session, client: str, name: str) -> None:
    """None of it is refused, and none of it fails."""
    run(session, client, name)


@pytest.mark.parametrize(
    ("client", "name", "rows"),
    [
        pytest.param(
            "psql",
            r"\d",
            [("public", "t", "table", "awsuser"), ("public", "v", "view", "awsuser")],
            id=r"\d",
        ),
        pytest.param("psql", r"\dt", [("public", "t", "table", "awsuser")], id=r"\dt"),
        pytest.param("psql", r"\dv", [("public", "v", "view", "awsuser")], id=r"\dv"),
        pytest.param("psql", r"\dt public.*", [("public", "t", "table", "awsuser")], id=r"\dt public.*"),
        pytest.param("psql", r"\dn", [("public", "awsuser")], id=r"\dn"),
        pytest.param("psql", r"\df", [], id=r"\df"),
        pytest.param("psql", r"\l", [("dev", "awsuser", "UNICODE", "C", "C", None, "libc", None)], id=r"\l"),
        pytest.param(
            "redshift_connector", "get_schemas('dev', 'pub%') single=True", [("public", "dev")], id="schemas"
        ),
        pytest.param("redshift_connector", "get_catalogs() single=True", [("dev",)], id="catalogs"),
        pytest.param("redshift_connector", "cur_catalog", [("dev",)], id="current catalog"),
        pytest.param(
            "redshift_connector",
            "get_tables('dev', 'public', 't', ['TABLE', 'VIEW']) single=False",
            [("dev", "public", "t", "TABLE", None, "", "", "", "", "")],
            id="tables",
        ),
        pytest.param("dbt", "has_table_privilege", [(True,)], id="privilege"),
        pytest.param(
            "dbt",
            "redshift__list_relations_without_caching(rel) show=False",
            [("dev", "t", "public", "table"), ("dev", "v", "public", "view")],
            id="relations",
        ),
        pytest.param("dbt", "redshift__check_schema_exists(info,'public') show=False", [(1,)], id="schema"),
    ],
)
def test_answers(session: Session, client: str, name: str, rows: list[tuple[Any, ...]]) -> None:
    """They are what the client shows."""
    assert run(session, client, name) == rows


def test_psql_describes_a_table(session: Session) -> None:
    r"""\d t: its columns with type, default and whether they take nothing."""
    found = [row[:4] for row in run(session, "psql", r"\d public.t (3)")]
    assert [row[0] for row in found] == ["a", "b", "c"]
    assert [row[2] for row in found] == [None, "'x'", None]
    assert [row[3] for row in found] == [True, False, False]


def test_dbt_reads_the_catalogue(session: Session) -> None:
    """Each column with its table, its kind, its place and its owner."""
    found = {(row[2], row[5], row[3], row[6], row[-1]) for row in run(session, "dbt", "base_catalog (1)")}
    assert {("t", "a", "BASE TABLE", 1, "awsuser"), ("v", "a", "VIEW", 1, "awsuser")} <= found


@pytest.mark.parametrize(
    ("sql", "feature"),
    [
        pytest.param("select * from pg_extension", "system table pg_extension", id="a relation"),
        pytest.param("select * from stl_wlm_query", "system table stl_wlm_query", id="a log"),
        pytest.param("select * from sys_query_detail", "system table sys_query_detail", id="steps"),
        pytest.param("select * from pg_catalog.pg_opclass", "system table pg_opclass", id="with its schema"),
        pytest.param(
            "select 't'::regclass from t", "OBJECT IDENTIFIER", id="PostgreSQL's words beside a table"
        ),
    ],
)
def test_what_is_not_there_is_refused_by_name(session: Session, sql: str, feature: str) -> None:
    """PostgreSQL's words are for the system's relations only."""
    with pytest.raises(NotSupportedError, match=feature):
        session.run([sql])
