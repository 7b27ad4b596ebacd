with quarters as (
    select * from {{ ref('mart_departures_15min') }}
),

placed as (
    select
        *,
        row_number() over (
            partition by origin
            order by departures desc, window_end asc
        )::integer as place
    from quarters
),

final as (
    select
        origin,
        place,
        window_end,
        departures
    from placed
    where place <= 10
)

select * from final
