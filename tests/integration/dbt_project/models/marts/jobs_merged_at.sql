{{ config(
    sort='opened_at',
    pre_hook="{% if not var('is_wide', false) %}create user {{ target.schema }}_guest password 'Guest-2026'{% endif %}",
    post_hook=["analyze {{ this }}", {"sql": "vacuum {{ this }}", "transaction": false}],
    grants={'select': [target.schema ~ '_guest']},
) }}
select
    merged.job_id,
    merged.status,
    jobs.opened_at
from {{ ref('jobs_merged') }} as merged
inner join {{ ref('stg_jobs') }} as jobs on merged.job_id = jobs.job_id
