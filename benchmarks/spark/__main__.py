"""Spark beside files, S3 and the engines of one machine: `python -m benchmarks.spark --years 1,10`.

The question is daily_on_time over all of the archive. Each cell is a program from its start to its end, in
turn, so that a busy machine is busy for all; every answer is compared before it counts.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median

import duckdb
from rich.console import Console

from app.errors import StandError
from benchmarks.install import why_not
from benchmarks.peers import python_of
from benchmarks.sheet import Sheet
from benchmarks.spark.archive import build
from benchmarks.spark.cloud import s3_with
from benchmarks.spark.processes import Cost, cost_of
from benchmarks.spark.sparks import Sparks

OUTPUTS = ("daily_on_time", "weather_impact", "delay_propagation", "stream_differences", "compacted")
FOLDER = Path("build/benchmarks/spark").absolute()
_JOB = "daily_on_time"
_MIB = 2**20
_OF_LONG_RUNS = "-XX:+UseSerialGC"
"""Without the flag that has Java compile less: it starts a run sooner, and makes its minutes longer."""


def main() -> None:
    """Measure, and print a table for each number of years."""
    parser = argparse.ArgumentParser(prog="benchmarks.spark", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--years", default="1,10", help="of the archive; a year is 993,360 events")
    parser.add_argument("--turns", type=int, default=3, help="of each; the median counts")
    options = parser.parse_args()
    console = Console()
    reason = why_not("polars")
    for years in (int(each) for each in options.years.split(",")):
        with console.status(f"writing {years} years"):
            events = build(FOLDER / "lake", years)
        console.print(_measured(console, years, events, options.turns, reason).rich())
        if years == 1:
            console.print(_together(console, options.turns).rich())


def _measured(console: Console, years: int, events: int, turns: int, no_polars: str) -> Sheet:
    work = FOLDER / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    costs: dict[str, list[Cost]] = {}
    with ExitStack() as stack:
        cases, answers = _cases(stack, years, work, has_polars=not no_polars)
        for turn in range(turns):
            for name, case in cases.items():
                with console.status(f"{years} years, turn {turn + 1} of {turns}: {name}"):
                    costs.setdefault(name, []).append(case())
        _compare({name: answer() for name, answer in answers.items()})
    base = median(each.seconds for each in costs["Spark, files"])
    title = f"{_JOB} over {events:,} events, medians of {turns}"
    return Sheet(
        f"{title}; no Polars: {no_polars}" if no_polars else title,
        ("engine", "seconds", "times Spark on files", "CPU seconds", "peak MiB"),
        [
            (
                name,
                f"{(seconds := median(each.seconds for each in found)):.1f}",
                f"{seconds / base:.2f}",
                f"{median(each.cpu_seconds for each in found):.1f}",
                f"{max(each.peak_bytes for each in found) / _MIB:,.0f}",
            )
            for name, found in costs.items()
        ],
    )


def _together(console: Console, turns: int) -> Sheet:
    """Measure the year's five jobs in one application, on files and on S3; no output is there before."""
    work = FOLDER / "work"
    found: dict[str, dict[str, list[float]]] = {}
    lake, span = FOLDER / "lake", ("2013-01-01", "2013-12-31")
    for turn in range(turns):
        with s3_with(lake, work / f"turn-{turn}") as s3:
            for name, uri in (("files", lake.as_uri()), ("s3a", s3.uri)):
                with console.status(f"five jobs, turn {turn + 1} of {turns}: {name}"):
                    for output in OUTPUTS:
                        shutil.rmtree(lake / output, ignore_errors=True)
                    told = Sparks(work, s3.endpoint_url, _OF_LONG_RUNS).run_together(uri, *span)[1]
                    for job, seconds in told.items():
                        found.setdefault(job, {}).setdefault(name, []).append(seconds)
    rows = [(job, *(f"{median(each[name]):.1f}" for name in ("files", "s3a"))) for job, each in found.items()]
    return Sheet(
        f"The year's five jobs in one Spark application, seconds, medians of {turns}",
        ("job", "files", "s3a"),
        rows,
    )


def _cases(
    stack: ExitStack, years: int, work: Path, *, has_polars: bool
) -> tuple[dict[str, Callable[[], Cost]], dict[str, Callable[[], Path]]]:
    """Return what is measured by name, and where each one's answer is then."""
    lake, span = FOLDER / "lake", ("2013-01-01", f"{2012 + years}-12-31")
    archive = str(lake / "events/flight-events/stream/shard/*.parquet")
    s3 = stack.enter_context(s3_with(lake, work)) if years == 1 else None  # more days than its S3 takes soon
    sparks = Sparks(work, s3.endpoint_url if s3 else "http://127.0.0.1:1")
    cluster = sparks.cluster()
    cluster.start()
    stack.callback(cluster.stop)
    cases: dict[str, Callable[[], Cost]] = {
        "Spark, files": lambda: sparks.run(_JOB, lake.as_uri(), *span),
        "Spark, files, cluster": lambda: sparks.run(_JOB, lake.as_uri(), *span, master=cluster.url),
        "DuckDB": lambda: _peer("duckdb", archive, work),
    }
    answers: dict[str, Callable[[], Path]] = {
        "Spark, files": lambda: lake / _JOB,
        "DuckDB": lambda: work / "duckdb.parquet",
    }
    if s3:
        cases["Spark, s3a"] = lambda: sparks.run(_JOB, s3.uri, *span)
        answers["Spark, s3a"] = lambda: s3.fetched(_JOB, work / "s3a")
    if has_polars:
        cases["Polars"] = lambda: _peer("polars", archive, work)
        answers["Polars"] = lambda: work / "polars.parquet"
    return cases, answers


def _peer(name: str, archive: str, work: Path) -> Cost:
    python = str((python_of(name) / "bin" / "python").absolute()) if name == "polars" else sys.executable
    script = str(Path(__file__).with_name("peers.py"))
    return cost_of(
        [python, script, name, archive, str(work / f"{name}.parquet")], os.environ, work / f"{name}.log"
    )


def _compare(answers: dict[str, Path]) -> None:
    """Hold the answers against each other: what is wrong is not measured."""
    with duckdb.connect() as connection:
        rows = {}
        for name, path in answers.items():
            files = f"{path}/day=*/*.parquet" if path.is_dir() else str(path)
            columns = "flight_date, carrier, origin, scheduled, departed, cancelled, on_time, delay_minutes"
            sql = f"select {columns} from read_parquet('{files}') order by all"  # noqa: S608  # our own paths
            rows[name] = connection.execute(sql).fetchall()
    first, *others = rows
    for each in others:
        if rows[each] != rows[first]:
            msg = f"{each} answers otherwise than {first}: {len(rows[each])} and {len(rows[first])} rows"
            raise StandError(msg)


if __name__ == "__main__":
    main()
