create temp table stage_airport as
select
    airport,
    name,
    latitude,
    longitude,
    time_zone
from dim_airport
where false;

copy stage_airport
from {{ manifest }}
iam_role default
manifest
format as parquet;

merge into dim_airport
using stage_airport
    on dim_airport.airport = stage_airport.airport
when matched then
    update
        set
            name = stage_airport.name,
            latitude = stage_airport.latitude,
            longitude = stage_airport.longitude,
            time_zone = stage_airport.time_zone
when not matched then
    insert (airport, name, latitude, longitude, time_zone)
    values (
        stage_airport.airport,
        stage_airport.name,
        stage_airport.latitude,
        stage_airport.longitude,
        stage_airport.time_zone
    )
