-- External schemas and their tables: there are none here.

create or replace view _system.svv_external_schemas as
    select 0 as esoid, 0::smallint as eskind, '' as schemaname, 0 as esowner, '' as databasename, '' as esoptions where false;
create or replace view _system.svv_external_databases as
    select 0::smallint as eskind, '' as esoptions, '' as databasename, '' as location, '' as parameters where false;
create or replace view _system.svv_external_tables as
    select '' as redshift_database_name, '' as schemaname, '' as tablename, '' as tabletype, '' as location,
        '' as input_format, '' as output_format, '' as serialization_lib, '' as serde_parameters, 0 as compressed,
        '' as parameters where false;
create or replace view _system.svv_external_columns as
    select '' as redshift_database_name, '' as schemaname, '' as tablename, '' as columnname, '' as external_type,
        0 as columnnum, 0 as part_key, '' as is_nullable where false;
create or replace view _system.svv_external_partitions as
    select '' as schemaname, '' as tablename, '' as values, '' as location, '' as input_format, '' as output_format,
        '' as serialization_lib, '' as serde_parameters, 0 as compressed, '' as parameters where false;
