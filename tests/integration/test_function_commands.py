"""The commands that show Lambda's figures and logs."""

import json
import os
import pty
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from runtime.settings import Settings
from tests.support.commands import MILLRACE, run
from tests.support.functions import Deploy, invoke
from tests.support.waiting import until

pytestmark = pytest.mark.timeout(180)


def test_figures_of_a_function(world: Settings, functions: Any, deploy: Deploy) -> None:
    """Counted, timed and priced."""
    assert world
    name = deploy("def handler(event, context):\n    return 1 / event")
    for event in (1, 2, 0):
        invoke(functions, name, event)

    def figures() -> Any:
        (found,) = [each for each in json.loads(run("functions", "--json")) if each["name"] == name]
        return found if found["invocations"] == 3 and found["p50_ms"] else None

    found = until(figures, 30)
    assert (found["errors"], found["throttles"], found["cold_starts"]) == (1, 0, 1)
    assert found["p99_ms"] >= found["p50_ms"] > 0
    assert 3 * 0.2 / 1e6 < found["cost_usd"] < 0.001
    assert name in run("functions")


def test_a_log_is_followed_until_it_is_interrupted(
    world: Settings, functions: Any, deploy: Deploy, tmp_path: Path
) -> None:
    """Each line once, of all environments."""
    assert world
    name = deploy("def handler(event, context):\n    for n in range(20): print('LINE', event, n)\n")
    path = tmp_path / "lines"
    with path.open("w") as file:
        process = subprocess.Popen(
            [*MILLRACE, "logs", name, "--follow", "--grep", "LINE"], stdout=file, stderr=subprocess.PIPE
        )
        with ThreadPoolExecutor(4) as pool:
            for end in range(20, 80, 20):  # each wave after the one before was read
                list(pool.map(lambda number: invoke(functions, name, number), range(end - 20, end)))
                until(lambda: path.read_text().count("\n") >= end * 20, 40)  # noqa: B023  # called at once
        wanted = sorted(f"LINE {event} {n}" for event in range(60) for n in range(20))
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)
    assert process.returncode == 130
    assert sorted(line.split(" ", 1)[1] for line in path.read_text().splitlines()) == wanted


def test_figures_are_watched_until_they_are_interrupted(
    world: Settings, functions: Any, deploy: Deploy
) -> None:
    """A function that is new since is in them."""
    assert world
    assert functions
    master, terminal = pty.openpty()
    os.set_blocking(master, False)
    process = subprocess.Popen([*MILLRACE, "functions", "--watch"], stdout=terminal, stderr=subprocess.PIPE)
    seen = bytearray()

    def has_shown(text: str) -> bool:
        with suppress(BlockingIOError):
            seen.extend(os.read(master, 2**16))
        return text.encode() in seen

    until(lambda: has_shown("Lambda functions"), 30)
    name = deploy("def handler(event, context): ...")
    until(lambda: has_shown(name), 30)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 130
    os.close(master)
    os.close(terminal)
