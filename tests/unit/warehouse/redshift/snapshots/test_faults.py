"""SIGKILL at the worst moments: the file is the old one or the new one, whole."""

import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

_COMMON = """
import os, signal, sys
from pathlib import Path
from warehouse.redshift.engine import Engine

def die():
    os.kill(os.getpid(), signal.SIGKILL)

home = Path(sys.argv[1])
engine = Engine(home / "dev.duckdb", None)
engine.execute(["create table t (a integer)", "insert into t values (1), (2)"])
"""

_QUIET = """
with engine.quiet(1):
    die()
"""

_RESTORE = """
class Killing(type(home)):
    def replace(self, target):
        if sys.argv[2] == "before":
            die()
        super().replace(target)
        die()

other = Engine(home / "other.duckdb", None)
other.execute(["create table t (a integer)", "insert into t values (9)"])
other.close()
engine.replace(Killing(home / "other.duckdb"), 1)
"""


@pytest.mark.parametrize(
    ("script", "moment", "rows"),
    [
        pytest.param(_QUIET, "", [(1,), (2,)], id="while writers are held"),
        pytest.param(_RESTORE, "before", [(1,), (2,)], id="in a restore, before the file is swapped in"),
        pytest.param(_RESTORE, "after", [(9,)], id="in a restore, after it"),
    ],
)
def test_a_process_that_is_killed_leaves_a_whole_file(
    tmp_path: Path, script: str, moment: str, rows: list[tuple[int]]
) -> None:
    """With everything that was committed."""
    command = [sys.executable, "-c", _COMMON + script, str(tmp_path), moment]
    done = subprocess.run(command, check=False)
    assert done.returncode == -signal.SIGKILL
    with duckdb.connect(tmp_path / "dev.duckdb") as file:
        assert file.execute("select a from public.t order by a").fetchall() == rows


def test_a_child_that_copies_ends_with_its_parent(tmp_path: Path) -> None:
    """It copies nothing that nobody asked for."""
    from warehouse.redshift.snapshots import copier  # noqa: PLC0415  # a script, here for its path

    (tmp_path / "a").write_bytes(b"x")
    command = [sys.executable, "-I", copier.__file__, str(tmp_path / "a"), str(tmp_path / "b")]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=False, timeout=30)
    assert (done.returncode, done.stdout) == (0, "ready\n")
    assert not (tmp_path / "b").exists()
