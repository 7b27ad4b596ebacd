{{ config(bind=false) }}
select
    mechanic_id,
    first_name || ' ' || last_name as full_name,
    decode(mechanic_id, 1, 'chief', 'crew') as role,
    hired_on
from {{ ref('mechanics') }}
