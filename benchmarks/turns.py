"""Whose turn it is: every peer once a round, so that the noise of the machine hits all alike."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import urllib3
from botocore.exceptions import BotoCoreError, ClientError

from app.errors import StandError
from benchmarks.peers import OURS
from benchmarks.running import Running

FAILURES = (StandError, BotoCoreError, ClientError, urllib3.exceptions.HTTPError)


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that a peer did not do.

    Attributes:
        peer: Its name.
        case: What was asked.
        reason: Why not, or how far it came.
    """

    peer: str
    case: str
    reason: str


class Turns:
    """Shows what goes on, and keeps what peers did not do.

    **On failure**: a peer that fails is a gap; an error of our own ends the run.
    """

    __slots__ = ()

    say: Callable[[str], None]

    @property
    def gaps(self) -> list[Gap]:
        """Where gaps go."""
        raise NotImplementedError

    def rounds[R: Running](self, case: str, left: list[R], rounds: int) -> Iterator[R]:
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

    def gap(self, running: Running, case: str, reason: str) -> None:
        """Keep what a peer did not do, once."""
        gap = Gap(running.peer.name, case, reason)
        if gap not in self.gaps:
            self.gaps.append(gap)
