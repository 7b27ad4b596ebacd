create temp table stage_delay_bucket (
    batch_id varchar(32) not null,
    window_start timestamp not null,
    origin varchar(3) not null,
    carrier varchar(2) not null,
    bucket integer not null,
    departures bigint not null
);

copy stage_delay_bucket
from {{ manifest }}
iam_role default
manifest
format as parquet;

insert into agg_delay_bucket
select
    stage_delay_bucket.batch_id,
    stage_delay_bucket.window_start,
    stage_delay_bucket.origin,
    stage_delay_bucket.carrier,
    stage_delay_bucket.bucket,
    stage_delay_bucket.departures
from stage_delay_bucket
inner join stage_batch on stage_delay_bucket.batch_id = stage_batch.batch_id
