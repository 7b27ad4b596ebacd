-- An older event never overwrites a newer one, and a kind that did not come overwrites nothing.
merge into fact_flight
using stage_flight
    on
        fact_flight.carrier = stage_flight.carrier
        and fact_flight.flight = stage_flight.flight
        and fact_flight.origin = stage_flight.origin
        and fact_flight.time_hour = stage_flight.time_hour
when matched then
    update
        set
            destination = case
                when stage_flight.described_at >= greatest(
                    fact_flight.scheduled_at, fact_flight.departed_at, fact_flight.arrived_at
                ) then stage_flight.destination else fact_flight.destination
            end,
            tail_number = case
                when stage_flight.described_at >= greatest(
                    fact_flight.scheduled_at, fact_flight.departed_at, fact_flight.arrived_at
                ) then stage_flight.tail_number else fact_flight.tail_number
            end,
            scheduled_departure = case
                when stage_flight.described_at >= greatest(
                    fact_flight.scheduled_at, fact_flight.departed_at, fact_flight.arrived_at
                ) then stage_flight.scheduled_departure else fact_flight.scheduled_departure
            end,
            scheduled_at = greatest(fact_flight.scheduled_at, stage_flight.scheduled_at),
            departed_at = greatest(fact_flight.departed_at, stage_flight.departed_at),
            departure_delay_minutes = case
                when stage_flight.departed_at >= coalesce(fact_flight.departed_at, stage_flight.departed_at)
                    then stage_flight.departure_delay_minutes
                else fact_flight.departure_delay_minutes
            end,
            arrived_at = greatest(fact_flight.arrived_at, stage_flight.arrived_at),
            arrival_delay_minutes = case
                when stage_flight.arrived_at >= coalesce(fact_flight.arrived_at, stage_flight.arrived_at)
                    then stage_flight.arrival_delay_minutes
                else fact_flight.arrival_delay_minutes
            end,
            loaded_at = getdate()
when not matched then insert (
    carrier, flight, origin, time_hour, destination, tail_number, scheduled_departure,
    scheduled_at, departed_at, departure_delay_minutes, arrived_at, arrival_delay_minutes, loaded_at
) values (
    stage_flight.carrier, stage_flight.flight, stage_flight.origin, stage_flight.time_hour,
    stage_flight.destination, stage_flight.tail_number, stage_flight.scheduled_departure,
    stage_flight.scheduled_at, stage_flight.departed_at, stage_flight.departure_delay_minutes,
    stage_flight.arrived_at, stage_flight.arrival_delay_minutes, getdate()
)
