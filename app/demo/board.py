"""The flight board watched from outside, until it is as the source says or nothing moves any more."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date

from app import wiring
from app.functions.dead_letters import DeadLetters
from app.functions.positions import data_of, records_at
from app.reconcile.board import ExpectedBoard, Item, check_counters
from app.reconcile.comparison import TableCheck
from runtime.settings import Settings

STALLED_SECONDS = 60.0
"""What does not move for so long is taken as it is."""

FUNCTION = "flight-board"
_LOOK_SECONDS = 1.0
_MOST_LETTERS = 10_000


@dataclass(frozen=True, slots=True)
class BoardOutcome:
    """What came of the board.

    Attributes:
        checks: The board and its counters against the source.
        flights: On the board, of the dates that were asked for.
        alerts: Raised for them.
        is_alerted: Whether every flight that ended an hour late has an alert, and none that never was.
        dead_letters: By the SHA-256 of the record at a letter's position, how many there are.
    """

    checks: tuple[TableCheck, ...]
    flights: int
    alerts: int
    is_alerted: bool
    dead_letters: Counter[str]


class BoardWatch:
    """Reads tables and queue through AWS's API."""

    def __init__(self, settings: Settings, days: Collection[date]) -> None:
        """Take the tables' names, and the New York dates that the board is compared for."""
        self._settings = settings
        self._days = days
        self._dynamodb = wiring.cloud("dynamodb")
        self._letters = DeadLetters()

    def dead_letters(self) -> Counter[str]:
        """Return the SHA-256 of every record whose position is in the dead-letter queue; the letters stay."""
        queue = self._letters.named(FUNCTION)
        found = self._letters.letters(queue, _MOST_LETTERS)
        for each in found:
            self._letters.release(queue, each)
        return Counter(
            hashlib.sha256(data_of(event)).hexdigest()
            for each in found
            if each.batch
            for event in records_at(each.batch, each.position)
        )

    def outcome(self, malformed: int, on_progress: Callable[[int, int], None]) -> BoardOutcome:
        """Return what came of the board once it is right, or once nothing moved for `STALLED_SECONDS`.

        Args:
            malformed: How many records of the stream are no events, all runs of this world together.
            on_progress: Told how many flights the counters show as they are to be, of how many.
        """
        wanted = ExpectedBoard(self._days)
        moved, seen, counted = wiring.CLOCK.monotonic(), (-1, -1, -1), -1
        while True:
            on_progress(now_counted := wanted.counted(self._counters()), len(wanted.flights))
            if now_counted == counted:  # it stands still: only now the whole board is worth reading
                items = list(self._scan(self._settings.board))
                board = wanted.check(items)
                alerts = {item["flight"]["S"] for item in self._scan(self._settings.alerts)}
                alerts &= {flight for (flight,) in wanted.flights}
                letters = self.dead_letters()
                if not board.differences and wanted.late <= alerts and letters.total() >= malformed:
                    break
                if seen != (now_seen := (len(board.differences), len(alerts), letters.total())):
                    moved, seen = wiring.CLOCK.monotonic(), now_seen
                if wiring.CLOCK.monotonic() - moved > STALLED_SECONDS:
                    break
            counted = now_counted
            wiring.CLOCK.sleep(_LOOK_SECONDS)
        return BoardOutcome(
            checks=(board, check_counters(items, self._counters())),
            flights=board.actual_rows,
            alerts=len(alerts),
            is_alerted=wanted.late <= alerts <= wanted.ever_late,
            dead_letters=letters,
        )

    def _counters(self) -> list[Item]:
        return list(self._scan(self._settings.counters))

    def _scan(self, table: str) -> Iterator[Item]:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield from page["Items"]
