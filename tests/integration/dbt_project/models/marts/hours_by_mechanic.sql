{{ config(dist='mechanic_id', sort=['mechanic_id', 'jobs'], sort_type='compound') }}
select
    mechanics.mechanic_id,
    mechanics.full_name::varchar(40) as full_name,
    count(jobs.job_id) as jobs,
    coalesce(sum(jobs.hours), 0)::numeric(8, 2) as hours,
    listagg(jobs.job_id::varchar, ',') within group (order by jobs.job_id) as job_ids
from {{ ref('stg_mechanics') }} as mechanics
left join {{ ref('stg_jobs') }} as jobs on mechanics.mechanic_id = jobs.mechanic_id
group by mechanics.mechanic_id, mechanics.full_name
