-- What the views of the system are made of: DuckDB's own catalogue beside the records of what users made.
-- Object identifiers are DuckDB's, which hold while the process runs; a restart may give others.

create or replace macro _system.session_user_name() as
    coalesce(nullif(getvariable('session_user')::varchar, ''), 'awsuser');

create or replace macro _system.temporary_schema() as 'pg_temp_' || coalesce(getvariable('backend_pid')::integer, 0);

create or replace view _system.known_types as
    select * from (values
        (16, 'bool', 'boolean', 1), (17, 'bytea', 'bytea', -1), (18, 'char', '"char"', 1),
        (19, 'name', 'name', 64), (20, 'int8', 'bigint', 8), (21, 'int2', 'smallint', 2),
        (23, 'int4', 'integer', 4), (24, 'regproc', 'regproc', 4), (25, 'text', 'text', -1),
        (26, 'oid', 'oid', 4), (700, 'float4', 'real', 4), (701, 'float8', 'double precision', 8),
        (705, 'unknown', 'unknown', -1), (1005, '_int2', 'smallint[]', -1), (1007, '_int4', 'integer[]', -1),
        (1009, '_text', 'text[]', -1), (1033, 'aclitem', 'aclitem', 12), (1034, '_aclitem', 'aclitem[]', -1),
        (1042, 'bpchar', 'character', -1), (1043, 'varchar', 'character varying', -1), (1082, 'date', 'date', 4),
        (1083, 'time', 'time without time zone', 8), (1114, 'timestamp', 'timestamp without time zone', 8),
        (1184, 'timestamptz', 'timestamp with time zone', 8),
        (1188, 'intervaly2m', 'interval year to month', 4), (1190, 'intervald2s', 'interval day to second', 8),
        (1266, 'timetz', 'time with time zone', 12), (1700, 'numeric', 'numeric', -1),
        (2205, 'regclass', 'regclass', 4), (2206, 'regtype', 'regtype', 4), (2249, 'record', 'record', -1),
        (2278, 'void', 'void', 4), (2279, 'trigger', 'trigger', 4), (3000, 'geometry', 'geometry', -1),
        (3001, 'geography', 'geography', -1), (2935, 'hllsketch', 'hllsketch', -1), (4000, 'super', 'super', -1),
        (6551, 'varbyte', 'binary varying', -1)
    ) as types (oid, name, format, length);

create or replace macro _system.declared(kind) as case
    when kind in ('VARCHAR', '"NULL"') then 'character varying' when kind like 'DECIMAL%' then lower(replace(kind, 'DECIMAL', 'numeric'))
    when kind = 'HUGEINT' then 'numeric(38,0)' when kind = 'DOUBLE' then 'double precision' when kind = 'FLOAT' then 'real'
    when kind = 'TIMESTAMP' then 'timestamp without time zone' when kind = 'TIME' then 'time without time zone'
    when kind = 'TIME WITH TIME ZONE' then 'time with time zone' when kind in ('JSON', 'VARIANT') then 'super'
    when kind = 'BLOB' then 'binary varying' when kind = 'SMALLINT[]' then 'smallint[]' when kind = 'INTEGER[]' then 'integer[]'
    when kind like '%[]' then 'text[]' else lower(kind) end;

create or replace view _system.known_users as
    select name, id, is_superuser, may_create_databases, valid_until, connection_limit, has_syslog_access
    from _system.users
    union all
    select name, case name when 'rdsdb' then 1 when 'awsuser' then 100 else 100000 + (hash(name) % 1000000)::integer end,
        true, true, null, null, true
    from (
        select 'rdsdb' as name union select _system.session_user_name() union select owner from _system.schemas
        union select owner from _system.tables union select owner from _system.views
    ) where name <> '' and name not in (select name from _system.users);

create or replace macro _system.user_id(user_name) as (
    select id from _system.known_users where name = user_name
);

create or replace view _system.known_schemas as
    select s.oid::integer as oid, s.schema_name as name,
        coalesce(nullif(r.owner, ''), case s.schema_name when 'public' then 'rdsdb' else _system.session_user_name() end) as owner,
        c.comment
    from duckdb_schemas() s
    left join _system.schemas r on r.schema = s.schema_name
    left join _system.comments c on c.kind = 'schema' and c.schema = s.schema_name
    where s.database_name = current_database()
        and s.schema_name not in ('_system', 'main', 'information_schema', 'pg_catalog')
    union all
    select oid::integer, _system.temporary_schema(), 'rdsdb', null
    from duckdb_schemas() where database_name = 'temp' and schema_name = 'main'
    union all select 11, 'pg_catalog', 'rdsdb', null
    union all select 12, 'information_schema', 'rdsdb', null;

create or replace macro _system.is_system_relation(relation_name) as
    regexp_matches(relation_name, '^(pg|stl|stv|svcs|svl|svv|sys)_|^information_schema\.');

-- A relation as DuckDB has it, under the schema that Redshift shows it in: temporary tables have one of their
-- session's.
create or replace view _system.known_objects as
    select database_name, schema_name, table_name as name, table_oid::integer as oid, 'r' as kind,
        estimated_size as row_count, null as query, schema_oid::integer as schema_oid, column_count,
        case database_name when 'temp' then _system.temporary_schema() else schema_name end as shown_schema
    from duckdb_tables() where database_name in (current_database(), 'temp')
    union all
    select database_name, schema_name, view_name, view_oid::integer, 'v', null,
        regexp_replace(sql, '^CREATE VIEW .*? AS ', '', 's'), schema_oid::integer, column_count, schema_name
    from duckdb_views() where database_name = current_database() and not internal;

create or replace view _system.known_relations as
    select o.oid, o.shown_schema as schema, o.name, case when v.kind is null then o.kind else 'v' end as kind,
        coalesce(v.kind, case o.kind when 'v' then 'bound' else 'table' end) as sort,
        coalesce(nullif(t.owner, ''), nullif(v.owner, ''), _system.session_user_name()) as owner,
        case v.kind
            when 'materialized' then 'create materialized view ' || v.schema || '.' || v.view || ' as (' || v.definition || ');'
            when 'late' then 'create view ' || v.schema || '.' || v.view || ' as ' || v.definition || ' with no schema binding;'
            else coalesce(v.definition || ';', o.query) end as definition,
        o.row_count, coalesce(t.created, v.created) as created, o.database_name = 'temp' as is_temporary,
        false as is_system, o.schema_oid, o.column_count,
        case when o.database_name = 'temp' then 0 else list_position(current_schemas(false), o.schema_name) end as place
    from _system.known_objects o
    left join _system.tables t on t.schema = o.shown_schema and t.table = o.name
    left join _system.views v on v.schema = o.shown_schema and v.view = o.name
    where o.database_name = 'temp' or o.schema_name not in ('_system', 'main')
    union all
    -- a late-binding view that waits for its tables is not in DuckDB
    select (800000000 + hash(v.schema || '.' || v.view) % 100000000)::integer, v.schema, v.view, 'v', 'late', v.owner,
        'create view ' || v.schema || '.' || v.view || ' as ' || v.definition || ' with no schema binding;',
        null, v.created, false, false, s.oid::integer, 0, list_position(current_schemas(false), v.schema)
    from _system.views v
    join duckdb_schemas() s on s.schema_name = v.schema and s.database_name = current_database()
    where v.kind = 'late' and not exists (
        from duckdb_views() d where d.schema_name = v.schema and d.view_name = v.view and d.database_name = current_database()
    )
    union all
    select coalesce(fixed.oid, o.oid),
        case when starts_with(o.name, 'information_schema.') then 'information_schema' else 'pg_catalog' end,
        replace(o.name, 'information_schema.', ''), case when starts_with(o.name, 'pg_') then 'r' else 'v' end,
        'system', 'rdsdb', null, null, null, false, true,
        case when starts_with(o.name, 'information_schema.') then 12 else 11 end, o.column_count,
        case when starts_with(o.name, 'information_schema.') then null else -1 end
    from _system.known_objects o
    left join (values ('pg_type', 1247), ('pg_attribute', 1249), ('pg_proc', 1255), ('pg_class', 1259),
        ('pg_database', 1262), ('pg_attrdef', 2604), ('pg_constraint', 2606), ('pg_description', 2609),
        ('pg_index', 2610), ('pg_namespace', 2615), ('pg_rewrite', 2618)) as fixed (name, oid) on fixed.name = o.name
    where o.schema_name = '_system' and _system.is_system_relation(o.name);

create or replace view _system.known_columns as
    select r.oid as relation, r.schema, r.name as "table", r.kind, r.sort, r.is_system, c.column_name as name,
        c.column_index as position, coalesce(d.type, _system.declared(c.data_type)) as type,
        not c.is_nullable or coalesce(d.is_not_null, false) as is_not_null,
        coalesce(d.default, c.column_default) as "default", coalesce(d.identity, '') as identity, d.seed, d.step,
        coalesce(d.encoding, 'none') as encoding, coalesce(d.is_distkey, false) as is_distkey,
        coalesce(d.sortkey, 0) as sortkey, m.comment
    from duckdb_columns() c
    join _system.known_objects o
        on o.database_name = c.database_name and o.schema_name = c.schema_name and o.name = c.table_name
    join _system.known_relations r on not r.is_system and r.oid = o.oid
        or r.is_system and o.schema_name = '_system' and r.name = replace(o.name, 'information_schema.', '')
    left join _system.columns d
        on d.schema = r.schema and d.table = r.name and d.column = c.column_name
    left join _system.comments m
        on m.kind = 'column' and m.schema = r.schema and m.relation = r.name and m.column = c.column_name;

create or replace view _system.typed_columns as
    select c.*, t.oid as type_oid, t.name as type_name, t.length as type_length, parts.*,
        case when parts.base in ('character', 'character varying', 'binary varying') then coalesce(parts.size + 4, -1)
            when parts.base = 'numeric' then coalesce((parts.size << 16 | parts.scale) + 4, -1) else -1 end as modifier
    from (
        select *, {
            'base': trim(regexp_replace(type, '\(.*\)$', '')),
            'size': regexp_extract(type, '\((\d+)', 1), 'scale': regexp_extract(type, '\(\d+, ?(\d+)\)', 1)
        } as cut from _system.known_columns
    ) c
    left join _system.known_types t on t.format = c.cut.base,
    lateral (select c.cut.base as base, try_cast(nullif(c.cut.size, '') as integer) as size,
        coalesce(try_cast(nullif(c.cut.scale, '') as integer), 0) as scale) parts;

-- A key that refers to a table without its schema means the first of that name in the search path.
create or replace view _system.known_constraints as
    select (1000000000 + hash(c.schema || '.' || c.table || '.' || c.name) % 500000000)::integer as oid,
        (1500000000 + hash(c.schema || '.' || c.table || '.' || c.name) % 500000000)::integer as index_oid,
        c.schema, c.table, c.name, c.kind, c.columns,
        coalesce(nullif(c.to_schema, ''), (
            select arg_min(f.schema, f.place) from _system.known_relations f where f.name = c.to_table and f.place is not null
        )) as to_schema,
        c.to_table, c.to_columns, r.oid as relation, r.schema_oid, coalesce(u.id, 10) as owner_id
    from _system.constraints c
    join _system.known_relations r on r.schema = c.schema and r.name = c.table
    left join _system.known_users u on u.name = r.owner;

-- An access list as PostgreSQL writes it: reader=r/owner.
create or replace view _system.known_acls as
    select "schema", relation, list(
        case grantee_kind when 'group' then 'group ' || grantee when 'public' then '' else grantee end
        || '=' || letters || '/' || grantor order by grantee) as acl
    from (
        select "schema", relation, grantee_kind, grantee, grantor, string_agg(
            case privilege when 'SELECT' then 'r' when 'INSERT' then 'a' when 'UPDATE' then 'w' when 'DELETE' then 'd'
                when 'REFERENCES' then 'x' when 'DROP' then 'D' when 'TRUNCATE' then 't' when 'ALTER' then 'A' else '' end
            || case when is_grantable then '*' else '' end, '' order by privilege) as letters
        from _system.grants where kind = 'table' and "column" = '' group by all
    ) group by "schema", relation;
