{{ config(materialized='ephemeral') }}

with watermarks as (
    select * from {{ ref('stg_watermarks') }}
),

final as (
    select min(watermark) as watermark
    from watermarks
    where stream = 'flight-events'
)

select * from final
