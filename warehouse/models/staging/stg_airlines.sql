select
    carrier,
    name as airline
from {{ source('loads', 'dim_airline') }}
