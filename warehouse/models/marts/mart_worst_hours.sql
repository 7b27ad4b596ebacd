with partials as (
    select * from {{ ref('stg_airport_hours') }}
),

hours as (
    select
        origin,
        window_start,
        sum(departures)::bigint as departures,
        sum(on_time)::bigint as on_time,
        sum(delay_minutes)::double precision as delay_minutes
    from partials
    group by origin, window_start
),

shares as (
    select
        origin,
        window_start,
        departures,
        on_time,
        on_time::double precision / departures as on_time_share,
        delay_minutes / departures as mean_delay_minutes
    from hours
    where departures >= 10
),

placed as (
    select
        *,
        row_number() over (
            partition by origin
            order by on_time_share asc, departures desc, window_start asc
        )::integer as place
    from shares
),

final as (
    select
        origin,
        window_start,
        departures,
        on_time,
        on_time_share,
        mean_delay_minutes,
        place
    from placed
    where place <= 10
)

select * from final
