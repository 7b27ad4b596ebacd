"""SHOW of what is there, as dbt-redshift asks for it."""

from tests.unit.warehouse.redshift.statements.client import Client


def test_schemas_tables_and_columns_are_shown(client: Client) -> None:
    """AWS, "SHOW SCHEMAS", "SHOW TABLES", "SHOW COLUMNS"; names may be quoted, lists may be cut."""
    client.run(
        "create schema s",
        "create table s.t (a integer not null, b varchar(7), c numeric(9, 2) sortkey) diststyle all",
    )
    client.run("create view s.v as select b from s.t", "create materialized view s.m as select a from s.t")
    client.run(
        "create view s.late as select b from s.t with no schema binding", "comment on table s.t is 'why'"
    )
    assert [row[1] for row in client.rows("show schemas from database warehouse")] == ["public", "s"]
    assert [row[1] for row in client.rows("show schemas from database warehouse like 'p%'")] == ["public"]
    shown = client.rows('SHOW TABLES FROM SCHEMA "warehouse"."s"')
    assert [(row[2], row[3], row[5], row[10]) for row in shown] == [
        ("late", "VIEW", None, "LATE BINDING VIEW"),
        ("m", "VIEW", None, "MATERIALIZED VIEW"),
        ("t", "TABLE", "why", "REGULAR TABLE"),
        ("v", "VIEW", None, "REGULAR VIEW"),
    ]
    assert len(client.rows("show tables from schema s like 't%' limit 5")) == 1
    assert len(client.rows("show tables from schema s limit 2")) == 2
    columns = client.run('show columns from table "warehouse"."s"."t"')
    assert [(row[3], row[4], row[6], row[7], row[8], row[9], row[10]) for row in columns.rows] == [
        ("a", 1, "NO", "integer", None, 32, 0),
        ("b", 2, "YES", "character varying", 7, None, None),
        ("c", 3, "YES", "numeric", None, 9, 2),
    ]
    assert client.rows("show columns from table s.v")[0][7:9] == ("character varying", 7)
    client.fails("show tables from schema nowhere", "3F000")
    client.fails("show columns from table s.nowhere", "42P01")
    client.fails("show tables from schema elsewhere.s", "3D000")


def test_what_show_has_not_is_refused_by_name(client: Client) -> None:
    """As every other statement."""
    for what in ("model", "procedures", "datashares", "external table", "templates", "column grants"):
        client.fails(f"show {what} x", "0A000", f"SHOW {what.upper()}")
