{{ config(
    materialized='incremental',
    incremental_strategy='microbatch',
    event_time='opened_at',
    batch_size='day',
    begin='2026-01-01',
    lookback=1,
) }}
select
    job_id,
    opened_at,
    status
from {{ ref('stg_jobs') }}
