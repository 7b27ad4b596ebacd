"""What every case is given: sizes, peers that are ready, and a place for what is found."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from app.errors import StandError
from benchmarks.kinesis.load import Stream
from benchmarks.kinesis.measure import Gap, Results, Work, timed
from benchmarks.kinesis.peers import OURS
from benchmarks.kinesis.plan import Plan
from benchmarks.kinesis.records import SMALL_BATCH, SMALL_BYTES, batch
from benchmarks.kinesis.running import Running

FAILURES = (StandError, BotoCoreError, ClientError, urllib3.exceptions.HTTPError)


@dataclass(frozen=True, slots=True)
class Bench:
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

    def rounds(self, case: str, left: list[Running], rounds: int) -> Iterator[Running]:
        """Yield each peer in turn, round by round; who is taken from `left` has no turn any more."""
        for number in range(1, rounds + 1):
            for running in tuple(left):
                self.say(f"{case}: round {number} of {rounds}, {running.peer.name}")
                yield running

    def has_done(self, running: Running, case: str, work: Callable[[], None]) -> bool:
        """Return whether a peer did its work; a failure is kept as a gap."""
        try:
            work()
        except FAILURES as error:
            if running.peer.name == OURS:
                raise
            self.gap(running, case, str(error))
            return False
        return True

    def fill(self, stream: Stream, case: str, level: int) -> bool:
        """Return whether a stream reached its level in time; how far it came is kept as a gap."""
        stream.fill(level, self.plan.fill_seconds)
        if stream.retained < level:
            reached = f"reached {stream.retained:,} of {level:,} retained records"
            self.gap(stream.running, case, f"{reached} in {self.plan.fill_seconds:g} s")
        return stream.retained >= level

    def gap(self, running: Running, case: str, reason: str) -> None:
        """Keep what a peer did not do, once."""
        gap = Gap(running.peer.name, case, reason)
        if gap not in self.results.gaps:
            self.results.gaps.append(gap)

    def put_slice(self, stream: Stream, case: str, level: int, records: int) -> None:
        """Put small records by boto3, and keep the slice."""
        entries = batch(SMALL_BATCH, SMALL_BYTES)

        def step() -> int:
            stream.put(entries)
            return len(entries)

        work = Work(case, level, SMALL_BYTES)
        steps = [step] * (records // SMALL_BATCH)
        self.results.slices.append(timed(stream.running, work, stream.retained, steps))
