-- What ran: STL, SVL, STV and SYS views of the history, which ends with the process.
-- https://docs.aws.amazon.com/redshift/latest/dg/c_intro_STL_tables.html
-- https://docs.aws.amazon.com/redshift/latest/dg/serverless_views-monitoring.html

create or replace view _system.logged_sessions as
    select *, coalesce(_system.user_id(user_name), 100) as userid
    from (select unnest(system_sessions('kept'), recursive := true));
create or replace view _system.logged_statements as
    select *, coalesce(_system.user_id(user_name), 100) as userid,
        1000000 * epoch(coalesce(ended, now()::timestamp) - began) as elapsed_us
    from (select unnest(system_statements('kept'), recursive := true));
create or replace view _system.logged_loads as
    select *, coalesce(_system.user_id(user_name), 100) as userid
    from (select unnest(system_loads('kept'), recursive := true));
-- Texts in rows of 200 characters.
create or replace view _system.logged_texts as
    select *, part::integer as sequence, substr(text, part * 200 + 1, 200) as piece
    from (select *, unnest(range(0, greatest((length(text) + 199) // 200, 1))) as part from _system.logged_statements);

create or replace view _system.stl_query as
    select userid, query, 'default' as label, transaction as xid, pid, current_database() as database, left(text, 4000) as querytxt,
        began as starttime, ended as endtime, case status when 'canceled' then 1 when 'failed' then 1 else 0 end as aborted,
        0 as insert_pristine, 0 as concurrency_scaling_status
    from _system.logged_statements where kind = 'query' and status <> 'running';
create or replace view _system.stl_querytext as
    select userid, transaction as xid, pid, query, sequence, piece as text
    from _system.logged_texts where kind = 'query';
create or replace view _system.stl_ddltext as
    select userid, transaction as xid, pid, 'default' as label, began as starttime, ended as endtime, sequence, piece as text
    from _system.logged_texts where kind = 'ddl';
create or replace view _system.stl_utilitytext as
    select userid, transaction as xid, pid, 'default' as label, began as starttime, ended as endtime, sequence, piece as text
    from _system.logged_texts where kind = 'utility';
create or replace view _system.svl_statementtext as
    select userid, transaction as xid, pid, 'default' as label, began as starttime, ended as endtime, sequence,
        case kind when 'query' then 'QUERY' when 'ddl' then 'DDL' else 'UTILITY' end as type, piece as text
    from _system.logged_texts;
create or replace view _system.svl_qlog as
    select userid, query, transaction as xid, pid, began as starttime, ended as endtime, elapsed_us::bigint as elapsed,
        case when status in ('canceled', 'failed') then 1 else 0 end as aborted, 'default' as label, left(text, 60) as substring,
        null::bigint as source_query, 'default' as concurrency_scaling_status_txt, 0 as from_sp_call
    from _system.logged_statements where kind = 'query' and status <> 'running';
create or replace view _system.stl_error as
    select userid, 'postgres' as process, ended as recordtime, pid, 0 as errcode, '' as file, 0 as linenum,
        'user' as context, error
    from _system.logged_statements where status = 'failed';
create or replace view _system.stl_tr_conflict as
    select userid, transaction as xact_id, pid as process_id, began as xact_start_ts, ended as abort_time,
        (select max(r.oid) from _system.known_relations r where r.name = regexp_extract(error, 'on table (\w+)', 1)) as table_id
    from _system.logged_statements where error like '1023%';
create or replace view _system.stl_load_commits as
    select userid, query, 0 as slice, table_name as name, filename, 0 as byte_offset,
        case when len(filenames) = 1 then row_count end as lines_scanned, 0 as errors, ended as curtime, 1 as status
    from (select *, unnest(filenames) as filename from _system.logged_loads);
create or replace view _system.stl_connection_log as
    select 'initiating session' as event, began as recordtime, '127.0.0.1' as remotehost, '' as remoteport, pid,
        current_database() as dbname, user_name as username, '' as authmethod, 0::bigint as duration
    from _system.logged_sessions
    union all
    select 'disconnecting session', ended, '127.0.0.1', '', pid, current_database(), user_name, '',
        (1000000 * epoch(ended - began))::bigint
    from _system.logged_sessions where ended is not null;
create or replace view _system.stl_sessions as
    select userid, began as starttime, ended as endtime, pid as process, user_name, current_database() as db_name
    from _system.logged_sessions where ended is not null;

create or replace view _system.stv_sessions as
    select began as starttime, pid as process, user_name, current_database() as db_name, 0 as timeout_sec
    from _system.logged_sessions where ended is null;
create or replace view _system.stv_recents as
    select userid, case status when 'running' then 'Running' else 'Done' end as status, began as starttime,
        elapsed_us::bigint as duration, user_name, current_database() as db_name, left(text, 600) as query, pid
    from _system.logged_statements;
create or replace view _system.stv_inflight as
    select userid, 0 as slice, query, 'default' as label, transaction as xid, pid, began as starttime, left(text, 100) as text,
        0 as suspended, 0 as insert_pristine
    from _system.logged_statements where status = 'running' and kind = 'query';
create or replace view _system.pg_stat_activity as
    select (select d.oid from _system.pg_database d) as datid, current_database() as datname, s.pid as procpid, s.userid as usesysid,
        s.user_name as usename, r.text as current_query, r.began as query_start
    from _system.logged_sessions s
    left join _system.logged_statements r on r.pid = s.pid and r.status = 'running'
    where s.ended is null;

create or replace view _system.sys_query_history as
    select userid as user_id, query as query_id, 'default' as query_label, transaction as transaction_id, pid as session_id,
        current_database() as database_name,
        case when kind = 'ddl' then 'DDL' when kind = 'utility' then 'UTILITY'
            else case upper(regexp_extract(text, '^\s*(\w+)', 1))
                when 'SELECT' then 'SELECT' when 'INSERT' then 'INSERT' when 'UPDATE' then 'UPDATE' when 'DELETE' then 'DELETE'
                when 'COPY' then 'COPY' when 'UNLOAD' then 'UNLOAD' when 'MERGE' then 'MERGE' else 'SELECT' end end as query_type,
        status, false as result_cache_hit, began as start_time, ended as end_time, elapsed_us::bigint as elapsed_time,
        0::bigint as queue_time, elapsed_us::bigint as execution_time, error as error_message, row_count as returned_rows,
        0::bigint as returned_bytes, left(text, 4000) as query_text, '' as redshift_version, '' as usage_limit,
        '' as compute_type, 0::bigint as compile_time, 0::bigint as planning_time, 0::bigint as lock_wait_time
    from _system.logged_statements;
create or replace view _system.sys_query_text as
    select userid as user_id, query as query_id, transaction as transaction_id, pid as session_id, began as start_time,
        sequence, piece as text
    from _system.logged_texts;
create or replace view _system.sys_load_history as
    select userid as user_id, query as query_id, transaction as transaction_id, pid as session_id, current_database() as database_name,
        case status when 'success' then 'completed' when 'failed' then 'aborted' else status end as status, table_name,
        began as start_time, ended as end_time, (1000000 * epoch(ended - began))::bigint as duration, source as data_source,
        '' as file_format, row_count as loaded_rows, null::bigint as loaded_bytes, len(filenames) as source_file_count,
        null::bigint as source_file_bytes, 0 as error_count
    from _system.logged_loads;
create or replace view _system.sys_load_detail as
    select userid as user_id, query as query_id, transaction as transaction_id, pid as session_id, current_database() as database_name,
        filename as file_name, case when len(filenames) = 1 then row_count end as lines_scanned, ended as record_time
    from (select *, unnest(filenames) as filename from _system.logged_loads);
create or replace view _system.sys_session_history as
    select userid as user_id, pid as session_id, current_database() as database_name,
        case when ended is null then 'active' else 'closed' end as status, began as start_time, ended as end_time
    from _system.logged_sessions;
create or replace view _system.sys_connection_log as
    select event, recordtime as record_time, remotehost as remote_host, remoteport as remote_port, pid as session_id,
        dbname as database_name, username as user_name, authmethod as auth_method, duration
    from _system.stl_connection_log;
