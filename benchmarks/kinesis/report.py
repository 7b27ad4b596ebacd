"""What a run found, as tables for people and as JSON with every raw slice."""

import dataclasses
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.kinesis.asked import Asked, asked
from benchmarks.kinesis.cases import GET, LARGE, SMALL
from benchmarks.kinesis.measure import Results, Slice
from benchmarks.kinesis.ours import FLAT_PUT, FLAT_READ
from benchmarks.kinesis.plan import FULL, Plan
from benchmarks.peers import OURS, Peer
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
        """Write `kinesis.json` and `kinesis.md`, and print the tables."""
        folder.mkdir(parents=True, exist_ok=True)
        facts = {
            "machine": self.machine,
            "plan": dataclasses.asdict(self.plan),
            "peers": {each.name: each.title for each in self.peers},
            "asked": [dataclasses.asdict(each) for each in self._asked()],
            **dataclasses.asdict(self.results),
        }
        (folder / "kinesis.json").write_text(
            json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8"
        )
        sheets = [each for each in self._sheets() if each.rows]
        machine = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        text = "\n".join(
            ["# Kinesis engines side by side\n", f"{machine}\n", *(s.markdown() for s in sheets)]
        )
        (folder / "kinesis.md").write_text(text, encoding="utf-8")
        for sheet in sheets:
            console.print(sheet.rich())
        console.print(f"written: {folder / 'kinesis.json'}, {folder / 'kinesis.md'}")

    def _asked(self) -> list[Asked]:
        return asked(self.results, self.plan)

    def _sheets(self) -> list[Sheet]:
        plan = self.plan
        near, far = f"{plan.near:,}", f"{plan.far:,}"
        names = {each.name: each.title for each in self.peers}
        verdicts = [(each.what, each.asked, each.measured, _VERDICTS[each.is_kept]) for each in self._asked()]
        gaps = [(names[each.peer], each.case, each.reason) for each in self.results.gaps]
        return [
            Sheet(
                f"Asked and measured{_QUICK if plan != FULL else ''}",
                ("figure", "asked", "measured", "verdict"),
                verdicts,
            ),
            Sheet(
                "Puts of 500 records of 200 B: records/s, and server CPU µs per record",
                (
                    "engine",
                    *(f"{what} at {level}" for level in (near, far) for what in ("records/s", "CPU µs")),
                ),
                self._rows([(SMALL, plan.near), (SMALL, plan.far)], _rate),
            ),
            Sheet(
                "Puts of 10 records of 50 KB: MB/s, and server CPU µs per record",
                ("engine", "MB/s", "CPU µs"),
                self._rows([(LARGE, 0)], _megabytes),
            ),
            Sheet(
                f"Reads of whole shards, {plan.get:,} records retained",
                ("engine", "records/s", "CPU µs"),
                self._rows([(GET, plan.get)], _rate),
            ),
            Sheet(
                "Our engine as it fills: server CPU µs per record", ("case", *self._levels()), self._flat()
            ),
            Sheet("Our engine's memory, MB", ("records", "before", "after", "grown"), self._memory()),
            Sheet("Not measured, or not all of it", ("engine", "case", "reason"), gaps),
        ]

    def _rows(self, columns: Sequence[tuple[str, int]], wall: Callable[[Slice], float]) -> list[list[str]]:
        """Return a row for each peer with its wall figure and its CPU in each column's case and level."""
        cases = {each.case for each in self.results.slices}
        if not cases & {case for case, _ in columns}:
            return []
        rows = []
        for peer in self.peers:
            row = [peer.title]
            for case, level in columns:
                row += [_text(self.results.middle(each, peer.name, case, level)) for each in (wall, _cpu)]
            rows.append(row)
        return rows

    def _levels(self) -> tuple[str, str]:
        return f"at {self.plan.flat_low:,}", f"at {self.plan.flat_high:,}"

    def _flat(self) -> list[list[str]]:
        levels = self.plan.flat_low, self.plan.flat_high
        figures = {
            case: [self.results.middle(_cpu, OURS, case, each) for each in levels]
            for case in (FLAT_PUT, FLAT_READ)
        }
        return [[case, *map(_text, row)] for case, row in figures.items() if None not in row]

    def _memory(self) -> list[list[str]]:
        return [
            [
                f"{each.records:,}",
                f"{each.before_bytes / 1e6:,.0f}",
                f"{each.after_bytes / 1e6:,.0f}",
                f"{(each.after_bytes - each.before_bytes) / 1e6:,.0f}",
            ]
            for each in self.results.memory
        ]


def _rate(each: Slice) -> float:
    return each.records_a_second


def _megabytes(each: Slice) -> float:
    return each.megabytes_a_second


def _cpu(each: Slice) -> float:
    return each.cpu_microseconds


def _text(figure: float | None) -> str:
    if figure is None:
        return "–"  # noqa: RUF001  # a dash, for people
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:,.1f}"  # noqa: PLR2004  # three digits say enough
