{{ config(materialized='incremental', incremental_strategy='append') }}
select
    max(job_id) as last_job,
    count(*) as jobs
from {{ ref('stg_jobs') }}
