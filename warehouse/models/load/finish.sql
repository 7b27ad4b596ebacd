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
            watermark = greatest(stream_watermark.watermark, stage_watermark.watermark),
            brought_at = getdate()
when not matched then
    insert (stream, shard_id, watermark, brought_at)
    values (stage_watermark.stream, stage_watermark.shard_id, stage_watermark.watermark, getdate());

-- A shard that brings nothing while others of its stream do would hold the windows back for ever.
delete from stream_watermark
where
    brought_at < dateadd(minute, -5, getdate())
    and stream in (select stage_watermark.stream from stage_watermark);

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
    manifest_digest
from stage_batch
