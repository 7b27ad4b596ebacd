{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='flight_date',
    on_schema_change='fail',
    sort='flight_date',
) }}

with flights as (
    select * from {{ ref('stg_flights') }}
),

-- A day is counted anew, whole, when one of its flights has changed since the last build. Loads come one at
-- a time, so what is new is not older than what was there; five minutes are for a clock that was set back.
changed_days as (
    select distinct flight_date
    from flights
    {% if is_incremental() %}
        where loaded_at >= (
            select coalesce(dateadd(minute, -5, max(counted.loaded_at)), timestamp '1970-01-01 00:00:00')
            from {{ this }} as counted
        )
    {% endif %}
),

final as (
    select
        flights.flight_date,
        flights.carrier,
        count(*) as scheduled,
        count(flights.departed_at) as departed,
        count(*) - count(flights.departed_at) as cancelled,
        sum(case when flights.departure_delay_minutes < 15 then 1 else 0 end)::bigint as on_time,
        avg(flights.departure_delay_minutes::double precision) as mean_delay_minutes,
        max(flights.loaded_at) as loaded_at
    from flights
    inner join changed_days on flights.flight_date = changed_days.flight_date
    group by flights.flight_date, flights.carrier
)

select * from final
