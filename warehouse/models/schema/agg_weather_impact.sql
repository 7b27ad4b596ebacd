create table if not exists agg_weather_impact (
    flight_date date not null,
    origin varchar(3) not null,
    measure varchar(10) not null,
    band varchar(20) not null,
    band_order int not null,
    flights bigint not null,
    cancelled bigint not null,
    departed bigint not null,
    late bigint not null,
    delay_minutes bigint not null,
    primary key (flight_date, origin, measure, band_order)
)
diststyle all
sortkey (flight_date)
