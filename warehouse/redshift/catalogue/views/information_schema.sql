-- information_schema, as PostgreSQL 8.0 has it.

create or replace view _system."information_schema.schemata" as
    select current_database() as catalog_name, name as schema_name, owner as schema_owner,
        null::varchar as default_character_set_catalog, null::varchar as default_character_set_schema,
        null::varchar as default_character_set_name, null::varchar as sql_path
    from _system.known_schemas;

create or replace view _system."information_schema.tables" as
    select current_database() as table_catalog, schema as table_schema, name as table_name,
        case when is_temporary then 'LOCAL TEMPORARY' when kind = 'r' then 'BASE TABLE' else 'VIEW' end as table_type,
        null::varchar as self_referencing_column_name, null::varchar as reference_generation,
        null::varchar as user_defined_type_catalog, null::varchar as user_defined_type_schema,
        null::varchar as user_defined_name
    from _system.known_relations where sort <> 'late';

create or replace view _system."information_schema.views" as
    select current_database() as table_catalog, schema as table_schema, name as table_name,
        definition as view_definition, 'NONE' as check_option, 'NO' as is_updatable, 'NO' as is_insertable_into
    from _system.known_relations where kind = 'v' and not is_system;

-- Late-binding views are not among them: pg_get_late_binding_view_cols() has theirs.
create or replace view _system."information_schema.columns" as
    select current_database() as table_catalog, schema as table_schema, "table" as table_name, name as column_name,
        position as ordinal_position, "default" as column_default, case when is_not_null then 'NO' else 'YES' end as is_nullable,
        base as data_type,
        case when base in ('character', 'character varying') then size end as character_maximum_length,
        case when base in ('character', 'character varying') then size end as character_octet_length,
        case base when 'smallint' then 16 when 'integer' then 32 when 'bigint' then 64 when 'real' then 24
            when 'double precision' then 53 when 'numeric' then size end as numeric_precision,
        case when base in ('smallint', 'integer', 'bigint', 'real', 'double precision') then 2 when base = 'numeric' then 10 end
            as numeric_precision_radix,
        case when base in ('smallint', 'integer', 'bigint') then 0 when base = 'numeric' then scale end as numeric_scale,
        case when base like 'time%' then 6 end as datetime_precision, null::varchar as interval_type,
        null::varchar as interval_precision, null::varchar as character_set_name, null::varchar as collation_name,
        null::varchar as domain_name, current_database() as udt_catalog, 'pg_catalog' as udt_schema,
        type_name as udt_name, position::varchar as dtd_identifier, 'NO' as is_self_referencing
    from _system.typed_columns where sort <> 'late';

create or replace view _system."information_schema.table_constraints" as
    select current_database() as constraint_catalog, schema as constraint_schema, name as constraint_name,
        current_database() as table_catalog, schema as table_schema, "table" as table_name,
        case kind when 'p' then 'PRIMARY KEY' when 'u' then 'UNIQUE' else 'FOREIGN KEY' end as constraint_type,
        'NO' as is_deferrable, 'NO' as initially_deferred
    from _system.known_constraints;

create or replace view _system."information_schema.key_column_usage" as
    select current_database() as constraint_catalog, schema as constraint_schema, name as constraint_name,
        current_database() as table_catalog, schema as table_schema, "table" as table_name,
        columns[place] as column_name, place::integer as ordinal_position
    from (select *, unnest(range(1, len(columns) + 1)) as place from _system.known_constraints);

create or replace view _system."information_schema.constraint_column_usage" as
    select current_database() as table_catalog, coalesce(to_schema, schema) as table_schema,
        coalesce(to_table, "table") as table_name, unnest(coalesce(to_columns, columns)) as column_name,
        current_database() as constraint_catalog, schema as constraint_schema, name as constraint_name
    from _system.known_constraints;

create or replace view _system."information_schema.referential_constraints" as
    select current_database() as constraint_catalog, f.schema as constraint_schema, f.name as constraint_name,
        current_database() as unique_constraint_catalog, f.to_schema as unique_constraint_schema,
        (select min(p.name) from _system.known_constraints p where p.kind in ('p', 'u') and p.schema = f.to_schema
            and p.table = f.to_table and p.columns = f.to_columns) as unique_constraint_name,
        'NONE' as match_option, 'NO ACTION' as update_rule, 'NO ACTION' as delete_rule
    from _system.known_constraints f where f.kind = 'f';

create or replace view _system."information_schema.table_privileges" as
    select grantor, grantee, current_database() as table_catalog, "schema" as table_schema, relation as table_name,
        privilege as privilege_type, case when is_grantable then 'YES' else 'NO' end as is_grantable, 'NO' as with_hierarchy
    from _system.grants where kind = 'table' and "column" = '';
