create table if not exists agg_aircraft_session (
    batch_id varchar(32) not null,
    tail_number varchar(8) not null,
    session_start timestamp not null,
    session_end timestamp not null,
    legs bigint not null,
    route varchar(800) not null,
    delay_minutes bigint not null,
    worst_delay_minutes bigint not null,
    carried_minutes bigint not null,
    change bigint not null,
    primary key (batch_id, tail_number, session_start, change)
)
diststyle even
sortkey (session_start)
