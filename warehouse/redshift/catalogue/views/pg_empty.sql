-- pg_catalog: what Redshift has from PostgreSQL and nobody can make here.

create or replace view _system.pg_inherits as
    select 0 as inhrelid, 0 as inhparent, 0 as inhseqno where false;
create or replace view _system.pg_am as
    select 403 as oid, 'btree' as amname;
create or replace view _system.pg_collation as
    select 0 as oid, '' as collname, 11 as collnamespace where false;
create or replace view _system.pg_language as
    select 14 as oid, 'sql' as lanname, 10 as lanowner, true as lanpltrusted, 0 as lanplcallfoid, 2612 as tableoid;
create or replace view _system.pg_tablespace as
    select 1663 as oid, 'pg_default' as spcname, 1 as spcowner;
create or replace view _system.pg_trigger as
    select 0 as oid, 0 as tgrelid, '' as tgname, 'O' as tgenabled, false as tgisinternal, 0 as tgconstraint,
        false as tgisconstraint, '' as tgdeferrable where false;
