-- What is loaded already stays as it is: from here on only the batches left in stage_batch count.
delete from stage_batch
where batch_id in (select batch_id from etl_ledger)
