"""docs/redshift-statements.md: what it says is refused is, and the tests that it names are there."""

import re
from pathlib import Path

import pytest

from tests.unit.warehouse.redshift.statements.client import Client
from warehouse.redshift.errors import NotSupportedError, RedshiftError
from warehouse.redshift.statements.refused import REFUSED

ROOT = Path(__file__).parents[5]
PAGE = (ROOT / "docs" / "redshift-statements.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| ([A-Z ]+) \| (\w+) \| (.*) \|$", PAGE, re.MULTILINE)


def test_every_refused_command_is_refused_by_name(client: Client) -> None:
    """With its own name, whatever follows."""
    refused = [name for name, kind, _ in ROWS if kind == "refused"]
    assert len(refused) > 50
    for name in refused:
        with pytest.raises(NotSupportedError) as caught:
            client.run(f"{name} x")
        assert caught.value.feature == name


def test_commands_stand_once_and_name_tests_that_are_there() -> None:
    """In the order of their names."""
    names = [name for name, _, _ in ROWS]
    assert names == sorted(set(names))
    tests = {path.name for path in (ROOT / "tests" / "unit" / "warehouse" / "redshift").rglob("test_*.py")}
    for name, kind, how in ROWS:
        assert kind in {"supported", "recorded", "refused"}
        assert set(re.findall(r"`(test_\w+\.py)`", how)) <= tests, name


def test_every_refusal_of_the_router_is_on_the_page() -> None:
    """But those of words that AWS's list has under another name, and SAVEPOINT, which Redshift has not."""
    names = {name for name, kind, _ in ROWS if kind == "refused"}
    others = {"or replace", "protected", "external table", "external schema", "release", "savepoint"}
    for first, rests in REFUSED.items():
        for rest in rests:
            said = f"{first} {rest}".strip()
            assert said.upper() in names or any(other in said for other in others), said


def test_savepoint_is_refused(client: Client) -> None:
    """SQLAlchemy and others ask for it."""
    for sql in ("savepoint a", "release savepoint a", "rollback to savepoint a"):
        with pytest.raises(RedshiftError, match=r"SAVEPOINT|RELEASE|syntax error"):
            client.run(sql)
