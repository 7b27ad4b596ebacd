"""The SQL files: each table and mart has its twin in words, and the stages take what the lake holds."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import sqlglot
import yaml
from sqlglot import exp

from contracts.schema import (
    AIRCRAFT_SESSIONS,
    AIRPORT_HOURS,
    DAILY_ON_TIME,
    DELAY_BUCKETS,
    DELAY_PROPAGATION,
    DEPARTURE_MINUTES,
    FLIGHT_EVENTS,
    STREAM_DIFFERENCES,
    WEATHER_IMPACT,
    WEATHER_OBSERVATIONS,
)
from tests.support.marts import FOLDER, Project
from warehouse.models.statements import names, statements

FILES = sorted(FOLDER.rglob("*.sql"))
DESCRIBED = [(folder, name) for folder in ("schema", "staging", "marts") for name in names(folder)]
KEYED = [each for each in DESCRIBED if each[0] != "staging" and each[1] != "flight_watermark"]
LONGEST = 80
KINDS: dict[Any, Any] = {
    pa.string(): exp.DataType.Type.VARCHAR,
    pa.int32(): exp.DataType.Type.INT,
    pa.int64(): exp.DataType.Type.BIGINT,
    pa.float64(): exp.DataType.Type.DOUBLE,
    pa.date32(): exp.DataType.Type.DATE,
    pa.timestamp("us", "UTC"): exp.DataType.Type.TIMESTAMP,
}


@pytest.mark.parametrize(("folder", "name"), [pytest.param(*each, id=each[1]) for each in DESCRIBED])
def test_a_table_is_described_as_it_is(folder: str, name: str) -> None:
    """Its yml names the same table and the same columns in their order; its key is among them."""
    twin = _twin(folder, name)
    described = {each["name"]: each["description"] for each in twin["columns"]}
    assert twin["name"] == name
    assert twin["description"]
    assert all(described.values())
    assert list(described) == _columns(folder, name)
    assert set(twin["config"]["meta"]) == {"grain", "key"}
    assert set(_key(twin)) <= set(described)


@pytest.mark.parametrize(("folder", "name"), [pytest.param(*each, id=each[1]) for each in KEYED])
def test_every_build_looks_at_the_key(folder: str, name: str) -> None:
    """Of every table, where Redshift enforces none: dbt's test `key` has its columns."""
    twin = _twin(folder, name)
    assert {"key": {"arguments": {"columns": _key(twin)}}} in twin["data_tests"]


@pytest.mark.parametrize("name", names("schema"))
def test_a_table_declares_the_key_that_its_twin_names(name: str) -> None:
    """Redshift does not enforce it, and plans by it."""
    key = _create(f"schema/{name}.sql").find(exp.PrimaryKey)
    assert key is not None
    assert [column.name for column in key.expressions] == _key(_twin("schema", name))


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        pytest.param("load/flight_events.sql", FLIGHT_EVENTS, id="flight events"),
        pytest.param("load/observations.sql", WEATHER_OBSERVATIONS, id="weather"),
        pytest.param("load/airport_hours.sql", AIRPORT_HOURS, id="partials"),
        pytest.param("load/delay_buckets.sql", DELAY_BUCKETS, id="buckets"),
        pytest.param("load/departure_minutes.sql", DEPARTURE_MINUTES, id="minutes"),
        pytest.param("load/aircraft_sessions.sql", AIRCRAFT_SESSIONS, id="sessions"),
        pytest.param("schema/agg_airport_hour.sql", AIRPORT_HOURS, id="partials' table"),
        pytest.param("schema/agg_delay_bucket.sql", DELAY_BUCKETS, id="buckets' table"),
        pytest.param("schema/agg_departure_minute.sql", DEPARTURE_MINUTES, id="minutes' table"),
        pytest.param("schema/agg_aircraft_session.sql", AIRCRAFT_SESSIONS, id="sessions' table"),
        pytest.param("schema/agg_carrier_day.sql", DAILY_ON_TIME, id="daily_on_time"),
        pytest.param("schema/agg_weather_impact.sql", WEATHER_IMPACT, id="weather_impact"),
        pytest.param("schema/fact_leg.sql", DELAY_PROPAGATION, id="delay_propagation"),
        pytest.param("schema/stream_difference.sql", STREAM_DIFFERENCES, id="reconcile_windows"),
    ],
)
def test_a_copy_finds_the_columns_of_the_lake(path: str, schema: pa.Schema) -> None:
    """COPY goes by order: names and types are those of the Parquet files."""
    columns = list(_create(path).find_all(exp.ColumnDef))
    assert [column.name for column in columns] == schema.names
    assert [column.args["kind"].this for column in columns] == [KINDS[kind] for kind in schema.types]


def test_the_ledger_takes_its_columns_in_their_order() -> None:
    """The last statement of a load names them as the table does, and ends with the time."""
    insert = sqlglot.parse_one(statements("load/finish.sql")[-1], read="redshift")
    select = insert.find(exp.Select)
    assert select is not None
    assert select.named_selects == _columns("schema", "etl_ledger")


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in FILES])
def test_a_file_is_short_and_lower_case(path: Path) -> None:
    """So that it is read in one look; literals and comments may have capitals."""
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(lines) < LONGEST
    code = [line for line in lines if not line.startswith("--")]
    outside_literals = "".join("\n".join(code).split("'")[::2])
    assert outside_literals == outside_literals.lower()


def _twin(folder: str, name: str) -> dict[str, Any]:
    twin = yaml.safe_load((FOLDER / folder / f"{name}.yml").read_text(encoding="utf-8"))
    (each,) = twin["sources"][0]["tables"] if folder == "schema" else twin["models"]
    return dict(each)


def _key(twin: dict[str, Any]) -> list[str]:
    return list(twin["config"]["meta"]["key"])


def _create(path: str) -> exp.Expr:
    sql = statements(path, manifest="'s3://lake/m'")[0]
    return sqlglot.parse_one(sql, read="redshift")


def _columns(folder: str, name: str) -> list[str]:
    if folder == "schema":
        return [column.name for column in _create(f"schema/{name}.sql").find_all(exp.ColumnDef)]
    query, _ = Project().rendered(name)
    tree = sqlglot.parse_one(query, read="redshift")
    selects = [cte.this for cte in tree.find_all(exp.CTE) if cte.alias == "final"] or [tree]
    return list(selects[0].named_selects)
