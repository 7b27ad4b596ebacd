create temp table stage_flight_event (
    event_id varchar(64) not null,
    kind varchar(16) not null,
    event_time timestamp not null,
    carrier varchar(2) not null,
    flight integer not null,
    origin varchar(3) not null,
    time_hour timestamp not null,
    destination varchar(3) not null,
    tail_number varchar(8),
    scheduled_departure timestamp not null,
    delay_minutes integer,
    batch_id varchar(32) not null,
    shard_id varchar(64) not null,
    sequence_number varchar(64) not null,
    sub_sequence_number integer not null,
    received_at timestamp not null
);

copy stage_flight_event
from {{ manifest }}
iam_role default
manifest
format as parquet;

-- A MERGE fails on two source rows for one target: one row a flight, of each kind the newest event.
create temp table stage_flight as
with events as (
    select stage_flight_event.*
    from stage_flight_event
    inner join stage_batch on stage_flight_event.batch_id = stage_batch.batch_id
),

ranked as (
    select
        *,
        row_number() over (
            partition by carrier, flight, origin, time_hour, kind
            order by
                event_time desc, len(sequence_number) desc, sequence_number desc, sub_sequence_number desc
        ) as place_in_kind,
        row_number() over (
            partition by carrier, flight, origin, time_hour
            order by
                event_time desc, len(sequence_number) desc, sequence_number desc, sub_sequence_number desc
        ) as place
    from events
)

select
    carrier,
    flight,
    origin,
    time_hour,
    max(case when place = 1 then destination end) as destination,
    max(case when place = 1 then tail_number end) as tail_number,
    max(case when place = 1 then scheduled_departure end) as scheduled_departure,
    max(event_time) as described_at,
    max(case when kind = 'scheduled' then event_time end) as scheduled_at,
    max(case when kind = 'departed' then event_time end) as departed_at,
    max(case when kind = 'departed' and place_in_kind = 1 then delay_minutes end) as departure_delay_minutes,
    max(case when kind = 'arrived' then event_time end) as arrived_at,
    max(case when kind = 'arrived' and place_in_kind = 1 then delay_minutes end) as arrival_delay_minutes
from ranked
group by carrier, flight, origin, time_hour
