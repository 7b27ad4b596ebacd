create temp table stage_plane as
select
    tail_number,
    year,
    manufacturer,
    model,
    seats
from dim_plane
where false;

copy stage_plane
from {{ manifest }}
iam_role default
manifest
format as parquet;

merge into dim_plane
using stage_plane
    on dim_plane.tail_number = stage_plane.tail_number
when matched then
    update
        set
            year = stage_plane.year,
            manufacturer = stage_plane.manufacturer,
            model = stage_plane.model,
            seats = stage_plane.seats
when not matched then
    insert (tail_number, year, manufacturer, model, seats)
    values (
        stage_plane.tail_number,
        stage_plane.year,
        stage_plane.manufacturer,
        stage_plane.model,
        stage_plane.seats
    )
