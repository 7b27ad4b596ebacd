{{ config(severity='warn', store_failures=true) }}
select * from {{ ref('stg_jobs') }}
where hours >= 9
