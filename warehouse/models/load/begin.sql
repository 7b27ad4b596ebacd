lock etl_ledger;

-- One load at a time, and this one sees all that was loaded before: LOCK is no query, and comes first.
create temp table stage_batch (
    batch_id varchar(32) not null,
    stream varchar(128) not null,
    shard_id varchar(64) not null,
    last_sequence_number varchar(64) not null,
    records bigint not null,
    events bigint not null,
    duplicates bigint not null,
    rejects bigint not null,
    watermark timestamp,
    manifest_digest varchar(64) not null
);

insert into stage_batch values
{{ batches }};

-- What is loaded already stays as it is: from here on only the batches left in stage_batch count.
delete from stage_batch
where
    exists (
        select 1
        from etl_ledger
        where
            etl_ledger.batch_id = stage_batch.batch_id
            and etl_ledger.manifest_digest = stage_batch.manifest_digest
    )
