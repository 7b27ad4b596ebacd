create table if not exists stream_difference (
    flight_date date not null,
    window_start timestamp not null,
    origin varchar(3) not null,
    carrier varchar(2) not null,
    streamed_departures bigint not null,
    streamed_on_time bigint not null,
    streamed_delay_minutes bigint not null,
    archived_departures bigint not null,
    archived_on_time bigint not null,
    archived_delay_minutes bigint not null,
    reason varchar(24) not null,
    primary key (window_start, origin, carrier)
)
diststyle all
sortkey (flight_date)
