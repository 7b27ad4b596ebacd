"""The flight board watched from outside, until it is as the source says or nothing moves any more."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from app import wiring
from app.reconcile.board import ExpectedBoard, Item, check_counters
from app.reconcile.comparison import TableCheck
from runtime.settings import Settings

STALLED_SECONDS = 60.0
"""What does not move for so long is taken as it is."""

LETTERS = "flight-board-dead-letters"
_LOOK_SECONDS = 0.5
_HIDDEN_SECONDS = 60


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
        self._sqs = wiring.cloud("sqs")
        self._kinesis = wiring.cloud("kinesis")

    def dead_letters(self) -> Counter[str]:
        """Return the SHA-256 of every record whose position is in the dead-letter queue; the letters stay."""
        url = self._sqs.get_queue_url(QueueName=LETTERS)["QueueUrl"]
        request = {"QueueUrl": url, "MaxNumberOfMessages": 10, "VisibilityTimeout": _HIDDEN_SECONDS}
        letters: list[Any] = []
        while found := self._sqs.receive_message(**request).get("Messages"):
            letters += found
        for each in letters:
            self._sqs.change_message_visibility(
                QueueUrl=url, ReceiptHandle=each["ReceiptHandle"], VisibilityTimeout=0
            )
        return Counter(digest for each in letters for digest in self._digests(each["Body"]))

    def outcome(self, malformed: int, on_progress: Callable[[int, int], None]) -> BoardOutcome:
        """Return what came of the board once it is right, or once nothing moved for `STALLED_SECONDS`.

        Args:
            malformed: How many records of the stream are no events, all runs of this world together.
            on_progress: Told how many flights are right, of how many.
        """
        wanted = ExpectedBoard(self._days)
        moved, seen = wiring.CLOCK.monotonic(), (-1, -1, -1)
        while True:
            began = wiring.CLOCK.monotonic()
            items = list(self._scan(self._settings.board))
            board = wanted.check(items)
            alerts = {item["flight"]["S"] for item in self._scan(self._settings.alerts)}
            alerts &= {flight for (flight,) in wanted.flights}
            letters = self.dead_letters()
            differing = {difference.key for difference in board.differences}
            on_progress(len(wanted.flights) - len(differing), len(wanted.flights))
            is_done = not differing and wanted.late <= alerts and letters.total() >= malformed
            if seen != (now_seen := (len(differing), len(alerts), letters.total())):
                moved, seen = wiring.CLOCK.monotonic(), now_seen
            if is_done or wiring.CLOCK.monotonic() - moved > STALLED_SECONDS:
                break
            # A large board takes long to be read: that is not all that is to happen meanwhile.
            wiring.CLOCK.sleep(max(_LOOK_SECONDS, wiring.CLOCK.monotonic() - began))
        return BoardOutcome(
            checks=(board, check_counters(items, self._scan(self._settings.counters))),
            flights=board.actual_rows,
            alerts=len(alerts),
            is_alerted=wanted.late <= alerts <= wanted.ever_late,
            dead_letters=letters,
        )

    def _scan(self, table: str) -> Iterator[Item]:
        for page in self._dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            yield from page["Items"]

    def _digests(self, body: str) -> Iterator[str]:
        position = orjson.loads(body)["KinesisBatchInfo"]
        last = int(position["endSequenceNumber"])
        iterator = self._kinesis.get_shard_iterator(
            StreamARN=position["streamArn"],
            ShardId=position["shardId"],
            ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=position["startSequenceNumber"],
        )["ShardIterator"]
        records = self._kinesis.get_records(ShardIterator=iterator, Limit=position["batchSize"])["Records"]
        for record in records:
            if int(record["SequenceNumber"]) <= last:
                yield hashlib.sha256(record["Data"]).hexdigest()
