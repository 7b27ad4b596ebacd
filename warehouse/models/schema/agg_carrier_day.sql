create table if not exists agg_carrier_day (
    flight_date date not null,
    carrier varchar(2) not null,
    origin varchar(3) not null,
    scheduled bigint not null,
    departed bigint not null,
    cancelled bigint not null,
    on_time bigint not null,
    delay_minutes bigint not null,
    primary key (flight_date, carrier, origin)
)
diststyle all
sortkey (flight_date)
