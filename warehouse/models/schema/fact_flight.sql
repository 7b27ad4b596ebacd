create table if not exists fact_flight (
    carrier varchar(2) not null,
    flight integer not null,
    origin varchar(3) not null,
    time_hour timestamp not null,
    destination varchar(3) not null,
    tail_number varchar(8),
    scheduled_departure timestamp not null,
    scheduled_at timestamp,
    departed_at timestamp,
    departure_delay_minutes integer,
    arrived_at timestamp,
    arrival_delay_minutes integer,
    loaded_at timestamp not null,
    primary key (carrier, flight, origin, time_hour)
)
distkey (flight)
sortkey (time_hour)
