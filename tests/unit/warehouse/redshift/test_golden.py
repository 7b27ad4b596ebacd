"""Every golden case, on one warehouse."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.support.golden import PAGE, Area, Case, areas, page
from tests.unit.warehouse.redshift.twin import MemoryS3
from warehouse.redshift.engine import Engine
from warehouse.redshift.errors import RedshiftError
from warehouse.redshift.locks import TableLocks
from warehouse.redshift.result import Column

AREAS = areas()


@pytest.fixture(scope="module")
def golden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Give a warehouse in which every area's tables are."""
    engine = Engine(tmp_path_factory.mktemp("golden") / "warehouse.duckdb", MemoryS3(), TableLocks())
    for area in AREAS:
        engine.execute(area.setup)
    yield engine
    engine.close()


def _type(column: Column) -> str:
    return f"{column.type}({column.precision},{column.scale})" if column.type == "numeric" else column.type


def _written(value: Any) -> Any:
    """Return a value as a case writes it: what YAML has no type for as text."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    return str(value) if isinstance(value, (date, time, Decimal)) else value


@pytest.mark.parametrize(
    "case", [pytest.param(case, id=f"{area.name}: {case.name}") for area in AREAS for case in area.cases]
)
def test_it_means_what_aws_says(golden: Engine, case: Case) -> None:
    """The page of AWS's guide that the case names says so."""
    statements = [*case.setup, case.sql]
    if case.refused:
        with pytest.raises(RedshiftError, match=case.refused) as caught:
            golden.execute(statements)
        assert caught.value.number == len(statements)
        return
    result = golden.execute(statements)[-1]
    columns = result.columns or ()
    rows = [tuple(_written(value) for value in row) for row in result.rows]
    assert (tuple(map(_type, columns)), rows) == (case.types, list(case.rows))
    if case.names:
        assert tuple(column.name for column in columns) == case.names


def test_there_are_cases_enough_and_each_has_a_name_of_its_own() -> None:
    """Three hundred is what the supported list promises."""
    names = [(area.name, case.name) for area in AREAS for case in area.cases]
    assert len(names) >= 300
    assert len(names) == len(set(names))


@pytest.mark.parametrize("area", AREAS, ids=lambda area: area.name)
def test_every_case_has_an_outcome(area: Area) -> None:
    """A case is refused or has types, and never both."""
    assert [case.name for case in area.cases if bool(case.types) == bool(case.refused)] == []


def test_the_page_is_up_to_date() -> None:
    """docs/redshift-sql.md is what the cases say; `python -m tests.support.golden` writes it."""
    assert Path(PAGE).read_text(encoding="utf-8") == page()
