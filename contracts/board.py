"""The flight board: the newest state of each flight, and how many flights of an airport's day are in which.

Both are DynamoDB items, written in one transaction, so that the counters always add up to the board.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from contracts.events import Kind
from contracts.parse import Row

Item = dict[str, dict[str, str]]
"""A DynamoDB item: attribute, then its type (`S` or `N`) and its value as text."""

ALERT_MINUTES = 60
"""A flight this far behind its schedule raises an alert."""

_KINDS: tuple[Kind, ...] = ("scheduled", "departed", "arrived")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class BoardFlight:
    """One flight as the board shows it. Times are text, RFC 3339 in UTC to the second: as text they sort.

    Attributes:
        flight: A `FlightKey` as one word; the key of the board's table.
        status: The kind of its newest event.
        event_time: When that happened.
        carrier: IATA code.
        number: Flight number.
        origin: IATA code of the airport of departure.
        destination: IATA code of the airport of arrival.
        tail_number: The aircraft, or None.
        scheduled_departure: When it is to leave.
        delay_minutes: As in `FlightEvent`.
    """

    flight: str
    status: Kind
    event_time: str
    carrier: str
    number: int
    origin: str
    destination: str
    tail_number: str | None
    scheduled_departure: str
    delay_minutes: int | None

    @property
    def age(self) -> tuple[str, int]:
        """What makes a state newer than another: its time, and of equal times the later kind of event."""
        return self.event_time, _KINDS.index(self.status)

    @property
    def counter(self) -> tuple[str, str]:
        """The key of its counter: airport of departure, and UTC date of the scheduled departure."""
        return self.origin, self.scheduled_departure[:10]

    @classmethod
    def of_row(cls, row: Row) -> "BoardFlight":
        """Take what `parse_flight_event` returned."""
        return cls(
            flight=row["event_id"].removesuffix(f"-{row['kind']}"),
            status=row["kind"],
            event_time=_text(row["event_time"]),
            carrier=row["carrier"],
            number=row["flight"],
            origin=row["origin"],
            destination=row["destination"],
            tail_number=row["tail_number"],
            scheduled_departure=_text(row["scheduled_departure"]),
            delay_minutes=row["delay_minutes"],
        )

    @classmethod
    def of_item(cls, item: Item) -> "BoardFlight":
        """Read what `to_item` wrote.

        Raises:
            KeyError: The item is no flight's.
        """
        tail, delay = item.get("tail_number"), item.get("delay_minutes")
        return cls(
            flight=item["flight"]["S"],
            status=cast("Kind", item["status"]["S"]),
            event_time=item["event_time"]["S"],
            carrier=item["carrier"]["S"],
            number=int(item["number"]["N"]),
            origin=item["origin"]["S"],
            destination=item["destination"]["S"],
            tail_number=None if tail is None else tail["S"],
            scheduled_departure=item["scheduled_departure"]["S"],
            delay_minutes=None if delay is None else int(delay["N"]),
        )

    def to_item(self) -> Item:
        """Write the flight as an item; what is None is left out."""
        values: dict[str, Any] = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: {"N": str(value)} if isinstance(value, int) else {"S": value}
            for name, value in values.items()
            if value is not None
        }


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime(_TIME)
