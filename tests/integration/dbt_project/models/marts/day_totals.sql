{{ config(materialized='materialized_view', auto_refresh=false, backup=false, dist='opened_on', sort=['opened_on']) }}
select
    trunc(opened_at) as opened_on,
    count(*) as jobs
from {{ ref('jobs_merged_at') }}
group by trunc(opened_at)
