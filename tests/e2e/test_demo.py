"""The demo as a newcomer runs it: its exit code, its figures, its page, and that a difference is found."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from app import wiring
from app.reconcile.reconcile import reconcile
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from runtime.settings import Settings
from tests.support.stack import free_port

pytestmark = pytest.mark.timeout(400)
CLI = [sys.executable, "-c", "from app.cli import main; main()"]
DAY = ["--from", "2013-02-08", "--to", "2013-02-08"]


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Give the demo a stack of its own, on free ports."""
    (tmp_path / "jars").symlink_to(Path(".millrace/jars").absolute())
    mine = {
        "MILLRACE_HOME": str(tmp_path),
        "MILLRACE_PORT": str(free_port()),
        "MILLRACE_WAREHOUSE_PORT": str(free_port()),
    }
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MILLRACE_"))
    } | mine


def test_the_demo_reconciles_twice_in_a_kept_world(environment: dict[str, str]) -> None:
    """The second time the day is all duplicates; a changed cell of the warehouse is found afterwards."""
    stand = StandSettings.from_env(environment)
    try:
        for run in (1, 2):
            done = subprocess.run(
                [*CLI, "demo", *DAY, "--keep"], env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            report = json.loads(Path("build/demo/report.json").read_text(encoding="utf-8"))
            assert report["reconciled"]
            assert (report["events_lost"], report["events_twice"]) == (0, 0)
            assert report["flights_in_warehouse"] == 930
            assert report["rejects_caught"] == report["rejects_injected"] > 0
            repeated = 0 if run == 1 else report["events_sent"] - report["rejects_injected"]
            caught = report["duplicates_caught"]
            assert caught == (repeated or report["duplicates_injected"])
            assert {step["name"] for step in report["steps"]} >= {"run the Spark job", "build the marts"}
        page = Path("build/demo/report.html").read_text(encoding="utf-8")
        assert "<script" not in page
        assert "src=" not in page.replace("data:", "")
        settings = Settings(endpoint_url=stand.endpoint_url)
        warehouse = wiring.warehouse(settings)
        warehouse.query("update fact_flight set departure_delay_minutes = 99 where flight = 1545")
        found = reconcile(warehouse.query, date(2013, 2, 8), date(2013, 2, 8))
        assert not found.is_equal
        assert {(each.table, each.column) for each in found.differences} == {
            ("fact_flight", "departure_delay_minutes")
        }
    finally:
        Stack(stand).down()


def test_a_cloud_that_dies_ends_the_demo_with_one_line(environment: dict[str, str]) -> None:
    """Nothing is left running, and the next demo could start: its ports are free."""
    stand = StandSettings.from_env(environment)
    slow = [*CLI, "demo", *DAY, "--speed", "3600"]
    with subprocess.Popen(
        slow, env=environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout
        for line in demo.stdout:
            if "start the stream" in line:
                break
        cloud = next(each for each in Stack(stand).servers if each.name == "cloud").process()
        assert cloud
        cloud.kill()
        _, error = demo.communicate(timeout=200)
    assert demo.returncode == 1
    assert error.startswith("millrace: ")
    assert len(error.strip().splitlines()) == 1
    assert [each.process() for each in Stack(stand).servers] == [None, None]
