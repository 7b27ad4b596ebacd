"""spark-submit's processes: started clean, and ended with whoever started them."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from localstack.providers.spark import supervisor
from localstack.providers.spark.launching import LaunchError
from localstack.providers.spark.local import LocalLauncher, base_environment
from tests.support.waiting import until

STUBBORN = """
import json, os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import os, time; os.setpgid(0, 0); time.sleep(600)"])
print(json.dumps([os.getpid(), child.pid]), flush=True)
time.sleep(600)
"""


def submit(folder: Path, body: str) -> Path:
    """Write a spark-submit that runs a Python of ours, and return the interpreter beside it."""
    script = folder / "spark-submit"
    script.write_text(f"#!{sys.executable}\n{body}")
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    return folder / "python"


def pids(stdout: Path) -> list[psutil.Process]:
    """Wait for the pids that it prints."""
    text = until(lambda: stdout.read_text() if stdout.exists() else "")
    return [psutil.Process(pid) for pid in json.loads(text)]


def running(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that have not ended; a zombie has, and waits for its parent."""
    return [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def test_arguments_environment_and_exit_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of AWS and Spark is inherited."""
    for name in ("AWS_PROFILE", "SPARK_HOME", "PYSPARK_SUBMIT_ARGS"):
        monkeypatch.setenv(name, "mine")
    body = "import json, os, sys\nprint(json.dumps([sys.argv[1:], dict(os.environ)]))\nsys.exit(3)"
    launcher = LocalLauncher(submit(tmp_path, body))
    driver = launcher.launch(["x.py", "a b"], base_environment(os.environ), tmp_path)
    assert driver.wait() == 3
    arguments, environment = json.loads(driver.stdout.read_text())
    assert arguments == ["--master", "local[2]", "x.py", "a b"]
    assert environment["AWS_ACCESS_KEY_ID"] == "test"
    assert not {"AWS_PROFILE", "SPARK_HOME", "PYSPARK_SUBMIT_ARGS"} & set(environment)
    driver.stop()


def test_stop_ends_all_processes(tmp_path: Path) -> None:
    """One that does not listen, and one that left the process group."""
    driver = LocalLauncher(submit(tmp_path, STUBBORN)).launch([], base_environment(os.environ), tmp_path)
    processes = pids(driver.stdout)
    assert driver.wait(0.01) is None
    driver.stop(0.1)
    assert not running(processes)
    assert driver.wait() == 128 + 9


def test_they_end_with_whoever_started_them(tmp_path: Path) -> None:
    """Killed, it closes its pipe, and says no word."""
    submit(tmp_path, STUBBORN)
    starter = (
        "import os, sys, time; from pathlib import Path; from localstack.providers.spark.local import *\n"
        f"driver = LocalLauncher(Path({str(tmp_path)!r}) / 'python').launch([], dict(os.environ), "
        f"Path({str(tmp_path)!r}))\ntime.sleep(600)"
    )
    parent = subprocess.Popen([sys.executable, "-c", starter])
    processes = pids(tmp_path / "stdout")
    parent.kill()
    parent.wait()
    until(lambda: not running(processes), supervisor.GRACE_SECONDS + 20)


def test_no_spark_submit_is_said(tmp_path: Path) -> None:
    """With what to do."""
    with pytest.raises(LaunchError, match="run `make setup`"):
        LocalLauncher(tmp_path / "python").launch([], {}, tmp_path)
