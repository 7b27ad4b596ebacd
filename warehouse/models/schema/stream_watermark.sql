create table if not exists stream_watermark (
    stream varchar(128) not null,
    shard_id varchar(64) not null,
    watermark timestamp not null,
    brought_at timestamp not null,
    primary key (stream, shard_id)
)
diststyle all
