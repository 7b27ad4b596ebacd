-- pg_catalog: relations, their columns, and what depends on what.
-- https://docs.aws.amazon.com/redshift/latest/dg/c_intro_catalog_views.html

create or replace view _system.pg_namespace as
    select s.oid, s.name as nspname, coalesce(u.id, 10) as nspowner, null::varchar[] as nspacl
    from _system.known_schemas s left join _system.known_users u on u.name = s.owner;

create or replace view _system.pg_class as
    with users as (select name, id from _system.known_users),
    keyed as (
        select schema, "table", bool_or(kind = 'p') as has_primary_key, bool_or(kind <> 'f') as has_key,
            bool_or(kind = 'f') as refers
        from _system.constraints group by schema, "table"
    ), referred as (select distinct to_schema, to_table from _system.known_constraints where kind = 'f')
    select r.oid, r.name as relname, r.schema_oid as relnamespace, 0 as reltype, coalesce(u.id, 10) as relowner,
        0 as relam, r.oid as relfilenode, 0 as reltablespace, 0 as relpages,
        coalesce(r.row_count, 0)::real as reltuples, 0 as reltoastrelid, 0 as reltoastidxid,
        coalesce(k.has_key, false) as relhasindex, false as relisshared, r.kind as relkind,
        r.column_count::smallint as relnatts,
        case when t.diststyle like 'KEY(%' then 1 when t.diststyle = 'ALL' then 8
            when starts_with(t.diststyle, 'AUTO') then 10 when r.sort = 'table' then 0 end::smallint as reldiststyle,
        0::smallint as relchecks, 0::smallint as reltriggers, 0::smallint as relukeys, 0::smallint as relfkeys,
        0::smallint as relrefs, false as relhasoids, coalesce(k.has_primary_key, false) as relhaspkey,
        r.kind = 'v' as relhasrules, false as relhassubclass,
        coalesce(k.refers, false) or f.to_table is not null as relhastriggers, 0 as reloftype,
        case when r.is_temporary then 't' else 'p' end as relpersistence, null::varchar[] as reloptions,
        a.acl as relacl
    from _system.known_relations r
    left join users u on u.name = r.owner
    left join keyed k on k.schema = r.schema and k.table = r.name
    left join referred f on f.to_schema = r.schema and f.to_table = r.name
    left join _system.tables t on t.schema = r.schema and t.table = r.name
    left join _system.known_acls a on a.schema = r.schema and a.relation = r.name
    union all
    select index_oid, name, schema_oid, 0, owner_id, 403, index_oid, 0, 0, 0, 0, 0, false, false, 'i', len(columns), null,
        0, 0, 0, 0, 0, false, false, false, false, false, 0, 'p', null, null
    from _system.known_constraints where kind in ('p', 'u');

create or replace view _system.pg_attribute as
    select relation as attrelid, name as attname, type_oid as atttypid, -1 as attstattarget,
        type_length::smallint as attlen, position::smallint as attnum, 0 as attndims, -1 as attcacheoff,
        modifier as atttypmod, type_length between 1 and 8 as attbyval,
        case when type_length = -1 then 'x' else 'p' end as attstorage, 'i' as attalign, is_not_null as attnotnull,
        "default" is not null or identity <> '' as atthasdef, false as attisdropped, true as attislocal,
        0 as attinhcount, is_distkey as attisdistkey, false as attispreloaded, sortkey as attsortkeyord,
        (list_position(['none', 'bytedict', 'delta', 'delta32k', 'lzo', 'mostly8', 'mostly16', 'mostly32',
            'runlength', 'text255', 'text32k', 'zstd', 'az64'], encoding) - 1)::smallint as attencodingtype,
        0::smallint as attencrypttype, 0 as attcollation, '' as attidentity, '' as attgenerated,
        null::varchar[] as attacl
    from _system.typed_columns
    union all
    select k.index_oid, c.name, c.type_oid, -1, c.type_length, list_position(k.columns, c.name), 0, -1, c.modifier,
        c.type_length between 1 and 8, 'p', 'i', c.is_not_null, false, false, true, 0, false, false, 0, 0, 0, 0, '', '', null
    from _system.known_constraints k join _system.typed_columns c on c.relation = k.relation
    where k.kind in ('p', 'u') and list_contains(k.columns, c.name);

create or replace view _system.pg_attrdef as
    select relation as adrelid, position::smallint as adnum,
        case identity when '' then "default"
            else 'default_identity(' || relation || ', ' || (position - 1) || ', ''' || seed || ',' || step || '''::text)' end as adbin,
        case identity when '' then "default" else '"identity"(' || relation || ', ' || (position - 1) || ', ''' || seed || ',' || step || '''::text)' end as adsrc,
        (relation + position)::integer as oid
    from _system.known_columns where "default" is not null or identity <> '';

create or replace view _system.pg_type as
    select oid, name as typname, 11 as typnamespace, 10 as typowner, length::smallint as typlen,
        length between 1 and 8 as typbyval, 'b' as typtype, true as typisdefined, ',' as typdelim, 0 as typrelid,
        case oid when 1005 then 21 when 1007 then 23 when 1009 then 25 when 1034 then 1033 else 0 end as typelem,
        case oid when 21 then 1005 when 23 then 1007 when 25 then 1009 when 1033 then 1034 else 0 end as typarray,
        false as typnotnull, 0 as typbasetype, -1 as typtypmod, 0 as typndims, 0 as typcollation,
        null::varchar as typdefault
    from _system.known_types;

create or replace view _system.pg_constraint as
    select k.oid, k.name as conname, k.schema_oid as connamespace, k.kind as contype, false as condeferrable,
        false as condeferred, k.relation as conrelid, 0 as contypid, case when k.kind in ('p', 'u') then k.index_oid else 0 end as conindid,
        coalesce((select r.oid from _system.known_relations r where r.schema = k.to_schema and r.name = k.to_table), 0) as confrelid,
        (select list(n.position::smallint order by list_position(k.columns, n.name)) from _system.known_columns n
            where n.relation = k.relation and list_contains(k.columns, n.name)) as conkey,
        null::smallint[] as confkey, null::varchar as conbin, null::varchar as consrc, 2606 as tableoid
    from _system.known_constraints k;

create or replace view _system.pg_index as
    select index_oid as indexrelid, relation as indrelid, len(columns)::smallint as indnatts, true as indisunique,
        kind = 'p' as indisprimary, false as indisclustered, true as indisvalid
    from _system.known_constraints where kind in ('p', 'u');

create or replace view _system.pg_description as
    select r.oid as objoid, 1259 as classoid, 0 as objsubid, c.comment as description
    from _system.comments c join _system.known_relations r on r.schema = c.schema and r.name = c.relation
    where c.kind in ('table', 'view')
    union all
    select relation, 1259, position, comment from _system.known_columns where comment is not null
    union all
    select oid, 2615, 0, comment from _system.known_schemas where comment is not null
    union all
    select k.oid, 2606, 0, c.comment
    from _system.comments c join _system.known_constraints k
        on k.schema = c.schema and k.table = c.relation and k.name = c.column
    where c.kind = 'constraint';

-- A view's rule has its view's identifier.
create or replace view _system.pg_rewrite as
    select oid, '_RETURN' as rulename, oid as ev_class, -1::smallint as ev_attr, '1' as ev_type, true as is_instead, 2618 as tableoid
    from _system.known_relations where kind = 'v' and not is_system;

create or replace view _system.pg_depend as
    select distinct 2618 as classid, v.oid as objid, 0 as objsubid, 1259 as refclassid, r.oid as refobjid,
        0 as refobjsubid, 'n' as deptype
    from _system.dependencies d
    join _system.known_relations v on v.schema = d.schema and v.name = d.view
    join _system.known_relations r on r.schema = d.on_schema and r.name = d.on_relation
    union all
    select 2618, oid, 0, 1259, oid, 0, 'i' from _system.known_relations where kind = 'v' and not is_system;

create or replace view _system.pg_proc as
    select (900000000 + hash(schema_name || '.' || function_name) % 100000000)::integer as oid, function_name as proname,
        (select s.oid from _system.known_schemas s where s.name = schema_name) as pronamespace, 10 as proowner, 14 as prolang,
        false as proisagg, false as proiswindow, false as prosecdef, false as proisstrict, false as proretset, 'v' as provolatile,
        len(parameters)::smallint as pronargs, 705 as prorettype, parameters as proargnames, null::varchar as prosrc,
        null::varchar[] as proacl
    from duckdb_functions()
    where database_name = current_database() and not internal and schema_name not in ('_system', 'main');

create or replace view _system.pg_proc_info as
    select oid as prooid, proname, pronamespace, proowner, prolang, 'f' as prokind, pronargs, prorettype, prosrc
    from _system.pg_proc;

create or replace view _system.pg_tables as
    select schema as schemaname, name as tablename, owner as tableowner, null::varchar as tablespace,
        exists (from _system.constraints k where k.schema = r.schema and k.table = r.name and k.kind = 'p') as hasindexes,
        false as hasrules, false as hastriggers
    from _system.known_relations r where kind = 'r';

create or replace view _system.pg_views as
    select schema as schemaname, name as viewname, owner as viewowner, definition
    from _system.known_relations where kind = 'v';

create or replace view _system.pg_table_def as
    select schema as schemaname, "table" as tablename, name as "column", type, encoding, is_distkey as distkey, sortkey,
        is_not_null as "notnull"
    from _system.known_columns c
    where kind = 'r' and list_contains(list_concat(current_schemas(false), ['pg_catalog']), schema);

create or replace view _system.pg_get_late_binding_view_cols as
    select schema as view_schema, "table" as view_name, name as col_name, type as col_type, position as col_num
    from _system.known_columns where sort = 'late';

create or replace view _system.pg_get_cols as
    select schema as view_schema, "table" as view_name, name as col_name, type as col_type, position as col_num, relation
    from _system.known_columns;
