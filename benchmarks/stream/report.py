"""What a run found, as tables for people, as JSON with every figure, and as the part of a page."""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console

from benchmarks.sheet import Sheet
from benchmarks.stream.asked import asked
from benchmarks.stream.events import YEAR_EVENTS
from benchmarks.stream.freshness import Freshness
from benchmarks.stream.measure import Figures
from benchmarks.stream.plan import Plan
from benchmarks.stream.plots import plots
from benchmarks.turns import Gap

BEGIN, END = "<!-- made by `make bench-stream PUBLISH=1` -->", "<!-- until here -->"
_VERDICTS = {True: "kept", False: "missed", None: "not measured"}
_MEBI = 2**20


@dataclass(slots=True)
class Run:
    """One run.

    Attributes:
        plan: How much.
        machine: Cores, systems, versions.
        command: That started it.
        figures: Of each stage at each size.
        gaps: What a peer did not do.
        freshness: None where it was not measured.
    """

    plan: Plan
    machine: Mapping[str, Any]
    command: str
    figures: list[Figures] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    freshness: Freshness | None = None

    def write(self, folder: Path, console: Console) -> None:
        """Write `stream.json`, `stream.md` and the plots, and print the tables."""
        folder.mkdir(parents=True, exist_ok=True)
        facts = {
            "command": self.command,
            "machine": self.machine,
            "plan": dataclasses.asdict(self.plan),
            "asked": [dataclasses.asdict(each) for each in asked(self.figures, self.freshness)],
            "stages": [_facts(each) for each in self.figures],
            "freshness": dataclasses.asdict(self.freshness) if self.freshness else None,
            "gaps": [dataclasses.asdict(each) for each in self.gaps],
        }
        (folder / "stream.json").write_text(json.dumps(facts, indent=1, ensure_ascii=False), encoding="utf-8")
        (folder / "stream.md").write_text(self.markdown(""), encoding="utf-8")
        self._draw(folder)
        for sheet in self.sheets():
            console.print(sheet.rich())
        console.print(f"written: {folder / 'stream.json'}, {folder / 'stream.md'}")

    def publish(self, page: Path) -> None:
        """Put tables and plots between the marks of a page.

        Raises:
            ValueError: The page has no such marks.
        """
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        _, end, after = rest.partition(END)
        if not end:
            msg = f"`page` must have `{BEGIN}` and `{END}`; `{page}` has not"
            raise ValueError(msg)
        folder = page.parent / "plots"
        folder.mkdir(exist_ok=True)
        self._draw(folder)
        text = self.markdown("plots/").replace("## ", "### ")
        page.write_text(f"{before}{BEGIN}\n{text}{END}{after}", encoding="utf-8")

    def markdown(self, folder: str) -> str:
        """Return the tables, and the plots, which lie in `folder`."""
        machine = ", ".join(f"{name} {value}" for name, value in self.machine.items())
        images = [f"![{each.title}]({folder}{each.name})\n" for each in plots(self.figures)]
        return "\n".join([f"`{self.command}`: {machine}.\n", *(s.markdown() for s in self.sheets()), *images])

    def sheets(self) -> list[Sheet]:
        """Return all tables that have rows."""
        found = asked(self.figures, self.freshness)
        sheets = [
            Sheet(
                "Asked and measured",
                ("figure", "asked", "measured", "verdict"),
                [(each.what, each.asked, each.measured, _VERDICTS[each.is_kept]) for each in found],
            ),
            self._by_size("Events a second", lambda each: _text(each.rate)),
            self._by_size("CPU seconds a million events", lambda each: _text(each.cpu_million), growth),
            self._by_size(
                "Peak memory of the process, MiB, and of it grown while it worked",
                lambda each: f"{each.peak_bytes / _MEBI:,.0f}, {each.grown_bytes / _MEBI:,.0f}",
            ),
            Sheet("Freshness, s", ("events/s", "held, s", "p50", "p90", "p99", "longest"), self._freshness()),
            Sheet(
                "Not measured", ("stage", "events", "reason"), [(g.peer, g.case, g.reason) for g in self.gaps]
            ),
        ]
        return [each for each in sheets if each.rows]

    def _by_size(self, title: str, text: Any, last: Any = None) -> Sheet:
        sizes = sorted({each.events for each in self.figures})
        rows = []
        for stage in dict.fromkeys(each.stage for each in self.figures):
            found = {each.events: each for each in self.figures if each.stage == stage}
            row = [stage, *(text(found[size]) if size in found else "" for size in sizes)]
            rows.append([*row, last([*found.values()])] if last else row)
        heads = ["stage", *(_head(size) for size in sizes), *(["grows as"] if last else [])]
        return Sheet(title, heads, rows)

    def _freshness(self) -> list[list[str]]:
        if not self.freshness:
            return []
        found = self.freshness
        return [
            [
                _text(found.rate),
                f"{found.seconds:.0f}",
                *(f"{each:.2f}" for each in found.percentiles.values()),
            ]
        ]

    def _draw(self, folder: Path) -> None:
        for each in plots(self.figures):
            (folder / each.name).write_text(each.svg, encoding="utf-8")


def growth(figures: Sequence[Figures]) -> str:
    """Say how CPU grows between a stage's two largest sizes: events to the power that is returned."""
    if len(figures) == 1:
        return ""
    low, high = sorted(figures, key=lambda each: each.events)[-2:]
    power = math.log(high.cpu_seconds / low.cpu_seconds) / math.log(high.events / low.events)
    return f"n^{power:.2f}"


def _head(events: int) -> str:
    return f"{events:,} repeated" if events > YEAR_EVENTS else f"{events:,}"


def _facts(figures: Figures) -> dict[str, Any]:
    return {
        **dataclasses.asdict(figures),
        "is_repeated": figures.events > YEAR_EVENTS,
        "events_per_second": round(figures.rate),
        "cpu_seconds_per_million": round(figures.cpu_million, 3),
    }


def _text(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.2f}"  # noqa: PLR2004  # three digits say enough
