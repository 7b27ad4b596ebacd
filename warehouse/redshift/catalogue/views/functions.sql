-- Functions of the system, as PostgreSQL and Redshift have them.

create or replace macro _system."current_user"() as _system.session_user_name();
create or replace macro _system."session_user"() as _system.session_user_name();
create or replace macro _system."user"() as _system.session_user_name();
create or replace macro _system.current_user_id() as _system.user_id(_system.session_user_name());
create or replace macro _system."current_database"() as system.main.current_database();
create or replace macro _system."current_schemas"(is_implicit) as
    list_filter(list_concat(case when is_implicit then ['pg_catalog'] else [] end, system.main.current_schemas(false)), lambda s: s <> 'main');
create or replace macro _system."current_schema"() as list_filter(system.main.current_schemas(false), lambda s: s <> 'main')[1];
create or replace macro _system."version"() as
    'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC gcc (GCC) 3.4.2 20041017 (Red Hat 3.4.2-6.fc3), Redshift 1.0.77467';
create or replace macro _system.pg_backend_pid() as getvariable('backend_pid')::integer;
-- What a session runs fails; the session stays. 1 where there is such a session.
create or replace macro _system.pg_cancel_backend(pid) as system_cancel(pid::integer);

create or replace macro _system.format_type(type_oid, modifier) as (
    select format || case
        when coalesce(modifier, -1) < 4 then '' when oid in (1042, 1043, 6551) then '(' || (modifier - 4) || ')'
        when oid = 1700 then '(' || ((modifier - 4) >> 16) || ',' || ((modifier - 4) & 65535) || ')' else '' end
    from _system.known_types where oid = type_oid::integer
);
create or replace macro _system.format_encoding(code) as
    ['none', 'bytedict', 'delta', 'delta32k', 'lzo', 'mostly8', 'mostly16', 'mostly32', 'runlength', 'text255', 'text32k', 'zstd', 'az64'][code + 1];

-- A name as a statement writes it, as an identifier; nothing where there is none.
create or replace macro _system.relation_oid(written) as (
    with parts as (select string_split(replace(lower(written), '"', ''), '.') as p)
    select oid from _system.known_relations, parts
    where name = p[-1] and case when len(p) = 1 then place is not null else schema = p[-2] end
    order by place limit 1
);
create or replace macro _system.regclass_oid(written) as coalesce(
    try_cast(written as integer), _system.relation_oid(written), error('relation "' || written || '" does not exist')
);
create or replace macro _system.regclass_name(relation_oid) as (
    select case when place is not null then name else schema || '.' || name end
    from _system.known_relations where oid = relation_oid::integer
);
create or replace macro _system.regtype_name(type_oid) as _system.format_type(type_oid, null);
create or replace macro _system.regtype_oid(written) as (
    select oid from _system.known_types where name = lower(written) or format = lower(written)
);

create or replace macro _system.pg_get_userbyid(user_id) as coalesce(
    (select name from _system.known_users where id = user_id), 'unknown (OID=' || user_id || ')'
);
create or replace macro _system.pg_table_is_visible(relation_oid) as exists (
    from _system.known_relations r where r.oid = relation_oid and r.place is not null and not exists (
        from _system.known_relations s where s.name = r.name and s.place < r.place
    )
);
create or replace macro _system.pg_type_is_visible(type_oid) as type_oid is not null;
create or replace macro _system.pg_function_is_visible(function_oid) as exists (
    from _system.pg_proc p join _system.known_schemas s on s.oid = p.pronamespace
    where p.oid = function_oid and list_contains(system.main.current_schemas(false), s.name)
);
create or replace macro _system.pg_get_viewdef(relation_oid) as (
        select definition from _system.known_relations where oid = relation_oid and kind = 'v'
    ), (relation_oid, is_pretty) as (
        select definition from _system.known_relations where oid = relation_oid and kind = 'v'
    );
create or replace macro _system.pg_get_expr(expression, relation_oid) as expression,
    (expression, relation_oid, is_pretty) as expression;
create or replace macro _system.constraint_text(constraint_oid) as (
    select case kind when 'p' then 'PRIMARY KEY' when 'u' then 'UNIQUE' else 'FOREIGN KEY' end
        || ' (' || array_to_string(columns, ', ') || ')'
        || case when kind = 'f' then ' REFERENCES ' || case coalesce(to_schema, 'public') when 'public' then '' else to_schema || '.' end
            || to_table || '(' || array_to_string(to_columns, ', ') || ')' else '' end
    from _system.known_constraints where oid = constraint_oid
);
create or replace macro _system.pg_get_constraintdef(constraint_oid) as _system.constraint_text(constraint_oid),
    (constraint_oid, is_pretty) as _system.constraint_text(constraint_oid);
create or replace macro _system.pg_get_ruledef(rule_oid, is_pretty) as null::varchar;
create or replace macro _system.pg_get_triggerdef(trigger_oid) as null::varchar, (trigger_oid, is_pretty) as null::varchar;
create or replace macro _system.index_text(asked) as (
    select 'CREATE UNIQUE INDEX ' || k.name || ' ON ' || k.schema || '.' || k.table || ' USING btree (' || array_to_string(k.columns, ', ') || ')'
    from _system.known_constraints k where k.index_oid = asked
);
create or replace macro _system.pg_get_indexdef(asked) as _system.index_text(asked),
    (asked, column_number, is_pretty) as _system.index_text(asked);
create or replace macro _system.obj_description(object_oid) as (
        select description from _system.pg_description where objoid = object_oid and objsubid = 0
    ), (object_oid, catalogue_name) as (
        select d.description from _system.pg_description d join _system.known_relations r on r.oid = d.classoid
        where d.objoid = object_oid and d.objsubid = 0 and r.name = catalogue_name
    );
create or replace macro _system.col_description(relation_oid, column_number) as (
    select description from _system.pg_description
    where objoid = relation_oid and classoid = 1259 and objsubid = column_number
);
create or replace macro _system.shobj_description(object_oid, catalogue_name) as _system.obj_description(object_oid, catalogue_name);
create or replace macro _system.pg_get_function_result(function_oid) as null::varchar;
create or replace macro _system.pg_get_function_arguments(function_oid) as (
    select array_to_string(proargnames, ', ') from _system.pg_proc where oid = function_oid
);
create or replace macro _system.pg_encoding_to_char(encoding) as case encoding when 6 then 'UNICODE' end;
create or replace macro _system.quote_ident(name) as
    case when regexp_matches(name, '^[a-z_][a-z0-9_$]*$') then name else '"' || replace(name, '"', '""') || '"' end;
create or replace macro _system.quote_literal(value) as '''' || replace(replace(value, '\', '\\'), '''', '''''') || '''';
create or replace macro _system.pg_last_query_id() as system_last('query', getvariable('backend_pid')::integer);
create or replace macro _system.pg_last_copy_id() as system_last('copy', getvariable('backend_pid')::integer);
create or replace macro _system.pg_last_copy_count() as system_last('copied', getvariable('backend_pid')::integer);
