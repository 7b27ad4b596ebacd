with partials as (
    select * from {{ ref('stg_delay_buckets') }}
),

watermark as (
    select * from {{ ref('flight_watermark') }}
),

buckets as (
    select
        window_start,
        origin,
        carrier,
        bucket,
        sum(departures)::bigint as departures
    from partials
    group by window_start, origin, carrier, bucket
),

ranked as (
    select
        *,
        sum(departures) over (
            partition by window_start, origin, carrier
            order by bucket
            rows between unbounded preceding and current row
        )::bigint as up_to,
        sum(departures) over (partition by window_start, origin, carrier)::bigint as of_all
    from buckets
),

quantiles as (
    select
        window_start,
        origin,
        carrier,
        max(of_all)::bigint as departures,
        min(case when up_to >= 0.50 * of_all then bucket end) as bucket_50,
        min(case when up_to >= 0.90 * of_all then bucket end) as bucket_90,
        min(case when up_to >= 0.99 * of_all then bucket end) as bucket_99
    from ranked
    group by window_start, origin, carrier
),

final as (
    select
        quantiles.window_start,
        quantiles.origin,
        quantiles.carrier,
        quantiles.departures,
        sign(quantiles.bucket_50) * 2 * power(1.01 / 0.99::double precision, abs(quantiles.bucket_50) - 1)
        / (1.01 / 0.99::double precision + 1) as delay_p50_minutes,
        sign(quantiles.bucket_90) * 2 * power(1.01 / 0.99::double precision, abs(quantiles.bucket_90) - 1)
        / (1.01 / 0.99::double precision + 1) as delay_p90_minutes,
        sign(quantiles.bucket_99) * 2 * power(1.01 / 0.99::double precision, abs(quantiles.bucket_99) - 1)
        / (1.01 / 0.99::double precision + 1) as delay_p99_minutes,
        coalesce(dateadd(hour, 1, quantiles.window_start) <= watermark.watermark, false) as is_final
    from quantiles
    cross join watermark
)

select * from final
