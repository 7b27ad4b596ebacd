"""What every case is given: sizes, peers that are ready, and a place for what is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.kinesis.load import Stream
from benchmarks.kinesis.measure import Results, Work, timed
from benchmarks.kinesis.plan import Plan
from benchmarks.kinesis.records import SMALL_BATCH, SMALL_BYTES, batch
from benchmarks.kinesis.running import Running
from benchmarks.turns import Gap, Turns


@dataclass(frozen=True, slots=True)
class Bench(Turns):
    """What every case is given.

    Attributes:
        plan: How much.
        say: Shows what goes on.
        running: The peers that are ready.
        results: Where slices and gaps go.
    """

    plan: Plan
    say: Callable[[str], None]
    running: Sequence[Running] = ()
    results: Results = field(default_factory=Results)

    @property
    def gaps(self) -> list[Gap]:
        """See `Turns.gaps`."""
        return self.results.gaps

    def fill(self, stream: Stream, case: str, level: int) -> bool:
        """Return whether a stream reached its level in time; how far it came is kept as a gap."""
        stream.fill(level, self.plan.fill_seconds)
        if stream.retained < level:
            reached = f"reached {stream.retained:,} of {level:,} retained records"
            self.gap(stream.running, case, f"{reached} in {self.plan.fill_seconds:g} s")
        return stream.retained >= level

    def put_slice(self, stream: Stream, case: str, level: int, records: int) -> None:
        """Put small records by boto3, and keep the slice."""
        entries = batch(SMALL_BATCH, SMALL_BYTES)

        def step() -> int:
            stream.put(entries)
            return len(entries)

        work = Work(case, level, SMALL_BYTES)
        steps = [step] * (records // SMALL_BATCH)
        self.results.slices.append(timed(stream.running, work, stream.retained, steps))
