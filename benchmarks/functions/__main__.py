"""Lambda side by side: `python -m benchmarks.functions [--quick] [--only peer,peer] [--case case]`.

Every server listens on 127.0.0.1 and keeps its files below `build/bench`; all run at once, and each has its
slice in turn. The function is the same for all, and what a mapping delivers is counted by what the function
writes to a file (`handler.py`). One client a peer, by boto3, retries off. CPU is user and system time of the
server's process tree, functions included. The exit code says whether the run went through, not whether the
figures are those that are asked.

**On failure**: servers are stopped, Ctrl-C included; a peer that fails is named with its reason, and the run
goes on without it; a failure of our own Lambda ends it with exit code 1.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from benchmarks.functions.bench import Bench
from benchmarks.functions.invoking import BURST, COLD, WARM, burst, cold, warm
from benchmarks.functions.mapping import FACTOR, MAPPING, SHARD, factor, mapping, shard
from benchmarks.functions.peers import ALL
from benchmarks.functions.plan import FULL, QUICK
from benchmarks.functions.report import Run
from benchmarks.functions.running import Running
from benchmarks.install import install
from benchmarks.machine import machine
from benchmarks.peers import OURS, Peer
from benchmarks.running import BENCH
from benchmarks.turns import FAILURES, Gap

CASES: dict[str, Callable[[Bench], None]] = {
    WARM: warm,
    COLD: cold,
    BURST: burst,
    MAPPING: mapping,
    SHARD: shard,
    FACTOR: factor,
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is asked for, and return the exit code."""
    options = _options(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    console = Console()
    peers = [each for each in ALL if each.name in options.only]
    cases = [case for case in CASES if case in (options.case or CASES)]
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console) as progress:
        task = progress.add_task("installing peers", total=len(cases))
        bench = Bench(
            plan=QUICK if options.quick else FULL,
            say=lambda text: progress.update(task, description=text),
        )
        facts = machine()
        try:
            with ExitStack() as stack:
                started = replace(bench, running=_start(bench, stack, peers))
                for case in cases:
                    CASES[case](started)
                    progress.advance(task)
        except FAILURES as error:
            console.print(f"the run failed: {error}", style="red")
            return 1
        except KeyboardInterrupt:
            console.print("interrupted; every server is stopped")
            return 1
    Run(bench.plan, peers, bench.results, facts).write(BENCH, console)
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.functions", description=__doc__.splitlines()[0]
    )
    names = [each.name for each in ALL]
    parser.add_argument("--quick", action="store_true", help="small numbers, for development")
    parser.add_argument("--only", default=",".join(names), help=f"of {', '.join(names)}")
    parser.add_argument("--case", action="append", choices=list(CASES), help="may be given again")
    options = parser.parse_args(argv)
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(names):
        parser.error(f"`--only` takes {', '.join(names)}; got `{', '.join(sorted(unknown))}`")
    return options


def _start(bench: Bench, stack: ExitStack, peers: Sequence[Peer]) -> list[Running]:
    reasons = install(peers)
    bench.gaps.extend(Gap(name, "all", reason) for name, reason in reasons.items())
    started = []
    for peer in (each for each in peers if each.name not in reasons):
        bench.say(f"starting {peer.name}")
        try:
            running = Running(peer, f"lambda-{peer.name}")
        except FAILURES as error:
            if peer.name == OURS:
                raise
            bench.gaps.append(Gap(peer.name, "all", str(error)))
            continue
        stack.callback(running.stop)
        started.append(running)
    return started


if __name__ == "__main__":
    sys.exit(main())
