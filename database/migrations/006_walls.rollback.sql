-- The engine may still read as orchestra_readonly: other databases of the same server may need it to.
set local role orchestra_maintenance;
drop function orchestra_log.make_month(date);
alter function orchestra_log.make_month_bare(date) rename to make_month;
grant execute on function orchestra_log.make_month(date) to orchestra_app, orchestra_migrator;
set local role orchestra_migrator;

drop function orchestra.make_file_embedding();
alter function orchestra.make_file_embedding_bare() rename to make_file_embedding;
drop procedure orchestra.sync_table(text);
alter procedure orchestra.sync_table_bare(text) rename to sync_table;

do $$
declare
    walled regclass;
begin
    for walled in
        select distinct polrelid::regclass
        from pg_policy join pg_class on pg_class.oid = polrelid
        where relnamespace in ('orchestra'::regnamespace, 'orchestra_log'::regnamespace)
    loop
        execute format('drop policy one_owner on %s', walled);
        execute format('drop policy engine on %s', walled);
        execute format('alter table %s no force row level security, disable row level security', walled);
    end loop;
end
$$;
drop procedure orchestra.sync_wall(regclass);
drop function orchestra.reading_owner();
