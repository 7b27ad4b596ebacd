select
    stream,
    shard_id,
    watermark,
    brought_at
from {{ source('loads', 'stream_watermark') }}
