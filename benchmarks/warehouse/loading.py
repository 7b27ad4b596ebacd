"""COPY of Parquet beside DuckDB's own insert of the same files, and beside an INSERT for each row.

`python -m benchmarks.warehouse.loading`

Both load the same rows from files on this disk into a table of the same columns, in turns, each in a database
of its own. So what differs is what COPY does beside the insert: it fetches, checks types and lengths, and
keeps to Redshift's transaction. The INSERTs go to the same engine, a transaction each.
"""

import argparse
import io
import shutil
import sys
from pathlib import Path
from statistics import median
from tempfile import mkdtemp
from time import perf_counter
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from pyarrow import parquet
from rich.console import Console
from rich.progress import Progress

from benchmarks.running import BENCH
from benchmarks.sheet import Sheet
from warehouse.redshift.engine import Engine

ROWS = 10_000_000
FILES = 10
ROUNDS = 3
ASKED = 0.8
SINGLE_ROWS = 1_000
"""Rows that are inserted one by one: their cost does not change with their number."""

ASKED_TIMES = 100
_COLUMNS = (
    "id bigint, day date, departed timestamp, carrier varchar(2), origin varchar(3), delay integer, "
    "share double precision"
)
_SEED = 2013


class FolderS3:
    """An S3 whose buckets are folders below one: only what COPY asks of it."""

    def __init__(self, folder: Path) -> None:
        """Take the folder."""
        self._folder = folder

    def get_paginator(self, _operation: str) -> "FolderS3":
        """Return what lists."""
        return self

    def paginate(self, *, Bucket: str, Prefix: str) -> list[dict[str, Any]]:  # noqa: N803  # AWS's names
        """List the objects of a prefix."""
        files = sorted((self._folder / Bucket).glob(f"{Prefix}*"))
        return [{"Contents": [{"Key": file.name, "Size": file.stat().st_size} for file in files]}]

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:  # noqa: N803  # AWS's names
        """Return one object."""
        return {"Body": io.BytesIO((self._folder / Bucket / Key).read_bytes())}


def write(folder: Path, rows: int) -> None:
    """Write files of rows that look like flights."""
    numbers = np.random.default_rng(_SEED)
    each = rows // FILES
    carriers = pa.array(["AA", "B6", "DL", "EV", "MQ", "UA", "US", "WN"])
    origins = pa.array(["EWR", "JFK", "LGA"])
    for number in range(FILES):
        seconds = np.sort(numbers.integers(0, 365 * 86_400, each)) + 1_356_998_400
        table = pa.table(
            {
                "id": pa.array(np.arange(number * each, (number + 1) * each)),
                "day": pa.array((seconds // 86_400).astype("int32")).cast(pa.date32()),
                "departed": pa.array(seconds * 1_000_000).cast(pa.timestamp("us")),
                "carrier": carriers.take(pa.array(numbers.integers(0, len(carriers), each))),
                "origin": origins.take(pa.array(numbers.integers(0, len(origins), each))),
                "delay": pa.array(numbers.normal(12, 40, each).astype("int32")),
                "share": pa.array(numbers.random(each)),
            }
        )
        parquet.write_table(table, folder / f"part-{number:02}.parquet", compression="zstd")


def copy(folder: Path, home: Path) -> float:
    """Return the seconds that a COPY takes."""
    engine = Engine(home / "dev.duckdb", FolderS3(folder.parent))
    engine.execute([f"create table flights ({_COLUMNS})"])
    began = perf_counter()
    engine.execute([f"copy flights from 's3://{folder.name}/part-' iam_role default format as parquet"])
    seconds = perf_counter() - began
    engine.close()
    return seconds


def insert(folder: Path, home: Path) -> float:
    """Return the seconds that DuckDB takes to insert what its own reader reads."""
    database = duckdb.connect(home / "raw.duckdb")
    database.execute(f"create table flights ({_COLUMNS})")
    began = perf_counter()
    database.execute(f"insert into flights select * from read_parquet('{folder}/*.parquet')")  # noqa: S608  # ours
    seconds = perf_counter() - began
    database.close()
    return seconds


def insert_each(home: Path, rows: int) -> float:
    """Return the seconds that an INSERT for each row takes, each a transaction of its own."""
    engine = Engine(home / "single.duckdb", None)
    engine.execute([f"create table flights ({_COLUMNS})"])
    session = engine.session("awsuser")
    began = perf_counter()
    for number in range(rows):
        values = f"{number}, '2013-02-08', '2013-02-08 06:00:00', 'UA', 'EWR', {number % 60}, 0.5"
        session.run([f"insert into flights values ({values})"])  # noqa: S608  # ours
    seconds = perf_counter() - began
    session.close()
    engine.close()
    return seconds


def main(argv: list[str] | None = None) -> int:
    """Load in turns, and print both."""
    parser = argparse.ArgumentParser(prog="benchmarks.warehouse.loading", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    rows: int = parser.parse_args(argv).rows
    console = Console()
    scratch = Path(mkdtemp(prefix="loading-", dir=_made(BENCH)))
    taken: dict[str, list[float]] = {"COPY": [], "raw insert": []}
    try:
        folder = _made(scratch / "files")
        with Progress(console=console, transient=True) as progress:
            task = progress.add_task("writing files", total=2 + 2 * ROUNDS)
            write(folder, rows)
            for number in range(ROUNDS):
                for name, load in (("COPY", copy), ("raw insert", insert)):
                    progress.update(task, advance=1, description=name)
                    home = _made(scratch / f"{number}-{name[:4]}")
                    taken[name].append(load(folder, home))
                    shutil.rmtree(home)
            progress.update(task, advance=1, description="INSERTs")
            single = SINGLE_ROWS / insert_each(_made(scratch / "single"), SINGLE_ROWS)
    finally:
        shutil.rmtree(scratch)
    ratios = [raw / ours for raw, ours in zip(taken["raw insert"], taken["COPY"], strict=True)]
    table = [
        [name, f"{median(each):.2f}", f"{rows / median(each):,.0f}", " ".join(f"{one:.2f}" for one in each)]
        for name, each in taken.items()
    ]
    title = f"{rows:,} rows of Parquet: COPY at {median(ratios):.2f} of a raw insert (asked {ASKED})"
    table.append([f"an INSERT a row, {SINGLE_ROWS:,}", f"{SINGLE_ROWS / single:.2f}", f"{single:,.0f}", ""])
    console.print(Sheet(title, ["", "seconds", "rows/s", "rounds"], table).rich())
    times = rows / median(taken["COPY"]) / single
    console.print(f"COPY loads {times:,.0f} times what an INSERT a row does (asked {ASKED_TIMES})")
    return 0


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder


if __name__ == "__main__":
    sys.exit(main())
