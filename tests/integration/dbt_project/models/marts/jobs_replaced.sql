{{ config(
    materialized='incremental',
    incremental_strategy='delete+insert',
    unique_key='job_id',
    on_schema_change='append_new_columns',
    dist='job_id',
    sort='opened_at',
) }}
select
    job_id,
    opened_at,
    status
    {% if var('is_wide', false) %}, hours{% endif %}
from {{ ref('stg_jobs') }}
{% if is_incremental() %}
where updated_at >= (select max(opened_at) from {{ this }})
{% endif %}
