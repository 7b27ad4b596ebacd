create temp table stage_watermark as
select
    stream,
    shard_id,
    max(watermark) as watermark
from stage_batch
where watermark is not null
group by stream, shard_id;

merge into stream_watermark
using stage_watermark
    on
        stream_watermark.stream = stage_watermark.stream
        and stream_watermark.shard_id = stage_watermark.shard_id
when matched then
    update
        set
            watermark = greatest(stream_watermark.watermark, stage_watermark.watermark)
when not matched then
    insert (stream, shard_id, watermark)
    values (stage_watermark.stream, stage_watermark.shard_id, stage_watermark.watermark);

-- The same transaction as the rows: a batch is loaded, and known to be, or neither.
insert into etl_ledger
select
    batch_id,
    stream,
    shard_id,
    last_sequence_number,
    records,
    events,
    duplicates,
    rejects,
    getdate() as loaded_at,
    revision
from stage_batch
