-- The days that were counted come to the flights that are there, but for days that a load changed since.
-- An incremental build does not see that a flight left a day for another: then `dbt build --full-refresh`.
with days as (
    select
        flight_date,
        sum(scheduled)::bigint as flights
    from {{ ref('fct_carrier_day') }}
    group by flight_date
),

counted as (
    select max(loaded_at) as loaded_at
    from {{ ref('fct_carrier_day') }}
),

flights as (
    select
        flight_date,
        count(*) as flights,
        max(loaded_at) as loaded_at
    from {{ ref('stg_flights') }}
    group by flight_date
)

select
    flights.flight_date as held_on,
    days.flight_date as counted_on,
    flights.flights as held,
    days.flights as counted
from flights
full outer join days on flights.flight_date = days.flight_date
cross join counted
where
    coalesce(flights.flights, 0) <> coalesce(days.flights, 0)
    and coalesce(flights.loaded_at, counted.loaded_at) <= counted.loaded_at
