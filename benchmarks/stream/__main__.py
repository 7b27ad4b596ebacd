"""The stream by stage and the whole way: `python -m benchmarks.stream [--events 10000,…] [--no-freshness]`.

Every stage and peer runs in a process of its own, one after the other, on the same file of events: the year
of flights, repeated under shifted years where more are asked for. It is measured from outside; what it needs
is there before. LocalStack and the warehouse start empty for each size and packing, on ports that are free,
below `build/bench/stream`. The exit code says whether the run went through, not whether the figures are those
that are asked.

**On failure**: all that runs is stopped, Ctrl-C included, and what was measured until then is written; a peer
that fails is named with its reason; a failure of our own ends the run with exit code 1.
"""

import argparse
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from app.errors import StandError
from app.stack.settings import StandSettings
from app.stack.stack import Stack
from benchmarks.install import why_not
from benchmarks.machine import machine
from benchmarks.peers import LOCALSTACK, PYTHON_PACKAGES, free_port
from benchmarks.running import BENCH
from benchmarks.stream.bench import BYTEWAX, EVENTS, PACKINGS, Bench, emptied
from benchmarks.stream.events import write_events
from benchmarks.stream.freshness import Freshness, freshness
from benchmarks.stream.measure import Figures
from benchmarks.stream.plan import Plan
from benchmarks.stream.report import Run
from benchmarks.turns import Gap

FOLDER = BENCH / "stream"
PAGE = Path("docs/performance.md")
_PACKAGES = ("apache-beam", "pyarrow", "pyspark", "duckdb")


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is asked for, and return the exit code."""
    options = _options(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    console = Console()
    plan = Plan(sizes=tuple(sorted(options.events)), rate_seconds=options.freshness)
    facts = machine() | {name: metadata.version(name) for name in _PACKAGES}
    facts |= {"bytewax": PYTHON_PACKAGES["bytewax"], "LocalStack": LOCALSTACK}
    command = f"make bench-stream EVENTS={','.join(map(str, plan.sizes))} FRESHNESS={plan.rate_seconds}"
    command += f" ONLY={options.only}" if options.only else ""
    run = Run(plan, facts, command)
    try:
        with _stack() as stack:
            _measure(run, stack, console, options.only)
            if plan.rate_seconds:
                run.freshness = _freshness(plan, stack, console)
    except (StandError, KeyboardInterrupt) as error:
        console.print(f"the run ended early, every server is stopped: {error or 'interrupted'}", style="red")
        run.write(BENCH, console)
        return 1
    run.write(BENCH, console)
    if options.publish:
        run.publish(PAGE)
        console.print(f"published: {PAGE}")
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.stream", description=__doc__.splitlines()[0])
    sizes = ",".join(map(str, Plan().sizes))
    parser.add_argument("--events", default=sizes, help=f"sizes, {sizes} unless others are named")
    parser.add_argument(
        "--freshness",
        type=int,
        default=Plan().rate_seconds,
        help=f"for how many seconds {Plan().rate:,} events/s are held; 0 leaves freshness out",
    )
    parser.add_argument("--only", choices=("memory", "cloud"), help="stages without, or with, the cloud")
    parser.add_argument("--publish", action="store_true", help=f"put tables and plots into {PAGE}")
    options = parser.parse_args(argv)
    try:
        options.events = [int(each) for each in options.events.split(",")]
    except ValueError:
        parser.error(f"`--events` takes numbers such as {sizes}; got `{options.events}`")
    return options


@contextmanager
def _stack() -> Iterator[Stack]:
    """Yield a stack of the run's own, which is down, and point AWS clients there."""
    stand = StandSettings(
        (FOLDER / "home").absolute(), free_port(), free_port(), warehouse_wire_port=free_port()
    )
    for name in [each for each in os.environ if each.startswith(("AWS_", "MILLRACE_"))]:
        if name != "AWS_CA_BUNDLE":
            del os.environ[name]
    os.environ |= {
        "MILLRACE_HOME": str(stand.home),
        "MILLRACE_PORT": str(stand.port),
        "MILLRACE_WAREHOUSE_PORT": str(stand.warehouse_port),
        "MILLRACE_WAREHOUSE_WIRE_PORT": str(stand.warehouse_wire_port),
        "MILLRACE_METRICS_PORT": "0",
    }
    stand.point_here()
    stack = Stack(stand)
    stack.down()  # what an aborted run left
    try:
        yield stack
    finally:
        stack.down()


def _measure(run: Run, stack: Stack, console: Console, only: str | None) -> None:
    plan = run.plan
    columns = (SpinnerColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
    with Progress(*columns, console=console) as progress:
        task = progress.add_task("installing bytewax")

        def show(each: Figures) -> None:
            what = f"{each.stage:48} {each.events:>10,} {each.rate:12,.0f} events/s"
            peak = f"{each.peak_bytes / 2**20:8,.0f} MiB"
            console.print(
                f"{what} {each.cpu_million:9.2f} CPU s/million {peak}", highlight=False, soft_wrap=True
            )

        def say(text: str) -> None:
            progress.update(task, description=text)

        bench = Bench(plan, FOLDER, say, show, run.figures, run.gaps)
        if only != "cloud" and (reason := why_not("bytewax")):
            bench.gaps.append(Gap(BYTEWAX, "all", reason))
        bench.say(f"writing {plan.most_events:,} events")
        write_events(bench.events, plan.most_events)
        for size in plan.sizes:
            if only != "cloud":
                bench.in_memory(size)
            for packing in PACKINGS if only != "memory" else ():
                bench.say("starting an empty stack")
                emptied(stack)
                bench.in_the_cloud(size, packing, stack)
            stack.down()
        if only != "cloud":
            bench.packing(min(plan.sizes[-1], plan.one_by_one))


def _freshness(plan: Plan, stack: Stack, console: Console) -> Freshness:
    console.print(f"freshness at {plan.rate:,} events/s for {plan.rate_seconds} s")
    emptied(stack)
    log = FOLDER / "logs" / "stream.log"
    return freshness(FOLDER / EVENTS, plan.rate, plan.rate_seconds, log, console)


if __name__ == "__main__":
    sys.exit(main())
