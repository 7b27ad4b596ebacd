"""Lambda flight-board: flight events from Kinesis onto the board in DynamoDB.

**Parallelism**: shards times parallelization factor. **Delivery**: at least once, and a state that comes
again or late changes nothing. **Order**: none needed, the event time decides. **On failure**: a record that
is no event is reported by its number; the mapping isolates it, gives up after its retries and leaves its
position in the dead-letter queue, while what came before and comes after is on the board.
"""

import base64
import logging
from functools import cache
from random import SystemRandom
from typing import Any

from contracts.board import BoardFlight
from contracts.parse import parse_flight_event
from contracts.rejects import Reject
from pipelines.functions.board import DynamoBoard, advance
from runtime.aws import client
from runtime.clock import SystemClock
from runtime.settings import Settings

_LOGGER = logging.getLogger()


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Take one batch of a Kinesis mapping with ReportBatchItemFailures."""
    flights, bad = read(event["Records"])
    advance(_board(), flights, SystemClock(), SystemRandom())
    return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}


def read(records: list[dict[str, Any]]) -> tuple[list[BoardFlight], list[str]]:
    """Return the states up to the first record that is no event, and that record's sequence number.

    What follows it comes again anyway: a mapping goes on from the lowest number that failed.
    """
    flights: list[BoardFlight] = []
    for record in records:
        kinesis = record["kinesis"]
        row = parse_flight_event(base64.b64decode(kinesis["data"]))
        if isinstance(row, Reject):
            _LOGGER.warning("%s is no event: %s, %s", record["eventID"], row.rule, row.detail)
            return flights, [kinesis["sequenceNumber"]]
        flights.append(BoardFlight.of_row(row))
    return flights, []


@cache
def _board() -> DynamoBoard:
    settings = Settings.from_env()
    return DynamoBoard(client("dynamodb", settings), settings.board, settings.counters)
