"""The demo as a newcomer runs it: its exit code, its figures, its page, and that a difference is found."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import psutil
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
        "MILLRACE_WAREHOUSE_WIRE_PORT": str(free_port()),
    }
    return {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MILLRACE_"))
    } | mine


@pytest.mark.parametrize(
    "runs",
    [pytest.param((1,), id="once"), pytest.param((1, 2), id="twice", marks=pytest.mark.long)],
)
def test_the_demo_reconciles_in_a_kept_world(runs: tuple[int, ...], environment: dict[str, str]) -> None:
    """The second time the day is all duplicates; a changed cell of the warehouse is found afterwards."""
    stand = StandSettings.from_env(environment)
    try:
        for run in runs:
            done = subprocess.run(
                [*CLI, "demo", *DAY, "--keep"], env=environment, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stdout + done.stderr
            report = json.loads(Path("build/demo/report.json").read_text(encoding="utf-8"))
            assert report["reconciled"]
            assert (report["events_lost"], report["events_twice"]) == (0, 0)
            assert report["flights_in_warehouse"] == report["flights_on_board"] == 930
            assert 57 <= report["alerts"] <= 58  # flights that ended, and that ever were, an hour late
            assert report["dead_letters"] == report["poison_injected"] > 0
            assert report["throttles"] > 0
            assert report["rejects_caught"] == report["rejects_injected"] > 0
            repeated = 0 if run == 1 else report["events_sent"] - report["rejects_injected"]
            caught = report["duplicates_caught"]
            assert caught == (repeated or report["duplicates_injected"])
            assert {step["name"] for step in report["steps"]} >= {"run the Spark jobs", "build the marts"}
        page = Path("build/demo/report.html").read_text(encoding="utf-8")
        assert "<script" not in page
        assert "src=" not in page.replace("data:", "")
        settings = Settings(endpoint_url=stand.endpoint_url)
        warehouse = wiring.warehouse(settings)
        warehouse.query("update fact_flight set destination = 'XXX' where carrier = 'HA'")
        found = reconcile(warehouse.query, date(2013, 2, 8), date(2013, 2, 8))
        assert not found.is_equal
        assert {(each.table, each.column) for each in found.differences} == {("fact_flight", "destination")}
    finally:
        Stack(stand).down()


def kill_the_cloud(demo: psutil.Process, stand: StandSettings) -> None:
    """LocalStack dies in the middle."""
    cloud = next(each for each in Stack(stand).servers if each.name == "cloud").process()
    assert cloud
    assert cloud in demo.children()
    cloud.kill()


def kill_the_stream(demo: psutil.Process, _stand: StandSettings) -> None:
    """The stream dies in the middle."""
    stream = next(each for each in demo.children() if "--until-drained" in each.cmdline())
    stream.kill()


def interrupt(demo: psutil.Process, _stand: StandSettings) -> None:
    """Ctrl-C."""
    demo.send_signal(signal.SIGINT)


@pytest.mark.parametrize(
    ("happens", "exit_code", "message"),
    [
        pytest.param(kill_the_cloud, 1, "millrace: ", id="the cloud dies", marks=pytest.mark.long),
        pytest.param(
            kill_the_stream,
            1,
            "millrace: the stream ended too early: ",
            id="the stream dies",
            marks=pytest.mark.long,
        ),
        pytest.param(interrupt, 130, "millrace: interrupted; ", id="Ctrl-C"),
    ],
)
def test_a_demo_that_cannot_go_on_ends_with_one_line_and_nothing_running(
    happens: Callable[[psutil.Process, StandSettings], None],
    exit_code: int,
    message: str,
    environment: dict[str, str],
) -> None:
    """In the middle of a paced replay; no process is left of it, so the next demo starts clean."""
    stand = StandSettings.from_env(environment)
    slow = [*CLI, "demo", *DAY, "--speed", "3600"]
    pipes: dict[str, Any] = {"stderr": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(slow, env=environment, text=True, **pipes) as demo:
        assert demo.stdout
        for line in demo.stdout:
            if "start the stream" in line:
                break
        process = psutil.Process(demo.pid)
        family = process.children(recursive=True)
        assert len(family) >= 3
        happens(process, stand)
        _, error = demo.communicate(timeout=200)
    assert demo.returncode == exit_code, error
    assert error.startswith(message)
    assert len(error.strip().splitlines()) == 1
    assert [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []
