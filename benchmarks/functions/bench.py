"""What every case is given: sizes, peers that are ready, and a place for what is found."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from benchmarks.functions.measure import Results
from benchmarks.functions.plan import Plan
from benchmarks.functions.running import Running
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

    def in_turn(self, case: str, work: Callable[[Running], None]) -> None:
        """Let every peer do a case's work, once a round; who fails is out of the case."""
        left = list(self.running)
        for running in self.rounds(case, left, self.plan.rounds):
            if not self.has_done(running, case, partial(work, running)):
                left.remove(running)
