with carrier_days as (
    select * from {{ ref('fct_carrier_day') }}
),

airlines as (
    select * from {{ ref('stg_airlines') }}
),

final as (
    select
        carrier_days.flight_date,
        carrier_days.carrier,
        airlines.airline,
        carrier_days.scheduled,
        carrier_days.departed,
        carrier_days.cancelled,
        carrier_days.on_time,
        carrier_days.on_time::double precision / nullif(carrier_days.departed, 0) as on_time_share,
        carrier_days.mean_delay_minutes
    from carrier_days
    left join airlines on carrier_days.carrier = airlines.carrier
)

select * from final
