"""The cases of Invoke: `warm`, `cold` and `burst`."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.functions.bench import Bench
from benchmarks.functions.measure import Invocations
from benchmarks.functions.running import Function, Running
from benchmarks.running import CLOCK

WARM, COLD, BURST = "warm", "cold", "burst"
AGAIN = f"{BURST} again"
_WARM_UP = 20
_INIT = re.compile(r"Init Duration: ([\d.]+) ms")


def warm(bench: Bench) -> None:
    """Invoke one environment again and again, one client, one invocation after the other."""

    def work(running: Running) -> None:
        with running.function() as function:
            for _ in range(_WARM_UP):
                function.invoke()
            before = running.cpu_seconds()
            done = [_timed(function) for _ in range(bench.plan.warm)]
            cpu = running.cpu_seconds() - before
        _keep(bench, running, WARM, done, cpu)

    bench.in_turn(WARM, work)


def cold(bench: Bench) -> None:
    """Invoke new functions, each once: it is active, and has no environment yet."""

    def work(running: Running) -> None:
        done = []
        for _ in range(bench.plan.cold):
            with running.function() as function:
                done.append(_timed(function, log_type="Tail"))
        _keep(bench, running, COLD, done, None)

    bench.in_turn(COLD, work)


def burst(bench: Bench) -> None:
    """Invoke a new function many times at once, each invocation sleeping; and the same again."""
    plan = bench.plan

    def work(running: Running) -> None:
        with running.function() as function:
            for case in (BURST, AGAIN):
                before, started = running.cpu_seconds(), CLOCK.monotonic()
                environments = function.invoke_at_once(plan.at_once, plan.sleep_seconds)
                wall = CLOCK.monotonic() - started
                cpu = running.cpu_seconds() - before
                bench.results.invocations.append(
                    Invocations(running.peer.name, case, [wall * 1000], [], len(environments), wall, cpu)
                )

    bench.in_turn(BURST, work)


type _Done = tuple[float, str, Mapping[str, Any]]


def _timed(function: Function, log_type: str = "None") -> _Done:
    started = CLOCK.monotonic()
    environment, answer = function.invoke(log_type=log_type)
    return CLOCK.monotonic() - started, environment, answer


def _keep(
    bench: Bench, running: Running, case: str, done: Sequence[_Done], cpu_seconds: float | None
) -> None:
    logs = [base64.b64decode(answer.get("LogResult", "")).decode() for _, _, answer in done]
    found = [match for each in logs if (match := _INIT.search(each))]
    bench.results.invocations.append(
        Invocations(
            running.peer.name,
            case,
            [round(seconds * 1000, 2) for seconds, _, _ in done],
            [float(match[1]) for match in found],
            len({environment for _, environment, _ in done}),
            sum(seconds for seconds, _, _ in done),
            cpu_seconds,
        )
    )
