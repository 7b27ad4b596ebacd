"""One run: each stage and peer at each size, in a process of its own."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from app.commands.bootstrap import prepare
from app.stack.stack import Stack
from benchmarks.peers import python_of
from benchmarks.stream.measure import Figures, WorkFailedError, command_of, measured
from benchmarks.stream.plan import Plan
from benchmarks.turns import Gap
from runtime.settings import Settings

PARSE, ONE_BY_ONE, WINDOWS = "parse and validate", "parse and validate one by one", "windows"
LIMIT, STAGE, ELEMENT = "plain pyarrow, the same steps", "Beam stage, in memory", "one Beam element a record"
BYTEWAX, SPARK = "bytewax, one item a record", "Spark Structured Streaming, Python data source"
S3_WRITE, MANIFEST_LOAD, INSERT = "S3 write", "manifest load", "an INSERT a row"
EVENTS = "events.jsonl"
PACKINGS = ("plain", "kpl", "zstd")


def producer(packing: str) -> str:
    """Return the name of a producer's stage."""
    return f"producer, {packing}"


def source(packing: str) -> str:
    """Return the name of a source's stage."""
    return f"source, {packing}"


def whole_way(packing: str) -> str:
    """Return the name of the whole way."""
    return f"whole way, {packing}"


@dataclass(frozen=True, slots=True)
class Bench:
    """One run.

    Attributes:
        plan: How much.
        folder: Of the events, the logs and the stack.
        say: Shows what goes on.
        show: Shows what a stage took.
        figures: What was found.
        gaps: What a peer did not do.
    """

    plan: Plan
    folder: Path
    say: Callable[[str], None]
    show: Callable[[Figures], None]
    figures: list[Figures] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)

    @property
    def events(self) -> Path:
        """The file of events."""
        return self.folder / EVENTS

    def in_memory(self, size: int) -> None:
        """Measure the stages that need no cloud, beside their peers."""
        plan = self.plan
        self.run(PARSE, "parsing.at_once", size)
        self._once(ONE_BY_ONE, "parsing.one_by_one", size, plan.one_by_one)
        self.run(WINDOWS, "parsing.windows", size)
        self.run(LIMIT, "limit.pyarrow", size)
        self.run(STAGE, "beams.stage", size)
        self._once(ELEMENT, "beams.by_element", size, plan.by_element)
        if not any(each.peer == BYTEWAX for each in self.gaps):
            self._once(BYTEWAX, "bytewax_peer", size, plan.bytewax)
        self._once(SPARK, "spark_peer.run", size, plan.spark)

    def packing(self, size: int) -> None:
        """Measure what packs events into a record and takes them out."""
        for packing in ("zstd", "gzip", "kpl"):
            self.run(f"pack {packing}", f"parsing.pack_{packing}", size)
            self.run(f"unpack {packing}", f"parsing.unpack_{packing}", size)

    def in_the_cloud(self, size: int, packing: str, stack: Stack) -> None:
        """Measure producer, source and whole way over an empty stack, and the parts of the last.

        The whole way of the KPL's records is left out: it differs from zstd's by the unpacking, which is
        measured.
        """
        servers = _servers(stack)
        self.run(producer(packing), f"cloud.{packing}", size, servers)
        self.run(source(packing), "cloud.source", size, servers)
        if packing == "kpl":
            return
        whole = self.run(whole_way(packing), "cloud.whole_way", size, servers)
        if whole.facts["rows"] != size:
            raise WorkFailedError(whole.stage, f"{whole.facts['rows']} of {size} events are in the warehouse")
        if packing == "zstd":
            self.run(S3_WRITE, "cloud.s3_write", size, servers)
            self.run(MANIFEST_LOAD, "cloud.manifest_load", size, servers)
            self._once(INSERT, "cloud.insert", size, self.plan.inserts, servers)

    def run(self, stage: str, work: str, events: int, servers: Sequence[psutil.Process] = ()) -> Figures:
        """Measure one stage, and keep its figures."""
        self.say(f"{stage}, {events:,} events")
        log = self.folder / "logs" / f"{work}.log"
        figures = measured(stage, events, self._command(work, events), log, servers)
        self.figures.append(figures)
        self.show(figures)
        return figures

    def found(self, stage: str, events: int) -> Figures | None:
        """Return what a stage took at a size, or at its largest below."""
        found = [each for each in self.figures if each.stage == stage and each.events <= events]
        return max(found, key=lambda each: each.events, default=None)

    def _once(
        self, stage: str, work: str, size: int, most: int, servers: Sequence[psutil.Process] = ()
    ) -> None:
        """Measure a peer at a size, or at the most that it is asked for; it may fail."""
        events = min(size, most)
        if any((each.stage, each.events) == (stage, events) for each in self.figures):
            return
        try:
            self.run(stage, work, events, servers)
        except WorkFailedError as error:
            self.gaps.append(Gap(stage, f"{events:,} events", error.last_words))

    def _command(self, work: str, events: int) -> list[str]:
        if work == "bytewax_peer":
            python = str((python_of("bytewax") / "bin" / "python").absolute())
            return [python, "-m", "benchmarks.stream.bytewax_peer", str(self.events), str(events)]
        return command_of(work, self.events, events)


def emptied(stack: Stack) -> None:
    """Start the stack anew, with nothing in it but the resources."""
    stack.reset()
    stack.up()
    prepare(Settings.from_env())


def _servers(stack: Stack) -> list[psutil.Process]:
    return [process for server in stack.servers if (process := server.process())]
