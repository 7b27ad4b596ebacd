"""`make bench-lambda` runs: in small, on servers of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from app.stack.settings import StandSettings
from benchmarks.functions.peers import WITHOUT_OUR_MAPPINGS
from benchmarks.functions.plan import QUICK

pytestmark = pytest.mark.timeout(180)


@pytest.mark.long
def test_every_case_is_measured(tmp_path: Path) -> None:
    """Of ours; that all records arrived as they were put is the benchmark's own condition."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MILLRACE_"))}
    subprocess.run(
        [sys.executable, "-m", "benchmarks.functions", "--quick", "--only", "millrace"],
        env=clean | {"PYTHONPATH": str(Path.cwd())},
        cwd=tmp_path,
        check=True,
        timeout=170,
    )
    facts = json.loads((tmp_path / "build/bench/lambda.json").read_text(encoding="utf-8"))
    environments = {each["case"]: each["environments"] for each in facts["invocations"]}
    assert environments == {
        "warm": 1,
        "cold": QUICK.cold,
        "burst": QUICK.at_once,
        "burst again": QUICK.at_once,
    }
    arrived = {each["case"]: each["arrived"] for each in facts["deliveries"]}
    assert arrived == {
        "mapping": QUICK.records,
        "shard": QUICK.records,
        "factor 1": QUICK.factor_records,
        "factor more": QUICK.factor_records,
    }
    assert facts["gaps"] == []


def test_localstack_s_own_mappings_are_compared() -> None:
    """The peer's start leaves our plug-in out, and ours alone."""
    look = "print([each.name for each in hooks.on_infra_start.manager.load_all()])"
    shown = {}
    for name, script in (
        ("stock", WITHOUT_OUR_MAPPINGS),
        ("ours", "from localstack.runtime import hooks\nmain()"),
    ):
        command = [str(StandSettings().cloud_python), "-c", script.replace("main()", look)]
        output = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
        shown[name] = set(output.splitlines()[-1].strip("[]").split(", "))
    assert shown["ours"] - shown["stock"] == {"'honour_settings'"}
