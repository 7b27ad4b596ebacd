"""The alerts' logic: which changes of the board raise one, and what it says."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import batched
from typing import Any, Protocol

import orjson

from contracts.board import ALERT_MINUTES, BoardFlight, Item
from contracts.errors import MillraceError

KEPT_SECONDS = 24 * 3600
"""An alert's item expires a day after it was raised."""

_MOST_MESSAGES = 10
_MOST_KEYS = 100
_MOST_PUTS = 25


class Alerts(Protocol):
    """Where alerts stand, and who is told of them."""

    def raised(self, flights: Sequence[str]) -> set[str]:
        """Return those of the flights that an alert was raised for."""

    def tell(self, flights: Sequence[BoardFlight]) -> None:
        """Send one message a flight."""

    def keep(self, flights: Sequence[BoardFlight], expires_at: int) -> None:
        """Note that alerts were raised, until a time in seconds since 1970."""


def late(changes: Iterable[Mapping[str, Any]]) -> list[BoardFlight]:
    """Return, once a flight, what changes of the board show as `ALERT_MINUTES` or more behind schedule.

    Args:
        changes: Records of the board's stream, with new images.
    """
    found: dict[str, BoardFlight] = {}
    for change in changes:
        image = change["dynamodb"].get("NewImage")
        flight = BoardFlight.of_item(image) if image else None
        if flight and flight.delay_minutes is not None and flight.delay_minutes >= ALERT_MINUTES:
            found.setdefault(flight.flight, flight)
    return list(found.values())


def raise_alerts(alerts: Alerts, flights: Sequence[BoardFlight], now_seconds: float) -> int:
    """Raise an alert for each flight that has none yet, and return how many were raised.

    **Delivery**: at least once: a message is sent before its item is kept, and may so be sent again.
    """
    there = alerts.raised([each.flight for each in flights])
    new = [each for each in flights if each.flight not in there]
    if new:
        alerts.tell(new)
        alerts.keep(new, int(now_seconds) + KEPT_SECONDS)
    return len(new)


def message(flight: BoardFlight) -> str:
    """Write what an alert's message says."""
    return orjson.dumps(
        {
            "flight": flight.flight,
            "status": flight.status,
            "delay_minutes": flight.delay_minutes,
            "event_time": flight.event_time,
            "origin": flight.origin,
            "destination": flight.destination,
        }
    ).decode()


class NotSentError(MillraceError):
    """SQS refused messages; the batch comes again."""

    def __init__(self, failed: Sequence[Mapping[str, Any]]) -> None:
        """Keep what SQS said."""
        super().__init__(failed)
        self.failed = failed

    def __str__(self) -> str:
        """Say how many, and why the first was."""
        return f"{len(self.failed)} messages were refused: {self.failed[0].get('Message', 'no reason given')}"


class AwsAlerts:
    """Alerts as items of a DynamoDB table with TTL, and messages of an SQS queue."""

    def __init__(self, dynamodb: Any, sqs: Any, name: str) -> None:
        """Take clients, and the name of both table and queue."""
        self._dynamodb = dynamodb
        self._sqs = sqs
        self._table = name
        self._queue_url = sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def raised(self, flights: Sequence[str]) -> set[str]:
        """See `Alerts.raised`."""
        found: set[str] = set()
        for group in batched(flights, _MOST_KEYS, strict=False):
            keys = [{"flight": {"S": flight}} for flight in group]
            request: Any = {self._table: {"Keys": keys, "ConsistentRead": True}}
            while request:
                answer = self._dynamodb.batch_get_item(RequestItems=request)
                found |= {item["flight"]["S"] for item in answer["Responses"].get(self._table, ())}
                request = answer.get("UnprocessedKeys")
        return found

    def tell(self, flights: Sequence[BoardFlight]) -> None:
        """See `Alerts.tell`.

        Raises:
            NotSentError: SQS refused some.
        """
        for group in batched(flights, _MOST_MESSAGES, strict=False):
            entries = [{"Id": str(place), "MessageBody": message(each)} for place, each in enumerate(group)]
            answer = self._sqs.send_message_batch(QueueUrl=self._queue_url, Entries=entries)
            if answer.get("Failed"):
                raise NotSentError(answer["Failed"])

    def keep(self, flights: Sequence[BoardFlight], expires_at: int) -> None:
        """See `Alerts.keep`."""
        for group in batched(flights, _MOST_PUTS, strict=False):
            puts = [{"PutRequest": {"Item": _alert(each, expires_at)}} for each in group]
            request: Any = {self._table: puts}
            while request:
                request = self._dynamodb.batch_write_item(RequestItems=request).get("UnprocessedItems")


class MemoryAlerts:
    """The twin in memory."""

    def __init__(self) -> None:
        """Begin empty."""
        self.kept: dict[str, int] = {}
        self.told: list[str] = []

    def raised(self, flights: Sequence[str]) -> set[str]:
        """See `Alerts.raised`."""
        return self.kept.keys() & set(flights)

    def tell(self, flights: Sequence[BoardFlight]) -> None:
        """See `Alerts.tell`."""
        self.told += [message(each) for each in flights]

    def keep(self, flights: Sequence[BoardFlight], expires_at: int) -> None:
        """See `Alerts.keep`."""
        self.kept |= {each.flight: expires_at for each in flights}


def _alert(flight: BoardFlight, expires_at: int) -> Item:
    return flight.to_item() | {"expires_at": {"N": str(expires_at)}}
