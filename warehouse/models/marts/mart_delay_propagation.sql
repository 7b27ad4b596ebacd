with legs as (
    select * from {{ ref('stg_legs') }}
),

chains as (
    select
        flight_date,
        tail_number,
        chain,
        count(*) as legs,
        sum(greatest(departure_delay_minutes, 0)) as late_minutes,
        sum(inherited_minutes) as inherited_minutes
    from legs
    group by flight_date, tail_number, chain
),

final as (
    select
        flight_date,
        sum(legs)::bigint as legs,
        sum(late_minutes)::bigint as late_minutes,
        sum(inherited_minutes)::bigint as inherited_minutes,
        sum(inherited_minutes)::double precision / nullif(sum(late_minutes), 0) as inherited_share,
        max(legs)::bigint as longest_chain
    from chains
    group by flight_date
)

select * from final
