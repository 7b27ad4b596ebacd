select
    carrier,
    flight,
    origin,
    time_hour,
    destination,
    tail_number,
    scheduled_departure,
    convert_timezone('UTC', 'America/New_York', scheduled_departure)::date as flight_date,
    departed_at,
    departure_delay_minutes,
    arrived_at,
    arrival_delay_minutes,
    loaded_at
from {{ source('loads', 'fact_flight') }}
