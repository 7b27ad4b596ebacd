create table if not exists etl_ledger (
    batch_id varchar(32) not null,
    stream varchar(128) not null,
    shard_id varchar(64) not null,
    last_sequence_number varchar(64) not null,
    records bigint not null,
    events bigint not null,
    duplicates bigint not null,
    rejects bigint not null,
    loaded_at timestamp not null,
    manifest_digest varchar(64) not null,
    primary key (batch_id)
)
diststyle all
sortkey (loaded_at)
