-- A second wall between owners, inside the database. Whoever reads for one owner says whose rows he
-- wants, in the setting orchestra.owner, and gets no others, whatever his statement says; unless he
-- says it, he gets none. Commits span owners and have no such wall: each of their statements names the
-- owner of every row, and the fence lets only those through that the commit is about.

reset role;
-- The engine reads for one owner as orchestra_readonly.
do $$
begin
    if not pg_has_role('orchestra_app', 'orchestra_readonly', 'member') then
        grant orchestra_readonly to orchestra_app;
    end if;
exception
when unique_violation then
    -- Another database of this server is being migrated at this moment.
    null;
when insufficient_privilege then
    raise exception 'This login may not grant roles: let an administrator run "grant orchestra_readonly to orchestra_app", then migrate again'
        using errcode = 'invalid_grant_operation';
end
$$;
set local role orchestra_migrator;

create function orchestra.reading_owner() returns uuid
language sql stable parallel safe
-- A setting that a transaction had locally is empty afterwards, and not unset.
return nullif(current_setting('orchestra.owner', true), '')::uuid;
comment on function orchestra.reading_owner() is
    'Whose rows may be read: the setting orchestra.owner, null where there is none.';

-- FORCE: what the table's owner reads goes by the policies too; the migrator passes as a member of
-- orchestra_maintenance.
create procedure orchestra.sync_wall(name regclass) language plpgsql as $$
begin
    execute format('alter table %s enable row level security, force row level security', name);
    execute format('create policy one_owner on %s for select to orchestra_readonly using (owner_id = orchestra.reading_owner())', name);
    execute format('create policy engine on %s to orchestra_app, orchestra_maintenance using (true) with check (true)', name);
end
$$;
comment on procedure orchestra.sync_wall(regclass) is
    'Keeps readers of a table with an owner_id to the owner they said.';
revoke execute on procedure orchestra.sync_wall(regclass) from public;
grant execute on procedure orchestra.sync_wall(regclass) to orchestra_maintenance;

-- What makes tables makes them bare; under the old names they get their wall at once.
alter procedure orchestra.sync_table(text) rename to sync_table_bare;
create procedure orchestra.sync_table(name text) language plpgsql as $$
begin
    call orchestra.sync_table_bare(name);
    call orchestra.sync_wall(format('orchestra.%I', name)::regclass);
end
$$;
comment on procedure orchestra.sync_table(text) is
    'Makes a table sync: key, indexes, grants, the wall and its name in sync_entity.';
revoke execute on procedure orchestra.sync_table(text) from public;

alter function orchestra.make_file_embedding() rename to make_file_embedding_bare;
create function orchestra.make_file_embedding() returns boolean language plpgsql as $$
begin
    if not orchestra.make_file_embedding_bare() then
        return false;
    end if;
    if not (select relrowsecurity from pg_class where oid = 'orchestra.file_embedding'::regclass) then
        call orchestra.sync_wall('orchestra.file_embedding');
    end if;
    return true;
end
$$;
comment on function orchestra.make_file_embedding() is
    'Makes the table of embeddings, with its wall, if pgvector is there. False: it is not, and the warning says why.';
revoke execute on function orchestra.make_file_embedding() from public;

do $$
declare
    name text;
begin
    foreach name in array array['sync_head', 'sync_epoch', 'device_cursor', 'sync_conflict']
        || array(select entity_type from orchestra.sync_entity order by entity_type)
    loop
        call orchestra.sync_wall(format('orchestra.%I', name)::regclass);
    end loop;
    if to_regclass('orchestra.file_embedding') is not null then
        call orchestra.sync_wall('orchestra.file_embedding');
    end if;
end
$$;

set local role orchestra_maintenance;

-- Who reads a month by its own name meets the month's wall and not the log's.
alter function orchestra_log.make_month(date) rename to make_month_bare;
revoke execute on function orchestra_log.make_month_bare(date) from orchestra_app, orchestra_migrator;
create function orchestra_log.make_month(month date) returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
as $$
declare
    made regclass;
begin
    if not orchestra_log.make_month_bare(month) then
        return false;
    end if;
    made := format('orchestra_log.sync_log_%s', to_char(month, 'YYYY_MM'));
    -- One that was detached has it already.
    if not (select relrowsecurity from pg_class where oid = made) then
        call orchestra.sync_wall(made);
    end if;
    return true;
end
$$;
comment on function orchestra_log.make_month(date) is
    'Makes the partition of sync_log, with its wall, for the month of a date, 2000 to 13 months ahead. False: it was there.';
revoke execute on function orchestra_log.make_month(date) from public;
grant execute on function orchestra_log.make_month(date) to orchestra_app, orchestra_migrator;

-- Months that are there, detached ones too.
do $$
declare
    log_table regclass;
begin
    for log_table in
        select oid from pg_class
        where oid = 'orchestra.sync_log'::regclass
            or (relnamespace = 'orchestra_log'::regnamespace and relkind = 'r')
    loop
        call orchestra.sync_wall(log_table);
    end loop;
end
$$;

set local role orchestra_migrator;
