"""The flight board watched from outside, until it is as the source says or nothing moves any more."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from app import wiring
from app.demo.throttle import Throttle
from app.functions.dead_letters import DeadLetters, Letter, LostPositionError
from app.functions.positions import data_of, records_at
from app.reconcile.board import ExpectedBoard, Item, check_counters, is_late_item
from app.reconcile.comparison import TableCheck
from runtime.settings import Settings

STALLED_SECONDS = 60.0
"""What does not move for so long is taken as it is."""

FUNCTION = "flight-board"
_LOOK_SECONDS = 1.0
_MOST_LETTERS = 10_000
_CLOCK_STEP_SECONDS = 0.001


@dataclass(frozen=True, slots=True)
class BoardOutcome:
    """What came of the board; nothing, where it was left out.

    Attributes:
        checks: The board and its counters against the source.
        flights: On the board, of the dates that were asked for.
        alerts: Raised for them.
        poison: Malformed records of the flights' stream.
        dead_letters: Records at the positions of the letters that came for them.
        throttles: How often the function was refused while it had no concurrency.
        is_right: Whether every flight that ended an hour late has an alert, or had one in an earlier run that
            has expired, and none that never was; whether the letters' records are the malformed ones, byte
            for byte; and whether the function was refused.
    """

    checks: tuple[TableCheck, ...] = ()
    flights: int = 0
    alerts: int = 0
    poison: int = 0
    dead_letters: int = 0
    throttles: int = 0
    is_right: bool = True


class BoardWatch:
    """Harms the board's function, and reads tables and queue through AWS's API."""

    def __init__(self, settings: Settings, days: Collection[date]) -> None:
        """Take the tables' names, and the New York dates that the board is compared for."""
        self._settings = settings
        self._dynamodb = wiring.cloud("dynamodb")
        self._letters = DeadLetters()
        self._throttle = Throttle(FUNCTION)
        self._wanted = ExpectedBoard(days)
        self._since = wiring.CLOCK.now()
        self._expired: set[str] = set()

    def begin(self) -> None:
        """Note which alerts have expired, and take the function's concurrency away."""
        self._since = wiring.CLOCK.now()
        late = {item["flight"]["S"] for item in self._scan(self._settings.board) if is_late_item(item)}
        self._expired = late - self._alerts()
        self._throttle.begin()

    def look(self) -> None:
        """Give the concurrency back once the function was refused a few times."""
        self._throttle.look()

    def end(self) -> None:
        """Give it back."""
        self._throttle.end()

    def outcome(self, malformed: Collection[str], on_progress: Callable[[int, int], None]) -> BoardOutcome:
        """Return what came of the board once it is right, or once nothing moved for `STALLED_SECONDS`.

        Args:
            malformed: SHA-256 of each record of the stream that is no event.
            on_progress: Told how many flights the counters show as they are to be, of how many.
        """
        wanted, poison = self._wanted, Counter(malformed)
        due = wanted.late - self._expired
        moved, seen, counted = wiring.CLOCK.monotonic(), (-1, -1, -1), -1
        while True:
            on_progress(now_counted := wanted.counted(self._counters()), len(wanted.flights))
            if now_counted == counted:  # it stands still: only now the whole board is worth reading
                items = list(self._scan(self._settings.board))
                board, counters = wanted.check(items), check_counters(items, self._counters())
                alerts, letters = self._alerts(), self._dead_letters()
                differences = len(board.differences) + len(counters.differences)
                if not differences and due <= alerts and letters.total() >= poison.total():
                    break
                if seen != (now_seen := (differences, len(alerts), letters.total())):
                    moved, seen = wiring.CLOCK.monotonic(), now_seen
                if wiring.CLOCK.monotonic() - moved > STALLED_SECONDS:
                    break
            counted = now_counted
            wiring.CLOCK.sleep(_LOOK_SECONDS)
        throttles = self._throttle.throttles()
        return BoardOutcome(
            checks=(board, counters),
            flights=board.actual_rows,
            alerts=len(alerts),
            poison=poison.total(),
            dead_letters=letters.total(),
            throttles=throttles,
            is_right=due <= alerts <= wanted.ever_late and letters == poison and throttles > 0,
        )

    def _alerts(self) -> set[str]:
        """Return the flights of these dates that have an alert."""
        found = {item["flight"]["S"] for item in self._scan(self._settings.alerts)}
        return found & {flight for (flight,) in self._wanted.flights}

    def _dead_letters(self) -> Counter[str]:
        """Return the SHA-256 of the dead letters' records that came since `begin`; the letters stay."""
        queue = self._letters.named(FUNCTION)
        found = self._letters.letters(queue, _MOST_LETTERS)
        for each in found:
            self._letters.release(queue, each)
        return Counter(digest for each in found for digest in _digests(each, self._since))

    def _counters(self) -> list[Item]:
        return list(self._scan(self._settings.counters))

    def _scan(self, table: str) -> Iterator[Item]:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield from page["Items"]


def _digests(letter: Letter, since: datetime) -> list[str]:
    """Return the SHA-256 of each record of a letter; those that came before `since` are another run's."""
    if letter.batch is None:
        return []
    try:
        events = records_at(letter.batch, letter.position)
    except LostPositionError:  # of an earlier stream of that name
        return []
    first = since.timestamp() - _CLOCK_STEP_SECONDS
    return [
        hashlib.sha256(data_of(event)).hexdigest()
        for event in events
        if event["kinesis"]["approximateArrivalTimestamp"] >= first
    ]
