"""How long a copy of the warehouse's file takes, and how long writers wait for it.

`python -m benchmarks.warehouse.snapshots [--megabytes 200] [--times 5]`
"""

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from threading import Event, Thread
from time import perf_counter

from benchmarks.running import BENCH
from warehouse.redshift.engine import Engine
from warehouse.redshift.snapshots.copying import copy_file

_ROW_BYTES = 16
"""Two random numbers of eight bytes, which do not compress."""


class Writer:
    """A session that inserts one row after the other, and keeps how long each took."""

    def __init__(self, engine: Engine) -> None:
        """Write nothing yet."""
        self._engine = engine
        self._stopped = Event()
        self.seconds: list[float] = []

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Write while the block runs."""
        thread = Thread(target=self._run)
        thread.start()
        try:
            yield
        finally:
            self._stopped.set()
            thread.join()

    def _run(self) -> None:
        while not self._stopped.is_set():
            began = perf_counter()
            self._engine.execute(["insert into one values (1)"])
            self.seconds.append(perf_counter() - began)


class Timed(Engine):
    """An engine that keeps for how long writers were held."""

    held: list[float]

    @contextmanager
    def quiet(self, wait_seconds: float) -> Iterator[None]:
        """Hold writers, and measure it."""
        began = perf_counter()
        with super().quiet(wait_seconds):
            yield
        self.held.append(perf_counter() - began)


def main() -> int:
    """Fill a file, copy it some times while a session writes, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=200)
    parser.add_argument("--times", type=int, default=5)
    options = parser.parse_args()
    BENCH.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=BENCH))
    try:
        sys.stdout.write(_measured(folder, options.megabytes, options.times))
    finally:
        shutil.rmtree(folder)
    return 0


def _measured(folder: Path, megabytes: int, times: int) -> str:
    engine = Timed(folder / "dev.duckdb", None)
    engine.execute(["create table many (a bigint, b bigint)", "create table one (a integer)"])
    with engine.writing() as connection:
        rows = megabytes * 2**20 // _ROW_BYTES
        connection.execute(
            "insert into public.many select (random() * 9e18)::bigint, (random() * 9e18)::bigint "
            "from range(?)",
            [rows],
        ).fetchall()
    alone, beside = Writer(engine), Writer(engine)
    with alone.writing():
        Event().wait(2)
    engine.held, copied = [], []
    with beside.writing():
        for number in range(times):
            began = perf_counter()
            copy_file(engine, folder / f"{number}.duckdb")
            copied.append(perf_counter() - began)
    size = engine.path.stat().st_size / 2**20
    engine.close()
    return (
        f"file {size:.0f} MB, {times} copies, medians (and the longest), seconds\n"
        f"copied and opened, from start to end  {_figures(copied)}\n"
        f"writers held: CHECKPOINT and copy     {_figures(engine.held)}\n"
        f"an INSERT of one row beside it        {_figures(beside.seconds)}\n"
        f"an INSERT of one row alone            {_figures(alone.seconds)}\n"
    )


def _figures(seconds: list[float]) -> str:
    return f"{median(seconds):.3f} ({max(seconds):.3f})"


if __name__ == "__main__":
    sys.exit(main())
