with flights as (
    select * from fact_flight
),

airlines as (
    select * from dim_airline
),

dated as (
    select
        convert_timezone('UTC', 'America/New_York', scheduled_departure)::date as flight_date,
        carrier,
        departed_at,
        departure_delay_minutes
    from flights
),

counted as (
    select
        flight_date,
        carrier,
        count(*) as scheduled,
        count(departed_at) as departed,
        count(*) - count(departed_at) as cancelled,
        sum(case when departure_delay_minutes < 15 then 1 else 0 end)::bigint as on_time,
        avg(departure_delay_minutes::double precision) as mean_delay_minutes
    from dated
    group by flight_date, carrier
),

final as (
    select
        counted.flight_date,
        counted.carrier,
        airlines.name as airline,
        counted.scheduled,
        counted.departed,
        counted.cancelled,
        counted.on_time,
        counted.on_time::double precision / nullif(counted.departed, 0) as on_time_share,
        counted.mean_delay_minutes
    from counted
    left join airlines on counted.carrier = airlines.carrier
)

select * from final
