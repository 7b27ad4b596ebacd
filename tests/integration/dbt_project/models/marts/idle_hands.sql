{{ config(materialized='view') }}
select
    mechanics.mechanic_id,
    mechanics.full_name,
    count(open_jobs.job_id) as open_jobs
from {{ ref('stg_mechanics') }} as mechanics
left join {{ ref('open_jobs') }} as open_jobs on mechanics.mechanic_id = open_jobs.mechanic_id
group by mechanics.mechanic_id, mechanics.full_name
