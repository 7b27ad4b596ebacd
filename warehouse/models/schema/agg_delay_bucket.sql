create table if not exists agg_delay_bucket (
    batch_id varchar(32) not null,
    window_start timestamp not null,
    origin varchar(3) not null,
    carrier varchar(2) not null,
    bucket integer not null,
    departures bigint not null,
    primary key (batch_id, window_start, origin, carrier, bucket)
)
diststyle even
sortkey (window_start)
