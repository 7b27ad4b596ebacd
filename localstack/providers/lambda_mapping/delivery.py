"""One batch to a function, until every record of it was taken or given up.

The rules are those of https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-parameters.html and
https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html: an error is tried again
until the retries or the records' age run out; with bisect a failed batch is split first, which costs no
retry; of what a function reports as failed, all from the lowest number on is tried again; throttling costs
no retry; what is given up goes to the destination.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event
from typing import Any

from localstack.providers.lambda_mapping.window import State

FOREVER = -1
_FIRST_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS = 0.1, 10.0


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a shard.

    Attributes:
        number: Sequence number.
        key: What its order is kept by.
        arrived: Seconds since 1970.
        size_bytes: Of its event.
        event: As the function gets it.
        is_wanted: Whether the mapping's filter and starting position let it through.
    """

    number: str
    key: str
    arrived: float
    size_bytes: int
    event: dict[str, Any]
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """What a mapping asks for.

    Attributes:
        most_retries: After the first attempt; -1 for ever.
        most_age_seconds: -1 for ever.
        is_bisected: Whether a failed batch is split.
    """

    most_retries: int = FOREVER
    most_age_seconds: float = FOREVER
    is_bisected: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """The function took the batch.

    Attributes:
        state: What its window holds now; None outside of windows.
    """

    state: State | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The function failed, or could not be invoked.

    Attributes:
        error: What the destination is told.
        numbers: Those that it reported; empty where the whole batch failed.
        is_throttled: Whether it was not invoked at all.
        state: What its window holds now, with the records before the lowest of the numbers.
    """

    error: dict[str, Any]
    numbers: frozenset[str] = frozenset()
    is_throttled: bool = False
    state: State | None = None


type Invoke = Callable[[Sequence[Record]], Taken | Failed]
type Finish = Callable[[Sequence[Record], State | None], None]
"""Records that are done, and what the window holds with them; None where that did not change."""
type Discard = Callable[[Sequence[Record], str, dict[str, Any], int], None]
"""Records, AWS's condition, the last error, how often they were tried."""


class Delivery:
    """Delivers batches one after the other."""

    def __init__(  # noqa: PLR0913  # its surroundings, each by name
        self,
        policy: Policy,
        *,
        invoke: Invoke,
        finish: Finish,
        discard: Discard,
        now: Callable[[], float],
        stopping: Event,
    ) -> None:
        """Take the rules, the function, who is told what is done, the destination and a clock."""
        self._policy = policy
        self._invoke = invoke
        self._finish = finish
        self._discard = discard
        self._now = now
        self._stopping = stopping

    def deliver(self, batch: Sequence[Record], failures: int = 0) -> None:
        """Return when all of it is done, or when it is stopped."""
        error: dict[str, Any] = {}
        pauses = 0
        while batch := self._without_old(batch, error, failures):
            if self._stopping.is_set():
                return
            answer = self._invoke(batch)
            if isinstance(answer, Taken):
                self._finish(batch, answer.state)
                return
            error = answer.error
            pauses += 1
            if answer.is_throttled:
                pause(self._stopping, pauses)
                continue
            taken, batch = _split(batch, answer.numbers)
            if taken:
                self._finish(taken, answer.state)
                failures = 0  # it got on
                if self._policy.is_bisected:  # it was split where it failed, which costs no retry
                    pause(self._stopping, pauses)
                    continue
            elif self._policy.is_bisected and len(batch) > 1:
                half = len(batch) // 2
                self.deliver(batch[:half], failures)
                self.deliver(batch[half:], failures)
                return
            failures += 1
            if 0 <= self._policy.most_retries < failures:
                self._give_up(batch, "RetryAttemptsExhausted", error, failures)
                return
            pause(self._stopping, pauses)

    def _without_old(self, batch: Sequence[Record], error: dict[str, Any], failures: int) -> Sequence[Record]:
        if self._policy.most_age_seconds < 0:
            return batch
        oldest = self._now() - self._policy.most_age_seconds
        old = [record for record in batch if record.arrived < oldest]
        if old:
            self._give_up(old, "RecordAgeExceeded", error, failures)
        return [record for record in batch if record.arrived >= oldest]

    def _give_up(
        self, records: Sequence[Record], condition: str, error: dict[str, Any], failures: int
    ) -> None:
        self._discard(records, condition, error, failures)
        self._finish(records, None)


def pause(stopping: Event, pauses: int) -> None:
    """Wait before it is tried again: twice as long each time, up to ten seconds."""
    stopping.wait(min(_FIRST_PAUSE_SECONDS * 2 ** min(pauses, 10), _LONGEST_PAUSE_SECONDS))


def _split(batch: Sequence[Record], numbers: frozenset[str]) -> tuple[Sequence[Record], Sequence[Record]]:
    """Return what came before the lowest reported number, and the rest: all of it where none was."""
    places = {record.number: place for place, record in enumerate(batch)}
    if not numbers or not numbers <= places.keys():
        return [], batch
    lowest = min(places[number] for number in numbers)
    return batch[:lowest], batch[lowest:]
