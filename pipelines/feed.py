"""A feed: what tells one stream from another, as data."""

from dataclasses import dataclass

import pyarrow as pa

from contracts.parse import Parse, parse_flight_event, parse_weather_observation
from contracts.schema import FLIGHT_EVENTS, WEATHER_OBSERVATIONS


@dataclass(frozen=True, slots=True)
class Feed:
    """What a stream's records mean; picklable, since it names functions of modules.

    Attributes:
        parse: From a record's bytes to a row with `event_id` and `event_time`, or to a reject.
        schema: Of the archive: the row's fields, then batch_id, shard_id, sequence_number, received_at.
    """

    parse: Parse
    schema: pa.Schema


FLIGHTS = Feed(parse_flight_event, FLIGHT_EVENTS)
WEATHER = Feed(parse_weather_observation, WEATHER_OBSERVATIONS)
