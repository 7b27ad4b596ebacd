create temp table stage_airport_hour (
    batch_id varchar(32) not null,
    window_start timestamp not null,
    origin varchar(3) not null,
    carrier varchar(2) not null,
    departures bigint not null,
    on_time bigint not null,
    delay_minutes bigint not null
);

copy stage_airport_hour
from {{ manifest }}
iam_role default
manifest
format as parquet;

insert into agg_airport_hour
select
    stage_airport_hour.batch_id,
    stage_airport_hour.window_start,
    stage_airport_hour.origin,
    stage_airport_hour.carrier,
    stage_airport_hour.departures,
    stage_airport_hour.on_time,
    stage_airport_hour.delay_minutes
from stage_airport_hour
inner join stage_batch on stage_airport_hour.batch_id = stage_batch.batch_id
