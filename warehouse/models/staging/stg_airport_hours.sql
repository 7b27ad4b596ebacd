select
    batch_id,
    window_start,
    origin,
    carrier,
    departures,
    on_time,
    delay_minutes
from {{ source('loads', 'agg_airport_hour') }}
