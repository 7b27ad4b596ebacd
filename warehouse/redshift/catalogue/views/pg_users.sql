-- pg_catalog: users, groups and databases.

create or replace view _system.pg_user as
    select name as usename, id as usesysid, may_create_databases as usecreatedb, is_superuser as usesuper,
        false as usecatupd, '********' as passwd, valid_until as valuntil, null::varchar[] as useconfig
    from _system.known_users;

create or replace view _system.pg_user_info as
    select name as usename, id as usesysid, may_create_databases as usecreatedb, is_superuser as usesuper,
        false as usecatupd, '********' as passwd, valid_until as valuntil, null::varchar[] as useconfig,
        coalesce(connection_limit::varchar, 'UNLIMITED') as useconnlimit,
        case when has_syslog_access then 'UNRESTRICTED' else 'RESTRICTED' end as syslogaccess
    from _system.known_users;

create or replace view _system.pg_shadow as
    select name as usename, id as usesysid, may_create_databases as usecreatedb, is_superuser as usesuper,
        false as usecatupd, '********' as passwd, valid_until as valuntil, null::varchar[] as useconfig
    from _system.known_users;

create or replace view _system.pg_roles as
    select name as rolname, is_superuser as rolsuper, true as rolinherit, is_superuser as rolcreaterole,
        may_create_databases as rolcreatedb, true as rolcanlogin, coalesce(connection_limit, -1) as rolconnlimit,
        valid_until as rolvaliduntil, '********' as rolpassword, false as rolreplication, id as oid
    from _system.known_users;

create or replace view _system.pg_group as
    select g.name as groname, g.id as grosysid,
        (select list(u.id order by u.id) from _system.members m join _system.known_users u on u.name = m.user where m.group = g.name) as grolist
    from _system.groups g;

create or replace view _system.pg_auth_members as
    select null::integer as roleid, null::integer as member, null::integer as grantor, false as admin_option where false;

create or replace view _system.pg_database as
    select d.database_oid::integer as oid, d.database_name as datname, 100 as datdba, 6 as encoding, false as datistemplate,
        true as datallowconn, 'C' as datcollate, 'C' as datctype, 1663 as dattablespace, -1 as datconnlimit,
        null::varchar[] as datacl
    from duckdb_databases() d where d.database_name = current_database();

create or replace view _system.pg_database_info as
    select oid as datid, datname, datdba, encoding, datistemplate, datallowconn, 'UNLIMITED' as datconnlimit
    from _system.pg_database;
