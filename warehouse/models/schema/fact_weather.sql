create table if not exists fact_weather (
    origin varchar(3) not null,
    observed_at timestamp not null,
    temp double precision,
    dewp double precision,
    humid double precision,
    wind_dir double precision,
    wind_speed double precision,
    wind_gust double precision,
    precip double precision,
    pressure double precision,
    visib double precision,
    primary key (origin, observed_at)
)
diststyle all
sortkey (observed_at)
