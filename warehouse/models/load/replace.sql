-- What was rewritten goes whole before it comes anew: the rest of the load adds. It is always asked,
-- since another loader may have brought it meanwhile.
delete from agg_airport_hour
where batch_id in (select batch_id from stage_batch);

delete from agg_delay_bucket
where batch_id in (select batch_id from stage_batch);

delete from agg_departure_minute
where batch_id in (select batch_id from stage_batch);

delete from agg_aircraft_session
where batch_id in (select batch_id from stage_batch);

delete from etl_ledger
where batch_id in (select batch_id from stage_batch)
