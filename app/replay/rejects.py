"""What the stream has set aside, read from the lake; what today's rules take is sent once more."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from app.replay.faults import Outgoing
from app.replay.sender import Sender
from contracts.batches import BadBatchError, unpack
from contracts.parse import Parse, Row, parse_flight_event, parse_weather_observation
from contracts.rejects import Reject
from contracts.streams import FLIGHT_EVENTS_STREAM, WEATHER_STREAM
from runtime.objects import Objects

REJECTS = "rejects/"
MOST_AT_ONCE = 500
_PARSERS: dict[str, Parse] = {
    FLIGHT_EVENTS_STREAM: parse_flight_event,
    WEATHER_STREAM: parse_weather_observation,
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """One reject.

    Attributes:
        stream: That it came by.
        position: Shard and sequence number of its record, and its place in a record of many events.
        received: When that arrived, UTC.
        rule: That it broke, in those days.
        detail: The same for a person.
        data: Its bytes.
    """

    stream: str
    position: str
    received: datetime
    rule: str
    detail: str
    data: bytes


def rejected(objects: Objects) -> Iterator[Rejected]:
    """Yield every reject of the lake, by stream, shard and position."""
    for key in objects.keys(REJECTS):
        for line in objects.get(key).splitlines():
            fields = orjson.loads(line)
            yield Rejected(
                fields["stream"],
                _position(fields),
                datetime.fromtimestamp(fields["received_at"], UTC),
                fields["rule"],
                fields["detail"],
                bytes.fromhex(fields["data_hex"]),
            )


def _position(fields: dict[str, Any]) -> str:
    place = fields["sub_sequence_number"]
    return f"{fields['shard_id']}:{fields['sequence_number']}" + (f":{place}" if place else "")


def replay_rejects(objects: Objects, sender: Sender) -> tuple[int, Counter[str]]:
    """Send what is an event by today's rules; return how many were sent, and what is still rejected, by rule.

    **Delivery**: at least once: what is sent twice goes to the same shard, which drops copies.

    Raises:
        ReplayStalledError: Kinesis kept refusing.
    """
    sent, still = 0, Counter[str]()
    waiting: dict[str, list[Outgoing]] = {}
    for each in rejected(objects):
        for event in _events(each, still):
            queue = waiting.setdefault(each.stream, [])
            queue.append(event)
            if len(queue) == MOST_AT_ONCE:
                sender.send(each.stream, queue)
                waiting[each.stream] = []
            sent += 1
    for stream, queue in waiting.items():
        sender.send(stream, queue)
    return sent, still


def _events(reject: Rejected, still: Counter[str]) -> Iterator[Outgoing]:
    try:
        records = unpack(reject.data)
    except BadBatchError:
        still["bad_batch"] += 1
        return
    for data in records:
        row = _PARSERS[reject.stream](data)
        if isinstance(row, Reject):
            still[row.rule] += 1
        else:
            yield Outgoing(reject.stream, row["event_id"], _partition_key(row), data, reject.received)


def _partition_key(row: Row) -> str:
    """Return the key that its producer puts it by, so that it comes to its own shard."""
    if "carrier" not in row:
        return str(row["origin"])
    return str(row["tail_number"] or f"{row['carrier']}{row['flight']}")
