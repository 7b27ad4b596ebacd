create table if not exists agg_departure_minute (
    batch_id varchar(32) not null,
    window_start timestamp not null,
    origin varchar(3) not null,
    departures bigint not null,
    primary key (batch_id, window_start, origin)
)
diststyle even
sortkey (window_start)
