{{ config(contract={'enforced': true}, dist='all') }}
select
    mechanic_id,
    full_name,
    hours
from {{ ref('hours_by_mechanic') }}
