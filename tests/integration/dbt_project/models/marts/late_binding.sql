{{ config(materialized='view', bind=false) }}
select * from {{ ref('jobs_merged_at') }}
