create temp table stage_observation (
    event_id varchar(64) not null,
    event_time timestamp not null,
    origin varchar(3) not null,
    temp double precision,
    dewp double precision,
    humid double precision,
    wind_dir double precision,
    wind_speed double precision,
    wind_gust double precision,
    precip double precision,
    pressure double precision,
    visib double precision,
    batch_id varchar(32) not null,
    shard_id varchar(64) not null,
    sequence_number varchar(64) not null,
    sub_sequence_number integer not null,
    received_at timestamp not null
);

copy stage_observation
from {{ manifest }}
iam_role default
manifest
format as parquet;

create temp table stage_weather as
with observations as (
    select stage_observation.*
    from stage_observation
    inner join stage_batch on stage_observation.batch_id = stage_batch.batch_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by origin, event_time
            order by len(sequence_number) desc, sequence_number desc, sub_sequence_number desc
        ) as place
    from observations
)

select
    origin,
    event_time,
    temp,
    dewp,
    humid,
    wind_dir,
    wind_speed,
    wind_gust,
    precip,
    pressure,
    visib
from ranked
where place = 1
