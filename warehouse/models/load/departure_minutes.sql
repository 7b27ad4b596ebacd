create temp table stage_departure_minute (
    batch_id varchar(32) not null,
    window_start timestamp not null,
    origin varchar(3) not null,
    departures bigint not null
);

copy stage_departure_minute
from {{ manifest }}
iam_role default
manifest
format as parquet;

insert into agg_departure_minute
select
    stage_departure_minute.batch_id,
    stage_departure_minute.window_start,
    stage_departure_minute.origin,
    stage_departure_minute.departures
from stage_departure_minute
inner join stage_batch on stage_departure_minute.batch_id = stage_batch.batch_id
