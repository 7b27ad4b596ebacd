with revisions as (
    select * from {{ ref('stg_aircraft_sessions') }}
),

watermark as (
    select * from {{ ref('flight_watermark') }}
),

sessions as (
    select
        tail_number,
        session_start,
        session_end,
        legs,
        route,
        delay_minutes,
        worst_delay_minutes,
        carried_minutes
    from revisions
    group by
        tail_number,
        session_start,
        session_end,
        legs,
        route,
        delay_minutes,
        worst_delay_minutes,
        carried_minutes
    having sum(change) > 0
),

final as (
    select
        sessions.tail_number,
        sessions.session_start,
        sessions.session_end,
        sessions.legs,
        sessions.route,
        sessions.delay_minutes,
        sessions.worst_delay_minutes,
        sessions.carried_minutes,
        coalesce(dateadd(hour, 10, sessions.session_end) <= watermark.watermark, false) as is_final
    from sessions
    cross join watermark
)

select * from final
