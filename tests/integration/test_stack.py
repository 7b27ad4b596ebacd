"""The local stack, really started: it answers, it binds loopback alone, it leaves nothing running."""

import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import localstack_client.session
import psutil
import pytest

from app import wiring
from app.commands.bootstrap import prepare
from app.errors import UsageError
from app.stack.lock import alone
from app.stack.process import NotReadyError, PortTakenError, Server
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from localstack.bootstrap.apply import apply
from localstack.bootstrap.change import ResourceDiffersError
from runtime.settings import Settings
from runtime.warehouse import StatementFailedError
from tests.support.commands import run_main
from tests.support.stack import free_port
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(240)
CLI = [sys.executable, "-c", "from app.cli import main; main()"]


def server(home: Path, script: str, port: int) -> Server:
    """Return a server that is a Python script."""
    return Server("toy", [sys.executable, "-c", script], {}, port, "/", home)


def test_only_loopback_is_bound(stack: Stack) -> None:
    """Neither a server nor a child of one listens anywhere else."""
    listening = [
        connection.laddr.ip
        for each in stack.servers
        if (process := each.process())
        for member in (process, *process.children(recursive=True))
        for connection in member.net_connections(kind="inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 2
    assert set(listening) == {"127.0.0.1"}


def test_up_again_starts_nothing(stack: Stack) -> None:
    """What runs is left alone."""
    assert stack.up() == []
    assert [server.is_ready for server in stack.status()] == [True, True]


def test_a_second_bootstrap_changes_nothing(world: Settings) -> None:
    """And says so."""
    first, second = prepare(world), prepare(world)
    assert {line.rsplit(" ", 1)[1] for line in first} == {"created"}
    assert {line.rsplit(" ", 1)[1] for line in second} == {"unchanged"}


def test_a_resource_with_other_properties_is_left_as_it_is(world: Settings) -> None:
    """The error names both."""
    session: Any = localstack_client.session.Session()
    session.client("kinesis").create_stream(StreamName="flight-events", ShardCount=2)
    with pytest.raises(
        ResourceDiffersError, match="stream flight-events is there with 2 and is to have 4 shards"
    ):
        apply(world)


def test_a_lost_tag_is_put_back(world: Settings) -> None:
    """Tags are part of what is desired."""
    apply(world)
    session: Any = localstack_client.session.Session()
    session.client("kinesis").remove_tags_from_stream(StreamName="flight-events", TagKeys=["project"])
    first, *others = apply(world)
    assert first.action == "tagged"
    assert {change.action for change in others} == {"unchanged"}


def test_a_taken_port_is_one_line_and_no_hang(tmp_path: Path) -> None:
    """It names the port and who has it."""
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(PortTakenError, match=rf"port {port} for toy is taken by .*pid {os.getpid()}"):
            server(tmp_path, "", port).start()


def test_a_server_that_ends_at_its_start_says_why(tmp_path: Path) -> None:
    """By the last line of its log."""
    toy = server(tmp_path, "raise SystemExit('no such disk')", free_port())
    toy.start()
    with pytest.raises(NotReadyError, match="toy ended at its start: no such disk; its log is"):
        toy.wait_until_ready()


def test_a_recycled_pid_is_not_killed(tmp_path: Path) -> None:
    """A record whose pid belongs to another process by now stops nothing."""
    toy = server(tmp_path, "import time; time.sleep(60)", free_port())
    toy.start()
    process = toy.process()
    assert process
    record = tmp_path / "run" / "toy.json"
    record.write_text(f'{{"pid": {process.pid}, "created": 1.0}}', encoding="utf-8")
    assert not toy.stop()
    assert process.is_running()
    process.kill()
    process.wait()


def test_a_server_is_stopped_with_its_children(tmp_path: Path) -> None:
    """And stopping it twice does no harm."""
    script = "import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)"
    toy = server(tmp_path, script, free_port())
    toy.start()
    process = toy.process()
    assert process
    children = until(lambda: process.children(recursive=True))
    assert toy.stop()
    assert not any(each.is_running() for each in (process, *children))
    assert not toy.stop()


def test_ctrl_c_during_up_leaves_nothing_running(stand: StandSettings, tmp_path: Path) -> None:
    """Exit code 130, one line, and no process."""
    other = replace(
        stand, home=tmp_path, port=free_port(), warehouse_port=free_port(), warehouse_wire_port=free_port()
    )
    environment = os.environ | {
        "MILLRACE_HOME": str(tmp_path),
        "MILLRACE_PORT": str(other.port),
        "MILLRACE_WAREHOUSE_PORT": str(other.warehouse_port),
        "MILLRACE_WAREHOUSE_WIRE_PORT": str(other.warehouse_wire_port),
    }
    with subprocess.Popen([*CLI, "up"], env=environment, stderr=subprocess.PIPE, text=True) as up:
        record = tmp_path / "run" / "cloud.json"
        until(record.exists)
        up.send_signal(signal.SIGINT)
        _, error = up.communicate(timeout=60)
    assert up.returncode == 130
    assert error.strip().startswith("millrace: interrupted")
    assert [each.process() for each in Stack(other).servers] == [None, None]


def test_a_warehouse_does_not_outlive_its_cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cloud's world is in memory: what came again would be counted twice in a warehouse that was kept."""
    own = StandSettings(tmp_path, free_port(), free_port(), warehouse_wire_port=free_port())
    stack = Stack(own)
    monkeypatch.setenv("AWS_ENDPOINT_URL", own.endpoint_url)
    try:
        stack.up()
        warehouse = wiring.warehouse(Settings.from_env())
        warehouse.query("create table kept (a integer)")
        cloud = next(each for each in stack.servers if each.name == "cloud")
        cloud.stop()
        assert stack.up() == ["warehouse", "cloud"]
        with pytest.raises(StatementFailedError, match="kept"):
            warehouse.query("select * from kept")
    finally:
        stack.down()


def test_a_second_demo_or_job_on_a_stand_is_refused(tmp_path: Path) -> None:
    """It would empty the world of the first; where the first has ended it goes on."""
    for _ in range(2):
        with alone(tmp_path):
            with pytest.raises(UsageError, match="another demo or job runs on"):
                alone(tmp_path).__enter__()
            assert (tmp_path / "stand.lock").exists()


def test_the_environment_of_the_local_stack_is_one_world() -> None:
    """One region for both kinds of clients, no proxy, and no profile that this machine lacks."""
    environment = {"AWS_REGION": "eu-west-1", "AWS_PROFILE": "work", "no_proxy": "x"}
    StandSettings().point_here(environment)
    assert environment["DEFAULT_REGION"] == "eu-west-1"
    assert environment["no_proxy"] == "x,127.0.0.1,localhost,::1"
    assert "AWS_PROFILE" not in environment


@pytest.mark.parametrize(
    ("environment", "arguments", "exit_code", "message"),
    [
        pytest.param(
            {"AWS_ENDPOINT_URL": "https://kinesis.us-east-1.amazonaws.com"},
            ["status"],
            2,
            "refused: ",
            id="aws",
        ),
        pytest.param(
            {"AWS_ENDPOINT_URL": "http://10.0.0.1:4566"}, ["demo"], 2, "must be a loopback", id="network"
        ),
        pytest.param(
            {}, ["job", "run", "nightly"], 2, "there is no job `nightly`; there are: compact_events", id="job"
        ),
        pytest.param({}, ["replay", "--from", "2013-02-30"], 2, "2013-02-30", id="no such day"),
        pytest.param({}, ["replay", "--from", "2014-01-01"], 2, "2013", id="another year"),
        pytest.param(
            {}, ["replay", "--from", "2013-02-09", "--to", "2013-02-08"], 2, "before", id="reversed"
        ),
        pytest.param({}, ["replay", "--speed", "warp"], 2, "`speed` must be `max`", id="speed"),
        pytest.param(
            {"MILLRACE_PORT": "x"}, ["status"], 2, "`MILLRACE_PORT` must be a port; got `x`", id="port"
        ),
        pytest.param({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, ["load"], 1, "run `make up`", id="no stack"),
        pytest.param({}, ["fly"], 2, "No such command", id="command"),
    ],
)
def test_bad_input_is_one_line_and_an_exit_code(
    environment: dict[str, str],
    arguments: list[str],
    exit_code: int,
    message: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """On stderr, without a traceback."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MILLRACE_"))}
    assert run_main(*arguments, environment=clean | environment) == exit_code
    error = capfd.readouterr().err
    assert message in error
    assert len(error.strip().splitlines()) == 1
