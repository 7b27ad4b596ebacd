"""The warehouse's records of what users made: what DuckDB's catalogue does not keep, or not as declared.

All of them lie in the schema `_system`. A statement writes them in its own transaction, so that what is
rolled back was never recorded. A temporary table's schema is `pg_temp_` and the number of its session, with
which its records end. Names are in lower case.
"""

OWN = """
create schema if not exists public;
create schema if not exists _system;
create sequence if not exists _system.ids start 101;

create table if not exists _system.schemas (
    "schema" varchar not null, owner varchar not null, created timestamp not null
);
create table if not exists _system.tables (
    "schema" varchar not null, "table" varchar not null, owner varchar not null,
    diststyle varchar not null,        -- AUTO(ALL), ALL, EVEN or KEY(column)
    sort_style varchar not null,       -- '', AUTO, COMPOUND or INTERLEAVED
    is_backed_up boolean not null, created timestamp not null
);
create table if not exists _system.columns (
    "schema" varchar not null, "table" varchar not null, "column" varchar not null,
    position integer not null,         -- from 1
    "type" varchar not null,           -- as format_type says it: character varying(16), numeric(9,2)
    is_not_null boolean not null,
    "default" varchar,                 -- in Redshift's SQL
    identity varchar not null,         -- '', always or by default
    seed bigint, step bigint,          -- of an identity
    sequence varchar,                  -- DuckDB's, as its SQL names it
    encoding varchar not null,         -- as SVV_COLUMNS says it: none, az64, lzo; recorded, and no more
    is_distkey boolean not null,
    sortkey integer not null           -- place in the sort key, from 1; negative in turn if interleaved
);
create table if not exists _system.constraints (
    "schema" varchar not null, "table" varchar not null, name varchar not null,
    kind varchar not null,             -- p(rimary), u(nique) or f(oreign) key: hints, not enforced
    columns varchar[] not null, to_schema varchar, to_table varchar, to_columns varchar[]
);
create table if not exists _system.views (
    "schema" varchar not null, "view" varchar not null, owner varchar not null,
    kind varchar not null,             -- bound, late or materialized
    columns varchar[] not null,        -- names that the statement gives them; empty for the query's own
    definition varchar not null,       -- the query, in Redshift's SQL
    query varchar not null,            -- in DuckDB's, over CTEs "base 1", "base 2" that dependencies tell
    created timestamp not null
);
create table if not exists _system.dependencies (
    "schema" varchar not null, "view" varchar not null,     -- a bound or materialized view
    base integer not null,                                  -- the number of its CTE, from 1
    on_schema varchar not null, on_relation varchar not null,
    columns varchar[] not null,        -- of the relation, as they are called now
    aliases varchar[] not null         -- and when the view was made
);
create table if not exists _system.mentions (
    "schema" varchar not null, "view" varchar not null,     -- a view WITH NO SCHEMA BINDING
    on_schema varchar not null, on_relation varchar not null    -- which need not be there
);
create table if not exists _system.materialized_views (
    "schema" varchar not null, "view" varchar not null,
    refreshed timestamp not null,      -- when its rows were computed
    is_auto_refreshed boolean not null
);
create table if not exists _system.changes (
    -- a row for each write to a table that a materialized view reads, until it is refreshed
    "schema" varchar not null, "view" varchar not null
);
create table if not exists _system.comments (
    kind varchar not null,             -- database, schema, table, view, column or constraint
    "schema" varchar not null, relation varchar not null, "column" varchar not null,   -- '' where it has none
    comment varchar not null
);
create table if not exists _system.users (
    name varchar not null, id integer not null,
    is_superuser boolean not null, may_create_databases boolean not null,
    password varchar,                  -- md5 and the digest of password and name, as pg_shadow has it
    valid_until varchar, connection_limit integer, has_syslog_access boolean not null
);
create table if not exists _system.groups (name varchar not null, id integer not null);
create table if not exists _system.members ("group" varchar not null, "user" varchar not null);
create table if not exists _system.roles (name varchar not null, id integer not null, owner varchar not null);
create table if not exists _system.role_grants (
    role varchar not null, grantee varchar not null, grantee_kind varchar not null,    -- user or role
    is_admin boolean not null
);
create table if not exists _system.grants (
    kind varchar not null,             -- database, schema or table; a view is a table
    "schema" varchar not null, relation varchar not null,    -- '' where it has none
    "column" varchar not null,
    privilege varchar not null,        -- SELECT, INSERT, …
    grantee varchar not null, grantee_kind varchar not null,  -- user, group, role or public
    grantor varchar not null, is_grantable boolean not null
);

insert into _system.users
    select 'awsuser', 100, true, true, null, null, null, true
    where not exists (from _system.users where name = 'awsuser');
insert into _system.schemas
    select 'public', 'awsuser', now()::timestamp
    where not exists (from _system.schemas where "schema" = 'public');
delete from _system.tables where starts_with("schema", 'pg_temp_');
delete from _system.columns where starts_with("schema", 'pg_temp_');
delete from _system.constraints where starts_with("schema", 'pg_temp_');
"""
"""Every relation of the records; what is not said by a name is said beside it.

A process that was killed may have left the records of temporary tables: they go when the file is opened.
"""
