{{ config(
    materialized='incremental',
    incremental_strategy='merge',
    unique_key=['job_id', 'mechanic_id'],
    merge_exclude_columns=['first_status'],
) }}
select
    job_id,
    mechanic_id,
    status,
    status as first_status,
    hours
from {{ ref('stg_jobs') }}
