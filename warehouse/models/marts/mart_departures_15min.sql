with minutes as (
    select
        origin,
        window_start,
        sum(departures)::bigint as departures
    from agg_departure_minute
    group by origin, window_start
),

-- Each minute's departures belong to the fifteen windows that end within the next fifteen minutes: Redshift
-- has window frames of rows only, and minutes without departures have no row.
offsets as (
    select 1 as later
    union all
    select 2
    union all
    select 3
    union all
    select 4
    union all
    select 5
    union all
    select 6
    union all
    select 7
    union all
    select 8
    union all
    select 9
    union all
    select 10
    union all
    select 11
    union all
    select 12
    union all
    select 13
    union all
    select 14
    union all
    select 15
),

windows as (
    select
        minutes.origin,
        dateadd(minute, offsets.later, minutes.window_start) as window_end,
        sum(minutes.departures)::bigint as departures
    from minutes
    cross join offsets
    group by minutes.origin, dateadd(minute, offsets.later, minutes.window_start)
),

watermark as (
    select min(watermark) as watermark
    from stream_watermark
    where stream = 'flight-events'
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
