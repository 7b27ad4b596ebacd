create table if not exists agg_airport_hour (
    batch_id varchar(32) not null,
    window_start timestamp not null,
    origin varchar(3) not null,
    carrier varchar(2) not null,
    departures bigint not null,
    on_time bigint not null,
    delay_minutes bigint not null,
    primary key (batch_id, window_start, origin, carrier)
)
diststyle even
sortkey (window_start)
