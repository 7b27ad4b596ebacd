-- SVV views of relations and columns.
-- https://docs.aws.amazon.com/redshift/latest/dg/svv_views.html

create or replace view _system.svv_tables as
    select current_database() as table_catalog, schema as table_schema, name as table_name,
        case when is_temporary then 'LOCAL TEMPORARY' when kind = 'r' then 'BASE TABLE' else 'VIEW' end as table_type,
        (select c.comment from _system.comments c where c.kind in ('table', 'view') and c.schema = r.schema and c.relation = r.name)
            as remarks
    from _system.known_relations r;

create or replace view _system.svv_columns as
    select current_database() as table_catalog, schema as table_schema, "table" as table_name, name as column_name,
        position as ordinal_position, "default" as column_default, case when is_not_null then 'NO' else 'YES' end as is_nullable,
        base as data_type,
        case when base in ('character', 'character varying') then size end as character_maximum_length,
        case base when 'smallint' then 16 when 'integer' then 32 when 'bigint' then 64 when 'real' then 24
            when 'double precision' then 53 when 'numeric' then size end as numeric_precision,
        case when base in ('smallint', 'integer', 'bigint', 'real', 'double precision') then 2 when base = 'numeric' then 10 end
            as numeric_precision_radix,
        case when base in ('smallint', 'integer', 'bigint') then 0 when base = 'numeric' then scale end as numeric_scale,
        case when base like 'time%' then 6 end as datetime_precision, null::varchar as interval_type,
        null::varchar as interval_precision, null::varchar as character_set_catalog, null::varchar as character_set_schema,
        null::varchar as character_set_name, null::varchar as collation_catalog, null::varchar as collation_schema,
        null::varchar as collation_name, null::varchar as domain_name, comment as remarks
    from _system.typed_columns;

create or replace view _system.svv_redshift_databases as
    select current_database() as database_name, 100 as database_owner, 'local' as database_type,
        null::varchar as database_acl, null::varchar as database_options, 'Snapshot Isolation' as database_isolation_level;

create or replace view _system.svv_redshift_schemas as
    select current_database() as database_name, name as schema_name, coalesce(_system.user_id(owner), 10) as schema_owner,
        'local' as schema_type, null::varchar as schema_acl, null::varchar as schema_option
    from _system.known_schemas;

create or replace view _system.svv_redshift_tables as
    select current_database() as database_name, schema as schema_name, name as table_name,
        case kind when 'r' then 'TABLE' else 'VIEW' end as table_type,
        array_to_string((select a.acl from _system.known_acls a where a.schema = r.schema and a.relation = r.name), ', ') as table_acl,
        (select c.comment from _system.comments c where c.kind in ('table', 'view') and c.schema = r.schema and c.relation = r.name)
            as remarks,
        owner as table_owner
    from _system.known_relations r where not is_temporary;

create or replace view _system.svv_redshift_columns as
    select current_database() as database_name, schema as schema_name, "table" as table_name, name as column_name,
        position as ordinal_position, type as data_type, "default" as column_default,
        case when is_not_null then 'NO' else 'YES' end as is_nullable, encoding, is_distkey as distkey, sortkey,
        null::varchar as column_acl, comment as remarks
    from _system.known_columns;

create or replace view _system.svv_all_schemas as
    select database_name, schema_name, schema_owner, schema_type, schema_acl, null::varchar as source_database, schema_option
    from _system.svv_redshift_schemas;

create or replace view _system.svv_all_tables as
    select database_name, schema_name, table_name, table_acl, table_type, remarks, table_owner as owner
    from _system.svv_redshift_tables;

create or replace view _system.svv_all_columns as
    select table_catalog as database_name, table_schema as schema_name, table_name, column_name, ordinal_position, column_default,
        is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale, remarks
    from _system.svv_columns;

create or replace view _system.svv_mv_info as
    select current_database() as database_name, v.schema as schema_name, v.owner as user_name, v.view as name,
        case when exists (from _system.changes c where c.schema = v.schema and c.view = v.view) then 't' else 'f' end as is_stale,
        case when m.is_auto_refreshed then 't' else 'f' end as autorefresh, 'f' as autorewrite, 1 as state
    from _system.views v join _system.materialized_views m on m.schema = v.schema and m.view = v.view
    where v.kind = 'materialized';

create or replace view _system.svv_relation_privileges as
    select "schema" as namespace_name, relation as relation_name, privilege as privilege_type,
        coalesce(_system.user_id(grantee), 0) as identity_id, grantee as identity_name, grantee_kind as identity_type, is_grantable as admin_option
    from _system.grants where kind = 'table' and "column" = '';

create or replace view _system.svv_schema_privileges as
    select "schema" as namespace_name, privilege as privilege_type, coalesce(_system.user_id(grantee), 0) as identity_id, grantee as identity_name,
        grantee_kind as identity_type, is_grantable as admin_option
    from _system.grants where kind = 'schema';

create or replace view _system.svv_database_privileges as
    select current_database() as database_name, privilege as privilege_type, coalesce(_system.user_id(grantee), 0) as identity_id, grantee as identity_name,
        grantee_kind as identity_type, is_grantable as admin_option
    from _system.grants where kind = 'database';

create or replace view _system.svv_user_info as
    select name as user_name, id as user_id, may_create_databases as createdb, is_superuser as superuser,
        false as catalog_update, coalesce(connection_limit::varchar, 'UNLIMITED') as connection_limit,
        case when has_syslog_access then 'UNRESTRICTED' else 'RESTRICTED' end as syslog_access,
        null::timestamp as last_ddl_timestamp, 0 as session_timeout, null::varchar as external_user_id
    from _system.known_users;

create or replace view _system.svv_roles as
    select id as role_id, name as role_name, owner as role_owner, null::varchar as external_id from _system.roles;

create or replace view _system.svv_user_grants as
    select (select u.id from _system.known_users u where u.name = g.grantee) as user_id, grantee as user_name,
        r.id as role_id, g.role as role_name, g.is_admin as admin_option
    from _system.role_grants g join _system.roles r on r.name = g.role where g.grantee_kind = 'user';
