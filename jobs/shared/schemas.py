"""What the jobs read and write, as Spark's types: contracts/schema.py, without its library.

A test holds the two together.
"""

_PROVENANCE = (
    "batch_id string, shard_id string, sequence_number string, sub_sequence_number int, received_at timestamp"
)

FLIGHT_EVENTS = (
    "event_id string, kind string, event_time timestamp, carrier string, flight int, origin string, "
    "time_hour timestamp, destination string, tail_number string, scheduled_departure timestamp, "
    f"delay_minutes int, {_PROVENANCE}"
)
WEATHER_OBSERVATIONS = (
    "event_id string, event_time timestamp, origin string, temp double, dewp double, humid double, "
    "wind_dir double, wind_speed double, wind_gust double, precip double, pressure double, visib double, "
    f"{_PROVENANCE}"
)
AIRPORT_HOURS = (
    "batch_id string, window_start timestamp, origin string, carrier string, departures bigint, "
    "on_time bigint, delay_minutes bigint"
)
DAILY_ON_TIME = (
    "flight_date date, carrier string, origin string, scheduled bigint, departed bigint, cancelled bigint, "
    "on_time bigint, delay_minutes bigint"
)
WEATHER_IMPACT = (
    "flight_date date, origin string, measure string, band string, band_order int, flights bigint, "
    "cancelled bigint, departed bigint, late bigint, delay_minutes bigint"
)
DELAY_PROPAGATION = (
    "flight_date date, tail_number string, leg int, chain int, carrier string, flight int, origin string, "
    "destination string, scheduled_departure timestamp, departure_delay_minutes int, "
    "arrival_delay_minutes int, inherited_minutes int, next_scheduled_departure timestamp"
)
STREAM_DIFFERENCES = (
    "flight_date date, window_start timestamp, origin string, carrier string, streamed_departures bigint, "
    "streamed_on_time bigint, streamed_delay_minutes bigint, archived_departures bigint, "
    "archived_on_time bigint, archived_delay_minutes bigint, reason string"
)
