"""How long the translation of a statement takes, uncached: `python -m benchmarks.warehouse.dialect`.

Every golden case that is not refused, and the marts; the columns of their tables are known, as they are in a
warehouse that runs. Times are of this process alone (CPU), so that a busy machine does not count.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import process_time_ns
from typing import Any

from rich.console import Console

from benchmarks.machine import machine
from tests.support.golden import areas
from tests.support.marts import Project
from warehouse.redshift.column_types import SessionCatalogue
from warehouse.redshift.dialect.translate import translate
from warehouse.redshift.engine import Engine

SCHEMA = Path("warehouse/models/schema")
ROUNDS = 5
MOST_MILLISECONDS = 5.0


def _milliseconds(engine: Engine, seen: SessionCatalogue, sqls: list[str]) -> list[float]:
    times = []
    for number in range(ROUNDS + 1):
        for sql in sqls:
            started = process_time_ns()
            translate(sql, engine.database, seen)
            if number:  # the first round looks the columns up
                times.append((process_time_ns() - started) / 1e6)
    return times


def measured() -> Mapping[str, list[float]]:
    """Return the milliseconds of each translation, by what was translated."""
    with TemporaryDirectory() as folder:
        s3: Any = None  # nothing is copied
        engine = Engine(Path(folder) / "warehouse.duckdb", s3)
        for path in sorted(SCHEMA.glob("*.sql")):
            engine.execute([path.read_text(encoding="utf-8")])
        golden = []
        for area in areas():
            engine.execute(area.setup)
            golden += [case.sql for case in area.cases if not case.refused and not case.setup]
        marts = Project().marts()
        for name, query in marts.items():  # one reads another
            engine.execute([f"create table {name} as {query}"])
        connection = engine._connection.cursor()  # noqa: SLF001  # what a session sees, without its cache
        connection.execute("set search_path = 'public,main'")
        seen = SessionCatalogue(connection, lambda: ["public"])
        times = {
            "golden cases": _milliseconds(engine, seen, golden),
            "marts": _milliseconds(engine, seen, list(marts.values())),
        }
        connection.close()
        engine.close()
    return times


def main() -> int:
    """Print the times; 1 where the median of the golden cases is not what is promised."""
    console = Console()
    console.print(machine())
    times = measured()
    for name, each in times.items():
        twentieth = quantiles(each, n=20)
        console.print(
            f"{name}: {len(each)} translations, median {median(each):.2f} ms, "
            f"95 % within {twentieth[-1]:.2f} ms"
        )
    return int(median(times["golden cases"]) > MOST_MILLISECONDS)


if __name__ == "__main__":
    sys.exit(main())
