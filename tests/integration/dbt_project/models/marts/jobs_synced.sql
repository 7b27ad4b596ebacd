{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='job_id',
    on_schema_change='sync_all_columns',
) }}
select
    job_id,
    {% if var('is_wide', false) %} status, 'late'::varchar(8) as shift {% else %} status, hours {% endif %}
from {{ ref('stg_jobs') }}
