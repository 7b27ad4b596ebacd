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
    received_at timestamp not null
);

copy stage_observation
from '{manifest}'
iam_role default
manifest
format as parquet;

create temp table stage_weather as
with ranked as (
    select
        stage_observation.*,
        row_number() over (
            partition by stage_observation.origin, stage_observation.event_time
            order by len(stage_observation.sequence_number) desc, stage_observation.sequence_number desc
        ) as place
    from stage_observation
    inner join stage_batch on stage_observation.batch_id = stage_batch.batch_id
)

select * from ranked
where place = 1;

merge into fact_weather
using stage_weather
    on fact_weather.origin = stage_weather.origin
    and fact_weather.observed_at = stage_weather.event_time
when matched then update set
    temp = stage_weather.temp,
    dewp = stage_weather.dewp,
    humid = stage_weather.humid,
    wind_dir = stage_weather.wind_dir,
    wind_speed = stage_weather.wind_speed,
    wind_gust = stage_weather.wind_gust,
    precip = stage_weather.precip,
    pressure = stage_weather.pressure,
    visib = stage_weather.visib
when not matched then insert (
    origin, observed_at, temp, dewp, humid, wind_dir, wind_speed, wind_gust, precip, pressure, visib
) values (
    stage_weather.origin, stage_weather.event_time, stage_weather.temp, stage_weather.dewp,
    stage_weather.humid, stage_weather.wind_dir, stage_weather.wind_speed, stage_weather.wind_gust,
    stage_weather.precip, stage_weather.pressure, stage_weather.visib
)
