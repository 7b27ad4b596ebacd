create temp table stage_airline as
select
    carrier,
    name
from dim_airline
where false;

copy stage_airline
from {{ manifest }}
iam_role default
manifest
format as parquet;

merge into dim_airline
using stage_airline
    on dim_airline.carrier = stage_airline.carrier
when matched then
    update
        set
            name = stage_airline.name
when not matched then
    insert (carrier, name)
    values (stage_airline.carrier, stage_airline.name)
