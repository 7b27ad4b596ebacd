"""Kinesis engines side by side: `python -m benchmarks.kinesis [--quick] [--only peer,peer] [--case case]`.

Peers are pinned in `peers.py` and installed below `.millrace/peers`; every server listens on 127.0.0.1 and
keeps its files below `build/bench`. Levels are filled by posting a prebuilt body past boto3; every measured
slice goes through boto3, retries off, one client a peer. Server CPU is user and system time of the server's
process tree, LocalStack's node child included. The exit code says whether the run went through, not whether
the figures are those that are asked.

**On failure**: servers are stopped, Ctrl-C included; a peer that fails is named with its reason, and the run
goes on without it; a failure of our own engine ends it with exit code 1.
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

from benchmarks.install import install
from benchmarks.kinesis.bench import Bench
from benchmarks.kinesis.cases import GET, LARGE, SMALL, get, large, small
from benchmarks.kinesis.ours import FLAT, MEMORY, flat, memory
from benchmarks.kinesis.peers import ALL
from benchmarks.kinesis.plan import FULL, QUICK
from benchmarks.kinesis.report import Run
from benchmarks.kinesis.running import Running
from benchmarks.machine import machine
from benchmarks.peers import OURS, Peer
from benchmarks.running import BENCH
from benchmarks.turns import FAILURES, Gap

OF_ALL: dict[str, Callable[[Bench], None]] = {SMALL: small, LARGE: large, GET: get}
OF_OURS: dict[str, Callable[[Bench], None]] = {FLAT: flat, MEMORY: memory}
ALL_CASES = (*OF_ALL, *OF_OURS)


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is asked for, and return the exit code."""
    options = _options(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    console = Console()
    peers = [each for each in ALL if each.name in options.only]
    cases = [case for case in options.case or ALL_CASES if case in OF_ALL or OURS in options.only]
    columns = (SpinnerColumn(), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.description}"), console=console) as progress:
        task = progress.add_task("installing peers", total=len(cases))
        bench = Bench(
            plan=QUICK if options.quick else FULL,
            say=lambda text: progress.update(task, description=text),
        )
        try:
            _measure(bench, peers, cases, lambda: progress.advance(task))
        except FAILURES as error:
            console.print(f"the run failed: {error}", style="red")
            return 1
        except KeyboardInterrupt:
            console.print("interrupted; every server is stopped")
            return 1
    Run(bench.plan, peers, bench.results, machine()).write(BENCH, console)
    return 0


def _options(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kinesis", description=__doc__.splitlines()[0])
    names = [each.name for each in ALL]
    parser.add_argument("--quick", action="store_true", help="small numbers, for development")
    parser.add_argument("--only", default=",".join(names), help=f"of {', '.join(names)}")
    parser.add_argument("--case", action="append", choices=ALL_CASES, help="may be given again")
    options = parser.parse_args(argv)
    options.only = options.only.split(",")
    if unknown := set(options.only) - set(names):
        parser.error(f"`--only` takes {', '.join(names)}; got `{', '.join(sorted(unknown))}`")
    return options


def _measure(bench: Bench, peers: Sequence[Peer], cases: Sequence[str], advance: Callable[[], None]) -> None:
    """Run the cases of all peers, and then, those stopped, the cases of ours alone."""
    if of_all := [case for case in OF_ALL if case in cases]:
        reasons = install(peers)
        bench.results.gaps.extend(Gap(name, "all", reason) for name, reason in reasons.items())
        with ExitStack() as stack:
            ready = [_started(bench, stack, each) for each in peers if each.name not in reasons]
            started = replace(bench, running=[each for each in ready if each])
            for case in of_all:
                OF_ALL[case](started)
                advance()
    for case, measure in OF_OURS.items():
        if case in cases:
            measure(bench)
            advance()


def _started(bench: Bench, stack: ExitStack, peer: Peer) -> Running | None:
    bench.say(f"starting {peer.name}")
    try:
        running = Running(peer, peer.name)
    except FAILURES as error:
        if peer.name == OURS:
            raise
        bench.results.gaps.append(Gap(peer.name, "all", str(error)))
        return None
    stack.callback(running.stop)
    return running


if __name__ == "__main__":
    sys.exit(main())
