"""A feed: what tells one stream from another, as data."""

from collections.abc import Callable
from dataclasses import dataclass

import pyarrow as pa

from contracts.parse import Parse, parse_flight_event, parse_weather_observation
from contracts.schema import FLIGHT_EVENTS, FLIGHT_FIELDS, WEATHER_FIELDS, WEATHER_OBSERVATIONS
from pipelines.columnar import ParseAll, parse_flights
from pipelines.legs import legs_of


@dataclass(frozen=True, slots=True)
class Feed:
    """What a stream's records mean; picklable, since it names functions of modules.

    Attributes:
        parse: From a record's bytes to a row with `event_id` and `event_time`, or to a reject.
        parse_all: The same for many at once, where there is such a way.
        fields: Of a row.
        schema: Of the archive: the row's fields, then where it came from.
        legs_of: From new events to those among them that the shard carries on, where there are such.
    """

    parse: Parse
    parse_all: ParseAll | None
    fields: pa.Schema
    schema: pa.Schema
    legs_of: Callable[[pa.Table], pa.Table] | None


FLIGHTS = Feed(parse_flight_event, parse_flights, pa.schema(FLIGHT_FIELDS), FLIGHT_EVENTS, legs_of)
WEATHER = Feed(parse_weather_observation, None, pa.schema(WEATHER_FIELDS), WEATHER_OBSERVATIONS, None)
