"""Arrow schemas of the lake's Parquet files. All times are UTC.

COPY matches Parquet columns by their order, so the order here is the order of the staging tables.
"""

from typing import Any

import pyarrow as pa


def _schema(fields: list[Any]) -> pa.Schema:
    return pa.schema(fields)


_UTC = pa.timestamp("us", "UTC")
_PROVENANCE: list[Any] = [
    pa.field("batch_id", pa.string(), nullable=False),
    pa.field("shard_id", pa.string(), nullable=False),
    pa.field("sequence_number", pa.string(), nullable=False),
    pa.field("sub_sequence_number", pa.int32(), nullable=False),  # place within a record of many events
    pa.field("received_at", _UTC, nullable=False),  # Kinesis's approximate arrival time
]

FLIGHT_FIELDS: list[Any] = [
    pa.field("event_id", pa.string(), nullable=False),
    pa.field("kind", pa.string(), nullable=False),
    pa.field("event_time", _UTC, nullable=False),
    pa.field("carrier", pa.string(), nullable=False),
    pa.field("flight", pa.int32(), nullable=False),
    pa.field("origin", pa.string(), nullable=False),
    pa.field("time_hour", _UTC, nullable=False),
    pa.field("destination", pa.string(), nullable=False),
    pa.field("tail_number", pa.string()),
    pa.field("scheduled_departure", _UTC, nullable=False),
    pa.field("delay_minutes", pa.int32()),
]
WEATHER_FIELDS: list[Any] = [
    pa.field("event_id", pa.string(), nullable=False),
    pa.field("event_time", _UTC, nullable=False),  # the hour observed
    pa.field("origin", pa.string(), nullable=False),
    pa.field("temp", pa.float64()),  # degrees Fahrenheit
    pa.field("dewp", pa.float64()),  # degrees Fahrenheit
    pa.field("humid", pa.float64()),  # per cent
    pa.field("wind_dir", pa.float64()),  # degrees
    pa.field("wind_speed", pa.float64()),  # miles an hour
    pa.field("wind_gust", pa.float64()),  # miles an hour
    pa.field("precip", pa.float64()),  # inches
    pa.field("pressure", pa.float64()),  # millibars
    pa.field("visib", pa.float64()),  # miles
]

FLIGHT_EVENTS = _schema(FLIGHT_FIELDS + _PROVENANCE)
"""events/flight-events/: one row an event."""

WEATHER_OBSERVATIONS = _schema(WEATHER_FIELDS + _PROVENANCE)
"""events/weather-observations/: one row an observation."""

AIRPORT_HOURS = _schema(
    [
        pa.field("batch_id", pa.string(), nullable=False),
        pa.field("window_start", _UTC, nullable=False),  # the hour in which the flights really left
        pa.field("origin", pa.string(), nullable=False),
        pa.field("carrier", pa.string(), nullable=False),
        pa.field("departures", pa.int64(), nullable=False),
        pa.field("on_time", pa.int64(), nullable=False),  # left less than 15 minutes behind schedule
        pa.field("delay_minutes", pa.int64(), nullable=False),  # their sum; early departures count negative
    ]
)
"""partials/flight-events/: additive rows; a window's value is the sum over all its partials."""

DELAY_BUCKETS = _schema(
    [
        pa.field("batch_id", pa.string(), nullable=False),
        pa.field("window_start", _UTC, nullable=False),  # the hour in which the flights really left
        pa.field("origin", pa.string(), nullable=False),
        pa.field("carrier", pa.string(), nullable=False),
        pa.field("bucket", pa.int32(), nullable=False),  # of the delay: pipelines.windows.bucket_value
        pa.field("departures", pa.int64(), nullable=False),
    ]
)
"""partials/delay_buckets/: a window's delays as a histogram of logarithmic buckets; quantiles come of it."""

DEPARTURE_MINUTES = _schema(
    [
        pa.field("batch_id", pa.string(), nullable=False),
        pa.field("window_start", _UTC, nullable=False),  # the minute in which the flights really left
        pa.field("origin", pa.string(), nullable=False),
        pa.field("departures", pa.int64(), nullable=False),
    ]
)
"""partials/departure_minutes/: what sliding windows of any length are sums of."""

AIRCRAFT_SESSIONS = _schema(
    [
        pa.field("batch_id", pa.string(), nullable=False),
        pa.field("tail_number", pa.string(), nullable=False),
        pa.field("session_start", _UTC, nullable=False),  # the first departure
        pa.field("session_end", _UTC, nullable=False),  # the last one
        pa.field("legs", pa.int64(), nullable=False),
        pa.field("route", pa.string(), nullable=False),  # EWR-ORD JFK-LAX, the first hundred legs
        pa.field("delay_minutes", pa.int64(), nullable=False),  # their sum; early departures count negative
        pa.field("worst_delay_minutes", pa.int64(), nullable=False),
        pa.field("carried_minutes", pa.int64(), nullable=False),  # sum over pairs: what both were late
        pa.field("change", pa.int64(), nullable=False),  # 1: told; -1: taken back, as it was told
    ]
)
"""partials/aircraft_sessions/: a session is there where its changes add up to one."""

DAILY_ON_TIME = _schema(
    [
        pa.field("flight_date", pa.date32()),  # New York date of the scheduled departure
        pa.field("carrier", pa.string()),
        pa.field("origin", pa.string()),
        pa.field("scheduled", pa.int64()),
        pa.field("departed", pa.int64()),
        pa.field("cancelled", pa.int64()),  # scheduled, never departed
        pa.field("on_time", pa.int64()),  # departed less than 15 minutes behind schedule
        pa.field("delay_minutes", pa.int64()),  # sum over the departed; early departures count negative
    ]
)
"""daily_on_time/: what the Spark job writes, one row a date, carrier and airport of departure."""

WEATHER_IMPACT = _schema(
    [
        pa.field("flight_date", pa.date32()),  # New York date of the scheduled departure
        pa.field("origin", pa.string()),
        pa.field("measure", pa.string()),  # wind_speed, visib or precip
        pa.field("band", pa.string()),  # of the measure, in words; unknown where nobody observed it
        pa.field("band_order", pa.int32()),  # its place among the measure's bands, from 0
        pa.field("flights", pa.int64()),
        pa.field("cancelled", pa.int64()),
        pa.field("departed", pa.int64()),
        pa.field("late", pa.int64()),  # departed 15 minutes or more behind schedule
        pa.field("delay_minutes", pa.int64()),  # sum over the departed; early departures count negative
    ]
)
"""weather_impact/: one row a date, airport, measure and band."""

DELAY_PROPAGATION = _schema(
    [
        pa.field("flight_date", pa.date32()),  # New York date of the scheduled departure
        pa.field("tail_number", pa.string()),
        pa.field("leg", pa.int32()),  # of the aircraft on that date, from 1
        pa.field("chain", pa.int32()),  # legs of one number inherit, each from the one before
        pa.field("carrier", pa.string()),
        pa.field("flight", pa.int32()),
        pa.field("origin", pa.string()),
        pa.field("destination", pa.string()),
        pa.field("scheduled_departure", _UTC),
        pa.field("departure_delay_minutes", pa.int32()),
        pa.field("arrival_delay_minutes", pa.int32()),  # NULL where the source does not know it
        pa.field("inherited_minutes", pa.int32()),  # of the leg before: what both were late
        pa.field("next_scheduled_departure", _UTC),  # of the aircraft, from New York on that date
    ]
)
"""delay_propagation/: one row a flight that departed and whose aircraft is known."""

STREAM_DIFFERENCES = _schema(
    [
        pa.field("flight_date", pa.date32()),  # New York date of the window
        pa.field("window_start", _UTC),  # the hour in which the flights really left
        pa.field("origin", pa.string()),
        pa.field("carrier", pa.string()),
        pa.field("streamed_departures", pa.int64()),
        pa.field("streamed_on_time", pa.int64()),
        pa.field("streamed_delay_minutes", pa.int64()),
        pa.field("archived_departures", pa.int64()),
        pa.field("archived_on_time", pa.int64()),
        pa.field("archived_delay_minutes", pa.int64()),
        pa.field("reason", pa.string()),  # those of duplicate, late and reject that apply, by ", "
    ]
)
"""stream_differences/: one row a window that the stream and the archive count otherwise."""
