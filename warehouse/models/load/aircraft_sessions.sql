create temp table stage_aircraft_session (
    batch_id varchar(32) not null,
    tail_number varchar(8) not null,
    session_start timestamp not null,
    session_end timestamp not null,
    legs bigint not null,
    route varchar(800) not null,
    delay_minutes bigint not null,
    worst_delay_minutes bigint not null,
    carried_minutes bigint not null,
    change bigint not null
);

copy stage_aircraft_session
from {{ manifest }}
iam_role default
manifest
format as parquet;

insert into agg_aircraft_session
select
    stage_aircraft_session.batch_id,
    stage_aircraft_session.tail_number,
    stage_aircraft_session.session_start,
    stage_aircraft_session.session_end,
    stage_aircraft_session.legs,
    stage_aircraft_session.route,
    stage_aircraft_session.delay_minutes,
    stage_aircraft_session.worst_delay_minutes,
    stage_aircraft_session.carried_minutes,
    stage_aircraft_session.change
from stage_aircraft_session
inner join stage_batch on stage_aircraft_session.batch_id = stage_batch.batch_id
