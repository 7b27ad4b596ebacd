{{ config(sort='window_end') }}

with partials as (
    select * from {{ ref('stg_departure_minutes') }}
),

watermark as (
    select * from {{ ref('flight_watermark') }}
),

minutes as (
    select
        origin,
        departure_minute,
        sum(departures)::bigint as departures
    from partials
    group by origin, departure_minute
),

-- Each minute's departures belong to the fifteen windows that end within the next fifteen minutes: Redshift
-- has window frames of rows only, and minutes without departures have no row.
offsets as (
    {% for minutes in range(1, 16) %}
        select {{ minutes }} as later
        {% if not loop.last %}
            union all
        {% endif %}
    {% endfor %}
),

windows as (
    select
        minutes.origin,
        dateadd(minute, offsets.later, minutes.departure_minute) as window_end,
        sum(minutes.departures)::bigint as departures
    from minutes
    cross join offsets
    group by minutes.origin, dateadd(minute, offsets.later, minutes.departure_minute)
),

final as (
    select
        windows.window_end,
        windows.origin,
        windows.departures,
        coalesce(windows.window_end <= watermark.watermark, false) as is_final
    from windows
    cross join watermark
)

select * from final
