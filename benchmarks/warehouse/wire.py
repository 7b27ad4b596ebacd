"""The warehouse's wire: a large fetch beside PostgreSQL's, a small query, and a join beside DuckDB's own.

`python -m benchmarks.warehouse.wire`: the warehouse is a process of its own, psycopg the client of both, in
turns, so that a busy machine is busy for both. PostgreSQL is Debian's; where it is not, it is left out.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp
from time import perf_counter, sleep
from typing import Any

import duckdb
import psycopg
from rich.console import Console
from rich.table import Table

from tests.support.stack import free_port

ROWS = 1_000_000
TURNS = 5
FOLDER = Path("build/benchmarks/warehouse")
_STARTUP_SECONDS = 60
_PASSWORD = "Millrace-1"  # noqa: S105  # the warehouse's default

_DIGITS = "create table digit (d integer)"
_TEN = "insert into digit values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)"
_NUMBERS = "a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d"
_FROM = "digit a, digit b, digit c, digit e, digit f, digit g"
_FACT = "create table fact (id integer, price numeric(12, 2), name varchar(40), moment timestamp)"
_FILL = (
    f"insert into fact select n, n * 1.25, 'row number ' || n::varchar, "  # noqa: S608  # ours
    f"timestamp '2026-01-01 00:00:00' from (select {_NUMBERS} as n from {_FROM}) x"
)
FETCH = "select id, price, name, moment from fact"

_STAR = (
    (
        "create table product as select id as product, 'product ' || id::varchar as name, "
        "'category ' || (id % 12)::varchar as category from fact where id < 1000"
    ),
    "create table store as select id as store, 'city ' || (id % 20)::varchar as city from fact where id < 50",
    "create table day as select id as day, 1 + id / 31 as month from fact where id < 365",
    (
        "create table sale as select f.id * 7 % 1000 as product, f.id * 13 % 50 as store, f.id % 365 as day, "
        "f.price from fact f cross join digit d"
    ),
)
JOIN = (
    "select p.category, s.city, count(*) as n, sum(f.price) as total from sale f "
    "join product p on f.product = p.product join store s on f.store = s.store join day d on f.day = d.day "
    "where d.month between 1 and 6 group by p.category, s.city order by total desc limit 10"
)


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks.warehouse.wire", description=__doc__)
    parser.add_argument("--turns", type=int, default=TURNS, help="of each; the median counts")
    turns: int = parser.parse_args().turns
    console = Console()
    FOLDER.mkdir(parents=True, exist_ok=True)
    folder = Path(mkdtemp(dir=FOLDER)).absolute()
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        with _warehouse(folder) as ours:
            _measure(console, stack, folder, ours, turns)
        _join_inside(console, folder, turns)


def _measure(
    console: Console, stack: ExitStack, folder: Path, ours: psycopg.Connection[Any], turns: int
) -> None:
    theirs = stack.enter_context(_postgres(folder))
    clients = {"millrace": ours} | ({"PostgreSQL": theirs} if theirs else {})
    for client in clients.values():
        for statement in (_DIGITS, _TEN, _FACT, _FILL, *_STAR):
            client.execute(statement.encode())
    if theirs is None:
        console.print("PostgreSQL is not installed: no yardstick (Debian's package is postgresql)")
    cases: dict[str, Callable[[psycopg.Connection[Any]], None]] = {
        f"fetch of {ROWS:,} rows x 4, text": lambda client: _fetch(client, is_binary=False),
        f"fetch of {ROWS:,} rows x 4, binary": lambda client: _fetch(client, is_binary=True),
        "select 1, mean of 100": _small,
        f"star join of {10 * ROWS:,} rows and 3 dimensions": lambda client: _all(client, JOIN),
    }
    table = Table("seconds, median", *clients, "ratio")
    for name, case in cases.items():
        times: dict[str, list[float]] = {each: [] for each in clients}
        for _ in range(turns):
            for each, client in clients.items():
                began = perf_counter()
                case(client)
                times[each].append(perf_counter() - began)
        medians = [statistics.median(each) for each in times.values()]
        ratio = f"{medians[0] / medians[1]:.2f}" if theirs else "-"
        table.add_row(name, *(f"{each:.4f}" for each in medians), ratio)
    console.print(table)


def _fetch(client: psycopg.Connection[Any], *, is_binary: bool) -> None:
    rows = client.cursor(binary=is_binary).execute(FETCH).fetchall()
    if len(rows) != ROWS:
        msg = f"{len(rows)} rows came"
        raise RuntimeError(msg)


def _small(client: psycopg.Connection[Any]) -> None:
    for _ in range(100):
        client.execute("select 1").fetchall()


def _all(client: psycopg.Connection[Any], sql: str) -> None:
    client.execute(sql.encode()).fetchall()


def _join_inside(console: Console, folder: Path, turns: int) -> None:
    """Measure the join in this process, on the warehouse's own file."""
    times = []
    with duckdb.connect(folder / "warehouse" / "dev.duckdb", read_only=True) as connection:
        connection.execute("set search_path = 'public'")
        for _ in range(turns):
            began = perf_counter()
            connection.execute(JOIN).fetchall()
            times.append(perf_counter() - began)
    console.print(f"the star join in DuckDB itself, in this process: {statistics.median(times):.4f} s")


@contextmanager
def _warehouse(folder: Path) -> Iterator[psycopg.Connection[Any]]:
    port, wire_port = free_port(), free_port()
    ports = ["--port", str(port), "--wire-port", str(wire_port)]
    command = [sys.executable, "-m", "warehouse.redshift", "--home", str(folder / "warehouse"), *ports]
    environment = os.environ | {"MILLRACE_DATABASE_USER": "awsuser", "MILLRACE_DATABASE_PASSWORD": _PASSWORD}
    with subprocess.Popen(command, env=environment) as process:  # noqa: S603  # ours
        try:
            address = f"host=127.0.0.1 port={wire_port} user=awsuser password={_PASSWORD} dbname=dev"
            with _connected(address) as connection:
                yield connection
        finally:
            process.terminate()


@contextmanager
def _postgres(folder: Path) -> Iterator[psycopg.Connection[Any] | None]:
    """Give a PostgreSQL on loopback with a database of its own; None where it is not installed."""
    there = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    if not there:
        yield None
        return
    data, port = folder / "postgres", free_port()
    as_user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        data.mkdir()
        shutil.chown(data, "postgres", "postgres")
        for each in (FOLDER.absolute(), folder):
            each.chmod(0o755)
        as_user = {"user": "postgres", "group": "postgres", "extra_groups": [], "cwd": "/"}
    binaries = max(there)
    making = [str(binaries / "initdb"), "-D", str(data), "-U", "postgres", "--auth=trust", "-E", "UTF8"]
    subprocess.run(making, check=True, stdout=subprocess.DEVNULL, **as_user)  # noqa: S603  # Debian's
    command = [str(binaries / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", ""]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **as_user) as process:  # noqa: S603  # Debian's
        try:
            with _connected(f"host=127.0.0.1 port={port} user=postgres dbname=postgres") as connection:
                yield connection
        finally:
            process.terminate()


@contextmanager
def _connected(address: str) -> Iterator[psycopg.Connection[Any]]:
    deadline = perf_counter() + _STARTUP_SECONDS
    while True:
        try:
            connection = psycopg.connect(address, autocommit=True)
            break
        except psycopg.OperationalError:
            if perf_counter() > deadline:
                raise
            sleep(0.2)
    with connection:
        yield connection


if __name__ == "__main__":
    main()
