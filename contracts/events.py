"""What a flight record means: the three events of a flight, and the identity that survives duplication.

A flight is (carrier, flight, origin, time_hour). An event is identified by its flight and its kind, so an
injected or retried duplicate carries its original's id.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

import orjson

Kind = Literal["scheduled", "departed", "arrived"]


@dataclass(frozen=True, slots=True)
class FlightKey:
    """The natural key of a flight.

    Attributes:
        carrier: IATA code of two characters.
        flight: Flight number.
        origin: IATA code of the airport of departure.
        time_hour: The scheduled hour of departure, in UTC.
    """

    carrier: str
    flight: int
    origin: str
    time_hour: datetime

    def __post_init__(self) -> None:
        """Refuse a time that is not in UTC.

        Raises:
            ValueError: `time_hour` has no zone, or another zone than UTC.
        """
        _require_utc("time_hour", self.time_hour)

    def __str__(self) -> str:
        """Write the key as one word, the same for every event of the flight."""
        return f"{self.carrier}-{self.flight}-{self.origin}-{self.time_hour:%Y%m%dT%H}"


@dataclass(frozen=True, slots=True)
class FlightEvent:
    """One event of a flight, as it is published.

    Attributes:
        key: The flight.
        kind: What happened.
        event_time: When it happened, in UTC; in `scheduled`, when the schedule was published.
        destination: IATA code of the airport of arrival.
        tail_number: The aircraft, or None where the source has none.
        scheduled_departure: When the flight is to leave, in UTC.
        delay_minutes: Behind schedule, negative when early; None in `scheduled`, and in the 717 arrivals of
            the year whose delay the source does not give.
    """

    key: FlightKey
    kind: Kind
    event_time: datetime
    destination: str
    tail_number: str | None
    scheduled_departure: datetime
    delay_minutes: int | None

    def __post_init__(self) -> None:
        """Refuse times that are not in UTC.

        Raises:
            ValueError: A time has no zone, or another zone than UTC.
        """
        _require_utc("event_time", self.event_time)
        _require_utc("scheduled_departure", self.scheduled_departure)

    @property
    def event_id(self) -> str:
        """The identity that duplicates share."""
        return f"{self.key}-{self.kind}"

    @property
    def partition_key(self) -> str:
        """The aircraft, so that its flights stay in order; else carrier and flight number."""
        return self.tail_number or f"{self.key.carrier}{self.key.flight}"

    def to_json(self) -> bytes:
        """Write the event as the data of one Kinesis record: a flat JSON object, times in RFC 3339 with Z."""
        return orjson.dumps(
            {
                "event_id": self.event_id,
                "kind": self.kind,
                "event_time": self.event_time,
                "carrier": self.key.carrier,
                "flight": self.key.flight,
                "origin": self.key.origin,
                "time_hour": self.key.time_hour,
                "destination": self.destination,
                "tail_number": self.tail_number,
                "scheduled_departure": self.scheduled_departure,
                "delay_minutes": self.delay_minutes,
            },
            option=orjson.OPT_UTC_Z,
        )


def _require_utc(name: str, value: datetime) -> None:
    if value.utcoffset() != timedelta(0):
        msg = f"`{name}` must be in UTC; got `{value!r}`"
        raise ValueError(msg)
