{{ config(materialized='ephemeral') }}
select * from {{ ref('stg_jobs') }}
where status = 'open'
