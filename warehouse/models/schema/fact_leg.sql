create table if not exists fact_leg (
    flight_date date not null,
    tail_number varchar(6) not null,
    leg int not null,
    chain int not null,
    carrier varchar(2) not null,
    flight int not null,
    origin varchar(3) not null,
    destination varchar(3) not null,
    scheduled_departure timestamp not null,
    departure_delay_minutes int not null,
    arrival_delay_minutes int,
    inherited_minutes int not null,
    next_scheduled_departure timestamp,
    primary key (flight_date, tail_number, leg)
)
diststyle all
sortkey (flight_date)
