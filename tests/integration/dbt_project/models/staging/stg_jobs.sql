select
    job_id,
    mechanic_id,
    opened_at::timestamp as opened_at,
    trunc(opened_at::timestamp) as opened_on,
    updated_at::timestamp as updated_at,
    nvl(status, 'unknown') as status,
    hours
from {{ ref('jobs') }}
