with weather_impact as (
    select * from {{ ref('stg_weather_impact') }}
),

final as (
    select
        measure,
        band,
        band_order,
        sum(flights)::bigint as flights,
        sum(cancelled)::double precision / sum(flights) as cancelled_share,
        sum(late)::double precision / nullif(sum(departed), 0) as late_share,
        sum(delay_minutes)::double precision / nullif(sum(departed), 0) as mean_delay_minutes
    from weather_impact
    group by measure, band, band_order
)

select * from final
