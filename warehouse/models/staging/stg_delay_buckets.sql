select
    batch_id,
    window_start,
    origin,
    carrier,
    bucket,
    departures
from {{ source('loads', 'agg_delay_bucket') }}
