-- The stream tells a session, and takes it back before it tells it otherwise.
select
    tail_number,
    session_start,
    session_end,
    sum(change) as told
from {{ ref('stg_aircraft_sessions') }}
group by
    tail_number,
    session_start,
    session_end,
    legs,
    route,
    delay_minutes,
    worst_delay_minutes,
    carried_minutes
having sum(change) not in (0, 1)
