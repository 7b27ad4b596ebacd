-- Who may do what: grants are kept as they were made; a superuser and an owner may do all.

create or replace macro _system.user_name(written) as (
    select u.name from _system.known_users u where u.name = written::varchar or u.id::varchar = written::varchar
);
create or replace macro _system.is_all_powerful(user_name, owner_name) as
    user_name = owner_name or exists (from _system.known_users u where u.name = user_name and u.is_superuser);
create or replace macro _system.is_granted(user_name, kind_name, schema_name, relation_name, privileges) as exists (
    from _system.grants g
    where g.kind = kind_name and g.schema = schema_name and g.relation = relation_name and g.column = ''
        and list_contains(list_transform(string_split(upper(privileges), ','), lambda p: trim(p)), upper(g.privilege))
        and case g.grantee_kind
            when 'user' then g.grantee = user_name
            when 'group' then exists (from _system.members m where m.group = g.grantee and m.user = user_name)
            when 'role' then exists (from _system.role_grants r where r.role = g.grantee and r.grantee = user_name)
            else true end
);
create or replace macro _system.may_use_relation(user_name, relation_oid, privileges) as (
    select _system.is_all_powerful(user_name, r.owner) or (r.is_system and upper(privileges) = 'SELECT')
        or _system.is_granted(user_name, 'table', r.schema, r.name, privileges)
    from _system.known_relations r where r.oid = relation_oid
);
create or replace macro _system.has_table_privilege(relation, privileges) as
        _system.may_use_relation(_system.session_user_name(), _system.regclass_oid(relation::varchar), privileges),
    (user_name, relation, privileges) as
        _system.may_use_relation(_system.user_name(user_name), _system.regclass_oid(relation::varchar), privileges);
create or replace macro _system.may_use_schema(user_name, asked, privileges) as (
    select _system.is_all_powerful(user_name, s.owner) or s.name in ('public', 'pg_catalog', 'information_schema')
        or _system.is_granted(user_name, 'schema', s.name, '', privileges)
    from _system.known_schemas s where s.name = asked::varchar or s.oid::varchar = asked::varchar
);
create or replace macro _system.has_schema_privilege(asked, privileges) as
        _system.may_use_schema(_system.session_user_name(), asked, privileges),
    (user_name, asked, privileges) as
        _system.may_use_schema(_system.user_name(user_name), asked, privileges);
create or replace macro _system.has_database_privilege(database, privileges) as database is not null,
    (user_name, database, privileges) as database is not null;
