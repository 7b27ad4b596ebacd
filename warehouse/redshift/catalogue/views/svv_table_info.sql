-- Tables with their layout, sizes and the skew of their slices.
-- simulated: stv_tbl_perm.slice, stv_tbl_perm.rows, stv_tbl_perm.sorted_rows, svv_table_info.skew_rows, stv_slices.slice

-- Rows of each table that a DISTKEY puts on each slice; `system_slices` counts them when it is asked.
create or replace view _system.counted_slices as
    select unnest(system_slices('counted'), recursive := true);
create or replace view _system.table_sizes as
    select unnest(system_sizes('blocks'), recursive := true);

create or replace macro _system.pg_table_size(relation_oid) as (
    select coalesce(max(s.bytes), 0) from _system.known_relations r
    left join _system.table_sizes s on s.schema_name = r.schema and s.table_name = r.name
    where r.oid = relation_oid
);
create or replace macro _system.pg_database_size(database) as (
    select sum(bytes)::bigint from _system.table_sizes
);
create or replace macro _system.pg_size_pretty(bytes) as case
    when bytes < 10240 then bytes::bigint || ' bytes' when bytes < 10485760 then round(bytes / 1024.0)::bigint || ' kB'
    when bytes < 10737418240 then round(bytes / 1048576.0)::bigint || ' MB' else round(bytes / 1073741824.0)::bigint || ' GB' end;

create or replace view _system.known_layouts as
    select r.oid, r.schema, r.name, r.created, coalesce(r.row_count, 0) as row_count,
        coalesce(t.diststyle, 'AUTO(ALL)') as diststyle
    from _system.known_relations r
    left join _system.tables t on t.schema = r.schema and t.table = r.name
    where r.sort in ('table', 'materialized') and not r.is_temporary;

create or replace view _system.stv_slices as
    select 0 as node, slice::integer as slice, slice::integer as localslice, 'D' as type
    from (select unnest(range(system_slice_count('all'))) as slice);

create or replace view _system.stv_tbl_perm as
    select s.slice, l.oid as id, l.name, coalesce(case
            when l.diststyle like 'KEY(%' then c.row_count
            when l.diststyle in ('ALL', 'AUTO(ALL)') then case s.localslice when 0 then l.row_count else 0 end
            else l.row_count // system_slice_count('all') + case when s.slice < l.row_count % system_slice_count('all') then 1 else 0 end
        end, 0)::bigint as rows, 0::bigint as sorted_rows, 0 as temp,
        (select d.oid from _system.pg_database d) as db_id, 0 as insert_pristine, 0 as delete_pristine, 1 as backup
    from _system.known_layouts l cross join _system.stv_slices s
    left join _system.counted_slices c on c.schema_name = l.schema and c.table_name = l.name and c.slice = s.slice;

create or replace view _system.svv_table_info as
    with keys as (
        select relation, max(modifier - 4) filter (base = 'character varying') as max_varchar,
            count(*) filter (sortkey <> 0) as sortkey_num, bool_or(encoding <> 'none') as is_encoded,
            max(case when sortkey < 0 then 'INTERLEAVED' else name end) filter (abs(sortkey) = 1) as sortkey1,
            max(encoding) filter (abs(sortkey) = 1) as sortkey1_enc
        from _system.typed_columns group by relation
    ), skews as (
        select schema_name, table_name,
            (max(row_count) / greatest(min(row_count), 1))::decimal(19, 2) as skew_rows
        from _system.counted_slices group by schema_name, table_name
    )
    select current_database() as "database", l.schema as "schema", l.oid as table_id, l.name as "table",
        case when k.is_encoded then 'Y' else 'N' end as encoded, l.diststyle,
        k.sortkey1, coalesce(k.max_varchar, 0)::integer as max_varchar,
        coalesce(k.sortkey1_enc, '') as sortkey1_enc, k.sortkey_num::integer as sortkey_num,
        ceil(coalesce(z.bytes, 0) / 1048576.0)::bigint as size, 0::decimal(10, 4) as pct_used, 0::bigint as empty,
        null::decimal(5, 2) as unsorted, 0::decimal(5, 2) as stats_off, l.row_count::decimal(38, 0) as tbl_rows,
        null::decimal(19, 2) as skew_sortkey1, w.skew_rows, l.row_count::decimal(38, 0) as estimated_visible_rows,
        null::varchar as risk_event, null::decimal(12, 2) as vacuum_sort_benefit, l.created as create_time
    from _system.known_layouts l
    left join keys k on k.relation = l.oid
    left join skews w on w.schema_name = l.schema and w.table_name = l.name
    left join _system.table_sizes z on z.schema_name = l.schema and z.table_name = l.name;
