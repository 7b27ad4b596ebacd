"""SET, RESET and SHOW of parameters."""

import pytest

from tests.unit.warehouse.redshift.statements.client import Client


def test_what_is_set_is_shown_and_reset(client: Client) -> None:
    """In every way that SET is written."""
    client.run(
        "set query_group to 'nightly'", "set wlm_query_slot_count = 3", "set session application_name to dbt"
    )
    assert [
        client.first(f"show {name}") for name in ("query_group", "wlm_query_slot_count", "application_name")
    ] == [
        *(["nightly"], ["3"], ["dbt"]),
    ]
    assert dict(client.rows("show all"))["query_group"] == "nightly"
    client.run("reset query_group")
    assert client.first("show query_group") == ["default"]
    client.run("reset all", "set enable_result_cache_for_session to off")
    assert client.first("show wlm_query_slot_count") == ["1"]
    assert client.first("show enable_result_cache_for_session") == ["off"]


def test_what_clients_ask_for_is_shown(client: Client) -> None:
    """As Redshift says it."""
    assert client.first("show server_version") == ["8.0.2"]
    assert client.first("show transaction isolation level") == ["serializable"]
    assert client.first("show time zone") == ["UTC"]
    client.fails("show nothing", "42704", 'unrecognized configuration parameter "nothing"')


def test_statement_timeout_is_of_milliseconds(client: Client) -> None:
    """AWS, "statement_timeout"."""
    client.run("set statement_timeout to 1500")
    assert client.session.timeout_seconds == 1.5
    client.fails("set statement_timeout to soon", "22023", 'invalid value for parameter "statement_timeout"')


def test_a_transaction_undoes_what_it_set(client: Client) -> None:
    """AWS, "SET": where it is rolled back; LOCAL ends with it anyway."""
    client.run("set query_group to a", "begin", "set query_group to b", "rollback")
    assert client.first("show query_group") == ["a"]
    client.run("begin", "set query_group to b", "set local application_name to x")
    assert client.first("show application_name") == ["x"]
    client.run("commit")
    assert (client.first("show query_group"), client.first("show application_name")) == (["b"], [""])
    client.run("create schema s", "create table s.t as select 1 as a", "begin", "set search_path to s")
    assert client.first("select a from t") == [1]
    client.run("rollback")
    client.fails("select a from t", "42P01")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        pytest.param("set x to 1", "SET x", id="unknown"),
        pytest.param("set timezone to 'America/New_York'", "stands at `UTC`", id="time zone"),
        pytest.param(
            "set time zone 'America/New_York'", "SET timezone", id="time zone in PostgreSQL's words"
        ),
        pytest.param("set datestyle to 'SQL, DMY'", "SET datestyle", id="datestyle"),
        pytest.param("set client_encoding to latin1", "SET client_encoding", id="encoding"),
        pytest.param("set enable_case_sensitive_identifier to true", "stands at `off`", id="case"),
        pytest.param("set seed to 0.5", "SET seed", id="seed"),
        pytest.param("set session authorization ann", "SET SESSION AUTHORIZATION", id="authorization"),
    ],
)
def test_what_would_change_meanings_is_refused(client: Client, sql: str, reason: str) -> None:
    """By name."""
    client.fails(sql, "0A000", reason)


def test_what_is_so_anyway_may_be_set(client: Client) -> None:
    """Clients do at their start."""
    client.run(
        *("set datestyle to 'ISO'", "set client_encoding = 'UTF-8'", "set extra_float_digits to 3"),
        *(
            "set timezone to 'utc'",
            "set session characteristics as transaction isolation level read committed",
        ),
    )
    client.fails("set enable_result_cache_for_session to maybe", "22023", "requires a Boolean value")
