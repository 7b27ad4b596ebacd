select
    batch_id,
    window_start as departure_minute,
    origin,
    departures
from {{ source('loads', 'agg_departure_minute') }}
