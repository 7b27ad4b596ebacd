"""What a run found, as tables for people and as JSON with every raw slice."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.functions.asked import asked
from benchmarks.functions.invoking import AGAIN, BURST, COLD, WARM
from benchmarks.functions.mapping import FACTOR, FACTOR_MORE, FACTOR_ONE, MAPPING, SHARD
from benchmarks.functions.measure import Delivery, Invocations, Results
from benchmarks.functions.plan import FULL, Plan
from benchmarks.peers import Peer
from benchmarks.sheet import Sheet

_QUICK = " (quick sizes: the verdicts mean nothing)"
_VERDICTS = {True: "kept", False: "missed", None: "not measured"}


@dataclass(frozen=True, slots=True)
class Run:
    """One run.

    Attributes:
        plan: How much.
        peers: All that were asked for.
        results: What was found.
        machine: Cores, systems, versions.
    """

    plan: Plan
    peers: Sequence[Peer]
    results: Results
    machine: Mapping[str, Any]

    def write(self, folder: Path, console: Console) -> None:
        """Write `lambda.json` and `lambda.md`, and print the tables."""
        folder.mkdir(parents=True, exist_ok=True)
        facts = {
            "machine": self.machine,
            "plan": dataclasses.asdict(self.plan),
            "peers": {each.name: each.title for each in self.peers},
            "asked": [dataclasses.asdict(each) for each in asked(self.results, self.peers)],
            **dataclasses.asdict(self.results),
        }
        (folder / "lambda.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")
        sheets = [each for each in self.sheets() if each.rows]
        machine = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        text = "\n".join(["# Lambda side by side\n", f"{machine}\n", *(each.markdown() for each in sheets)])
        (folder / "lambda.md").write_text(text, encoding="utf-8")
        for sheet in sheets:
            console.print(sheet.rich())
        console.print(f"written: {folder / 'lambda.json'}, {folder / 'lambda.md'}")

    def sheets(self) -> list[Sheet]:
        """Return all tables; those of cases that did not run have no rows."""
        plan = self.plan
        verdicts = [
            (each.what, each.asked, each.measured, _VERDICTS[each.is_kept])
            for each in asked(self.results, self.peers)
        ]
        gaps = [(each.peer, each.case, each.reason) for each in self.results.gaps]
        deliveries = ("records/s", "first batch, s", "CPU µs a record", "environments")
        return [
            Sheet(
                f"Asked and measured{_QUICK if plan != FULL else ''}",
                ("figure", "asked", "measured", "verdict"),
                verdicts,
            ),
            Sheet(
                "One invocation after the other, warm: ms, and CPU of the server",
                ("Lambda", "p50", "p99", "CPU ms"),
                self._invoked([(WARM, _p50), (WARM, _p99), (WARM, _cpu)]),
            ),
            Sheet(
                "A new function's first invocation: ms",
                ("Lambda", "whole", "Init Duration"),
                self._invoked([(COLD, _p50), (COLD, _init)]),
            ),
            Sheet(
                f"{plan.at_once} invocations at once, of {plan.sleep_seconds:g} s each: s, and environments",
                ("Lambda", "first", "environments", "again", "environments"),
                self._invoked([(BURST, _wall), (BURST, _many), (AGAIN, _wall), (AGAIN, _many)]),
            ),
            Sheet(
                f"Mapping of {plan.shards} shards, {plan.records:,} records, batches of {plan.batch}",
                ("Lambda", *deliveries),
                self._delivered(MAPPING),
            ),
            Sheet(
                f"Mapping of one shard, {plan.records:,} records, batches of {plan.batch}",
                ("Lambda", *deliveries),
                self._delivered(SHARD),
            ),
            Sheet(
                f"One shard, batches of {plan.factor_batch} that take {plan.factor_pause_seconds:g} s: "
                "records/s by ParallelizationFactor",
                ("Lambda", "1", str(plan.factor), "ratio", "environments"),
                self._factor(),
            ),
            Sheet("Not measured, or not all of it", ("Lambda", "case", "reason"), gaps),
        ]

    def _invoked(self, columns: Sequence[tuple[str, Callable[[Invocations], float]]]) -> list[list[str]]:
        cases = [case for case, _ in columns]
        if not any(each.case in cases for each in self.results.invocations):
            return []
        return [
            [
                peer.title,
                *(
                    self._text(peer, case, self.results.invoked(figure, peer.name, case))
                    for case, figure in columns
                ),
            ]
            for peer in self.peers
        ]

    def _delivered(self, case: str) -> list[list[str]]:
        if not any(each.case == case for each in self.results.deliveries):
            return []
        figures = (_rate, _first, _record_cpu, _took_part)
        return [
            [
                peer.title,
                *(
                    self._text(peer, case, self.results.delivered(figure, peer.name, case))
                    for figure in figures
                ),
            ]
            for peer in self.peers
        ]

    def _factor(self) -> list[list[str]]:
        if not any(each.case == FACTOR_ONE for each in self.results.deliveries):
            return []
        rows = []
        for peer in self.peers:
            one = self.results.delivered(_rate, peer.name, FACTOR_ONE)
            more = self.results.delivered(_rate, peer.name, FACTOR_MORE)
            figures = (
                one,
                more,
                more / one if one and more else None,
                self.results.delivered(_took_part, peer.name, FACTOR_MORE),
            )
            rows.append([peer.title, *(self._text(peer, FACTOR, each) for each in figures)])
        return rows

    def _text(self, peer: Peer, case: str, figure: float | None) -> str:
        """Say a figure; "no" where the peer could not do the case, a dash where it does not tell."""
        if figure is not None:
            is_long = figure >= 100 or figure == int(figure)  # noqa: PLR2004  # three digits say enough
            return f"{figure:,.0f}" if is_long else f"{figure:.{2 if figure < 1 else 1}f}"
        gap = self.results.gap(peer.name, case.removesuffix(" again"))
        return "no" if gap else "–"  # noqa: RUF001  # a dash, for people


def _p50(each: Invocations) -> float:
    return each.p50


def _p99(each: Invocations) -> float:
    return each.p99


def _init(each: Invocations) -> float:
    return each.init


def _cpu(each: Invocations) -> float:
    return each.cpu_milliseconds


def _wall(each: Invocations) -> float:
    return each.wall_seconds


def _many(each: Invocations) -> float:
    return each.environments


def _rate(each: Delivery) -> float:
    return each.records_a_second


def _first(each: Delivery) -> float:
    return each.first_seconds


def _record_cpu(each: Delivery) -> float:
    return each.cpu_microseconds


def _took_part(each: Delivery) -> float:
    return each.environments
