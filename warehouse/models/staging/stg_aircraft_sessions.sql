select
    batch_id,
    tail_number,
    session_start,
    session_end,
    legs,
    route,
    delay_minutes,
    worst_delay_minutes,
    carried_minutes,
    change
from {{ source('loads', 'agg_aircraft_session') }}
