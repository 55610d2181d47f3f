-- Who may do what, the schemas, and the record of migrations. The first migration is run by a login
-- that may create roles, or in whose place a database administrator has made them before. All later
-- ones run as orchestra_migrator. The roles have no password yet, so nobody can log in with one.
do $$
declare
    missing text;
begin
    foreach missing in array array[
        'orchestra_migrator', 'orchestra_app', 'orchestra_maintenance', 'orchestra_readonly'
    ]
    loop
        if not exists (select from pg_roles where rolname = missing) then
            begin
                execute format('create role %I login', missing);
            exception when duplicate_object or unique_violation then
                -- Another database of this server is being migrated at this moment.
                null;
            end;
        end if;
    end loop;
    -- The log belongs to maintenance, for only its owner can detach a month. Later migrations that
    -- change the log need to act for it.
    if not pg_has_role('orchestra_migrator', 'orchestra_maintenance', 'member') then
        grant orchestra_maintenance to orchestra_migrator;
    end if;

    -- Later migrations make schemas.
    execute format('grant create on database %I to orchestra_migrator', current_database());

    -- A statement that takes this long is lost; whoever waits has been told so already.
    execute format('alter role orchestra_app in database %I set statement_timeout = ''30s''', current_database());
    execute format('alter role orchestra_app in database %I set lock_timeout = ''3s''', current_database());
    execute format('alter role orchestra_app in database %I set idle_in_transaction_session_timeout = ''15s''', current_database());
    execute format('alter role orchestra_maintenance in database %I set lock_timeout = ''3s''', current_database());
    execute format('alter role orchestra_maintenance in database %I set idle_in_transaction_session_timeout = ''60s''', current_database());
    execute format('alter role orchestra_readonly in database %I set statement_timeout = ''60s''', current_database());
    execute format('alter role orchestra_readonly in database %I set default_transaction_read_only = on', current_database());
    execute format('alter role orchestra_readonly in database %I set search_path = orchestra', current_database());
end
$$;

create schema orchestra authorization orchestra_migrator;
comment on schema orchestra is
    'Orchestra: what users sync, and the history from which their devices catch up.';
create schema orchestra_log authorization orchestra_maintenance;
comment on schema orchestra_log is
    'The months of orchestra.sync_log, a table each, and the function that makes one.';
grant usage on schema orchestra to orchestra_app, orchestra_maintenance, orchestra_readonly;

set local role orchestra_migrator;

create table orchestra.schema_migration (
    number integer not null,
    name text not null,
    hash text not null,
    duration_ms bigint not null,
    applied_at timestamptz not null,
    applied_by text not null,
    primary key (number)
);
comment on table orchestra.schema_migration is
    'Every migration that was applied. A file that was applied is never edited.';
comment on column orchestra.schema_migration.number is 'The number that the file''s name begins with.';
comment on column orchestra.schema_migration.name is 'The file''s name.';
comment on column orchestra.schema_migration.hash is 'SHA-256 of the file, lower-case hex.';
comment on column orchestra.schema_migration.duration_ms is 'How long it took, milliseconds.';
comment on column orchestra.schema_migration.applied_at is 'When it was applied, by the database''s clock.';
comment on column orchestra.schema_migration.applied_by is 'The login that applied it.';
grant select on orchestra.schema_migration to orchestra_app, orchestra_maintenance, orchestra_readonly;
