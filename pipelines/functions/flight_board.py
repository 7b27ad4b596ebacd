"""Lambda flight-board: flight events from Kinesis onto the board in DynamoDB.

**Parallelism**: shards times parallelization factor. **Delivery**: at least once, and a state that comes
again or late changes nothing. **Order**: none needed, the event time decides. **On failure**: a record that
is no event is reported by its number; the mapping isolates it, gives up after its retries and leaves its
position in the dead-letter queue, while what came before and comes after is on the board. What is not the
records' fault is tried again for as long as the invocation has time, so that an outage costs no good record
the mapping's few retries.
"""

import base64
import logging
from functools import cache
from random import SystemRandom
from typing import Any, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from contracts.batches import BadBatchError, unpack
from contracts.board import BoardFlight
from contracts.parse import Row, parse_flight_event
from contracts.rejects import Reject
from pipelines.functions.board import Board, BoardBusyError, DynamoBoard, advance
from runtime.aws import client
from runtime.clock import Clock, SystemClock
from runtime.settings import Settings

_LOGGER = logging.getLogger()


LEFT_MILLIS = 10_000
"""Nothing is tried again with less time than this."""

_PAUSE_SECONDS = 1.0


class Context(Protocol):
    """What Lambda tells an invocation of itself."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it may still take."""


def handler(event: dict[str, Any], context: Context) -> dict[str, Any]:
    """Take one batch of a Kinesis mapping with ReportBatchItemFailures."""
    flights, bad = read(event["Records"])
    advance_in_time(_board(), flights, SystemClock(), context)
    return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}


def advance_in_time(board: Board, flights: list[BoardFlight], clock: Clock, context: Context) -> None:
    """Bring the board up to some states, again and again while DynamoDB cannot and there is time.

    Raises:
        ClientError: DynamoDB could not, and the time is nearly over; so with the other two.
        BotoCoreError: It was not reached.
        BoardBusyError: Others kept changing the same flights.
    """
    while True:
        try:
            advance(board, flights, clock, SystemRandom())
        except (ClientError, BotoCoreError, BoardBusyError) as error:
            if context.get_remaining_time_in_millis() < LEFT_MILLIS:
                raise
            _LOGGER.warning("the board is tried again: %s", error)
            clock.sleep(_PAUSE_SECONDS)
        else:
            return


def read(records: list[dict[str, Any]]) -> tuple[list[BoardFlight], list[str]]:
    """Return the states up to the first record that is no event, and that record's sequence number.

    Of a record with many events the good ones are returned, and its number where one of them is no event.
    What follows it comes again anyway: a mapping goes on from the lowest number that failed.
    """
    flights: list[BoardFlight] = []
    for record in records:
        kinesis = record["kinesis"]
        rows = _rows(base64.b64decode(kinesis["data"]))
        flights += [BoardFlight.of_row(row) for row in rows if not isinstance(row, Reject)]
        for reject in rows:
            if isinstance(reject, Reject):
                _LOGGER.warning("%s is no event: %s, %s", record["eventID"], reject.rule, reject.detail)
                return flights, [kinesis["sequenceNumber"]]
    return flights, []


def _rows(data: bytes) -> list[Row | Reject]:
    try:
        return [parse_flight_event(event) for event in unpack(data)]
    except BadBatchError as error:
        return [Reject(data, "bad_batch", str(error))]


@cache
def _board() -> DynamoBoard:
    settings = Settings.from_env()
    return DynamoBoard(client("dynamodb", settings), settings.board, settings.counters)
