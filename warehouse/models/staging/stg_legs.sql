select
    flight_date,
    tail_number,
    leg,
    chain,
    departure_delay_minutes,
    inherited_minutes
from {{ source('loads', 'fact_leg') }}
