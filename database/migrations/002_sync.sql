-- The history of every owner: counters, devices, log, conflicts. All times are the server's.

create table orchestra.sync_head (
    owner_id uuid not null,
    kind text not null default 'user',
    commit_no bigint not null,
    commit_id uuid not null,
    version bigint not null check (version >= 0),
    epoch bigint not null,
    digest bigint not null,
    live_rows bigint not null check (live_rows >= 0),
    last_commit_at timestamptz not null,
    log_horizon bigint not null,
    tombstone_horizon bigint not null,
    first_month integer not null,
    month_starts bigint[] not null,
    primary key (owner_id)
) with (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 0
);
comment on table orchestra.sync_head is
    'One row an owner, written by every commit: the counters, and by commit_no the fence. It has no index but its key, so that an update stays within its page.';
comment on column orchestra.sync_head.owner_id is 'Whose data it is.';
comment on column orchestra.sync_head.kind is 'What kind of owner; today always user.';
comment on column orchestra.sync_head.commit_no is 'How many commits. A commit takes effect only if it is still the one it was decided on.';
comment on column orchestra.sync_head.commit_id is 'The transaction that wrote the row last; the other statements of a commit join on it.';
comment on column orchestra.sync_head.version is 'The last version given. Versions are 1 to this, each once.';
comment on column orchestra.sync_head.epoch is 'Which history; milliseconds since 1970 when it began.';
comment on column orchestra.sync_head.digest is 'XOR over the live rows of the first 8 bytes of SHA-256(id, version as 8 bytes).';
comment on column orchestra.sync_head.live_rows is 'How many rows are not deleted.';
comment on column orchestra.sync_head.last_commit_at is 'When it was last committed; never goes back, and dates the log.';
comment on column orchestra.sync_head.log_horizon is 'Log entries up to this version may be gone.';
comment on column orchestra.sync_head.tombstone_horizon is 'Tombstones up to this version may be gone.';
comment on column orchestra.sync_head.first_month is 'The month that month_starts begins with: year * 12 + month - 1, in UTC.';
comment on column orchestra.sync_head.month_starts is 'For first_month and each month after it: the first version that was given in or after it.';

create table orchestra.sync_epoch (
    owner_id uuid not null,
    epoch bigint not null,
    kept bigint not null,
    primary key (owner_id, epoch)
);
comment on table orchestra.sync_epoch is
    'One row for each restore of an owner''s data from a backup.';
comment on column orchestra.sync_epoch.owner_id is 'Whose data was restored.';
comment on column orchestra.sync_epoch.epoch is 'The epoch that began with it.';
comment on column orchestra.sync_epoch.kept is 'The last version of the earlier history that was still there.';

create table orchestra.device_cursor (
    owner_id uuid not null,
    device_id uuid not null,
    last_seq bigint not null,
    last_change uuid,
    recent jsonb not null,
    replaces_device uuid,
    replaces_seq bigint,
    acked_version bigint not null,
    last_seen_at timestamptz not null,
    primary key (owner_id, device_id)
) with (
    fillfactor = 50,
    autovacuum_vacuum_scale_factor = 0.05,
    autovacuum_vacuum_cost_delay = 0
);
comment on table orchestra.device_cursor is
    'How far each device''s own sequence of changes was taken, so that nothing happens twice.';
comment on column orchestra.device_cursor.owner_id is 'Whose device.';
comment on column orchestra.device_cursor.device_id is 'The device.';
comment on column orchestra.device_cursor.last_seq is 'The last of its sequence numbers that was taken; 0 = none.';
comment on column orchestra.device_cursor.last_change is 'The change under that number.';
comment on column orchestra.device_cursor.recent is 'Verdicts that the device has not settled: s = seq, c = change, o = outcome, v = version, e = error code.';
comment on column orchestra.device_cursor.replaces_device is 'The identity that the device gave up.';
comment on column orchestra.device_cursor.replaces_seq is 'Up to which sequence number of that identity the changes are its own.';
comment on column orchestra.device_cursor.acked_version is 'Up to here the device has applied the history. Gathered; may lag behind.';
comment on column orchestra.device_cursor.last_seen_at is 'When it last pushed or acknowledged.';

create table orchestra.sync_log (
    owner_id uuid not null,
    version bigint not null,
    entity_type text not null,
    entity_id uuid not null,
    op text not null check (op in ('put', 'delete', 'revive')),
    device_id uuid not null,
    seq bigint not null,
    change_id uuid not null,
    priority integer not null,
    edited_at timestamptz not null,
    row_edited_at timestamptz not null,
    root_version bigint,
    tx_end bigint,
    fields jsonb not null,
    won text[],
    created_at timestamptz not null,
    primary key (owner_id, version, created_at)
) partition by range (created_at);
comment on table orchestra.sync_log is
    'Append-only: every version of every owner, in partitions by month of created_at (UTC). Devices catch up from it. Months past the retention are dropped whole.';
comment on column orchestra.sync_log.owner_id is 'Whose history.';
comment on column orchestra.sync_log.version is 'The owner''s counter; no gap.';
comment on column orchestra.sync_log.entity_type is 'The table of the row it is about.';
comment on column orchestra.sync_log.entity_id is 'The row''s id.';
comment on column orchestra.sync_log.op is 'put: there after it, as before; delete: gone after it; revive: there again, and fields holds the whole row.';
comment on column orchestra.sync_log.device_id is 'Who wrote; the nil UUID for the server.';
comment on column orchestra.sync_log.seq is 'The device''s own number of the change; 0 for the server''s.';
comment on column orchestra.sync_log.change_id is 'The change, for ever. What a deletion took along carries the deletion''s.';
comment on column orchestra.sync_log.priority is 'The device''s priority at that moment.';
comment on column orchestra.sync_log.edited_at is 'When the edit was made, by the server''s clock, raised above what the device knew.';
comment on column orchestra.sync_log.row_edited_at is 'The newest edited_at of the row so far, this one included.';
comment on column orchestra.sync_log.root_version is 'For what a deletion took along: the version of the deletion.';
comment on column orchestra.sync_log.tx_end is 'The last version of the transaction it belongs to, if it does.';
comment on column orchestra.sync_log.fields is 'What was written, by field.';
comment on column orchestra.sync_log.won is 'The fields that it won, where those are not all of fields.';
comment on column orchestra.sync_log.created_at is 'When it was committed; decides the partition.';

create table orchestra.sync_conflict (
    owner_id uuid not null,
    commit_no bigint not null,
    ordinal integer not null,
    verdict text not null check (verdict in ('merged', 'superseded', 'rejected', 'overwritten')),
    entity_type text not null,
    entity_id text not null,
    device_id uuid not null,
    seq bigint not null,
    change_id uuid not null,
    version bigint,
    winner_version bigint,
    code text,
    field text,
    op text not null,
    fields json not null,
    recorded_at timestamptz not null,
    primary key (owner_id, commit_no, ordinal)
);
comment on table orchestra.sync_conflict is
    'What lost or was refused, with the values that would otherwise be gone.';
comment on column orchestra.sync_conflict.owner_id is 'Whose.';
comment on column orchestra.sync_conflict.commit_no is 'The commit that recorded it.';
comment on column orchestra.sync_conflict.ordinal is 'Its place in that commit.';
comment on column orchestra.sync_conflict.verdict is 'merged: lost some fields on arrival; superseded: lost all; rejected: was refused; overwritten: lost to a later arrival.';
comment on column orchestra.sync_conflict.entity_type is 'The table''s name as the device sent it; may name none.';
comment on column orchestra.sync_conflict.entity_id is 'The row''s id as the device sent it; may be none.';
comment on column orchestra.sync_conflict.device_id is 'Who had written.';
comment on column orchestra.sync_conflict.seq is 'The device''s own number of the change.';
comment on column orchestra.sync_conflict.change_id is 'The change that lost.';
comment on column orchestra.sync_conflict.version is 'The version it has, unless rejected.';
comment on column orchestra.sync_conflict.winner_version is 'The version that won over it, where one did.';
comment on column orchestra.sync_conflict.code is 'For a rejection: the error code.';
comment on column orchestra.sync_conflict.field is 'For a rejection: the field at fault.';
comment on column orchestra.sync_conflict.op is 'What the loser meant to do.';
comment on column orchestra.sync_conflict.fields is 'The losing values, letter for letter: what was refused may be something that jsonb could not hold.';
comment on column orchestra.sync_conflict.recorded_at is 'When it was recorded.';

create table orchestra.sync_entity (
    entity_type text not null,
    primary key (entity_type)
);
comment on table orchestra.sync_entity is
    'Which tables of this schema sync. Their columns are the fields that devices see.';
comment on column orchestra.sync_entity.entity_type is 'The table''s name.';

create table orchestra.sync_field_rule (
    entity_type text not null references orchestra.sync_entity (entity_type),
    field text not null,
    rule text not null check (rule in ('natural_key', 'server_only', 'max_bytes', 'searched')),
    bound integer check ((bound is not null) = (rule = 'max_bytes')),
    primary key (entity_type, field, rule)
);
comment on table orchestra.sync_field_rule is 'What a column cannot say of itself.';
comment on column orchestra.sync_field_rule.entity_type is 'The table.';
comment on column orchestra.sync_field_rule.field is 'The column; id stands for the row as such.';
comment on column orchestra.sync_field_rule.rule is 'natural_key: the row''s id is made from it; server_only: devices cannot write it (id: cannot make or delete rows); max_bytes: the longest a JSON value may be; searched: its words are found by a search.';
comment on column orchestra.sync_field_rule.bound is 'For max_bytes: how many, as compact JSON in UTF-8.';

create table orchestra.sync_row (
    owner_id uuid not null,
    id uuid not null,
    version bigint not null,
    created_version bigint not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    deleted_at timestamptz,
    stamp_at timestamptz not null,
    stamp_priority integer not null,
    stamp_device uuid not null,
    stamp_seq bigint not null,
    root_version bigint,
    constraint sync_row_holds_nothing check (false) no inherit
);
comment on table orchestra.sync_row is
    'Holds nothing: the columns that every table that syncs begins with, see sync_table.';
comment on column orchestra.sync_row.owner_id is 'Whose row. Leads every key and every reference, so no row can refer to another owner''s.';
comment on column orchestra.sync_row.id is 'The row''s UUID, made by whoever made the row.';
comment on column orchestra.sync_row.version is 'The version of the last change to it.';
comment on column orchestra.sync_row.created_version is 'The version that made it.';
comment on column orchestra.sync_row.created_at is 'When it first appeared on the server.';
comment on column orchestra.sync_row.updated_at is 'When it last changed on the server.';
comment on column orchestra.sync_row.deleted_at is 'When it was deleted; a tombstone keeps its values.';
comment on column orchestra.sync_row.stamp_at is 'The newest stamp of any write of it: when that edit was made.';
comment on column orchestra.sync_row.stamp_priority is 'That stamp''s device priority.';
comment on column orchestra.sync_row.stamp_device is 'That stamp''s device.';
comment on column orchestra.sync_row.stamp_seq is 'That stamp''s number in the device''s sequence.';
comment on column orchestra.sync_row.root_version is 'While deleted: the version of the deletion that took it along, or its own.';

-- Makes a table sync: key, indexes, grants and its name in sync_entity. The table begins with
-- "like orchestra.sync_row including comments"; its other columns are its fields.
create procedure orchestra.sync_table(name text) language plpgsql as $$
begin
    execute format('alter table orchestra.%I add primary key (owner_id, id)', name);
    execute format('create unique index %I on orchestra.%I (owner_id, version)',
        name || '_by_version', name);
    execute format('create index %I on orchestra.%I (deleted_at, owner_id) where deleted_at is not null',
        name || '_deleted', name);
    execute format('alter table orchestra.%I set (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_insert_scale_factor = 0.1)', name);
    execute format('grant select, insert, update on orchestra.%I to orchestra_app', name);
    execute format('grant select, delete on orchestra.%I to orchestra_maintenance', name);
    execute format('grant select on orchestra.%I to orchestra_readonly', name);
    insert into orchestra.sync_entity (entity_type) values (name);
end
$$;
comment on procedure orchestra.sync_table(text) is
    'Makes a table sync: key, indexes, grants and its name in sync_entity.';
revoke execute on procedure orchestra.sync_table(text) from public;

-- Ends a batch that found the database otherwise than it was decided on. In a pipeline this is the
-- only way: its end is on its way before the first answer is read.
create function orchestra.sync_require(holds boolean, what text) returns boolean
language plpgsql immutable as $$
begin
    if holds is not true then
        raise exception '%', what using errcode = 'integrity_constraint_violation';
    end if;
    return true;
end
$$;
comment on function orchestra.sync_require(boolean, text) is
    'Raises an error unless something holds.';

-- A silo whose clock runs a day ahead would date its owners' history into the future for good.
create function orchestra.sync_require_clock(at timestamptz) returns boolean
language plpgsql stable as $$
begin
    if at > clock_timestamp() + interval '1 day' then
        raise exception 'A commit is dated %, a day or more ahead of the database', at
            using errcode = 'OR001';
    end if;
    return true;
end
$$;
comment on function orchestra.sync_require_clock(timestamptz) is
    'Raises OR001 for a time that is a day or more ahead of the database''s clock.';

create function orchestra.row_digest(id uuid, version bigint) returns bigint
language sql immutable parallel safe
return ('x' || encode(substring(sha256(uuid_send(id) || int8send(version)) from 1 for 8), 'hex'))::bit(64)::bigint;
comment on function orchestra.row_digest(uuid, bigint) is
    'A live row''s part of its owner''s digest, see sync_head.digest.';

grant select, insert, update on orchestra.sync_head, orchestra.device_cursor to orchestra_app;
grant select, insert on orchestra.sync_conflict to orchestra_app;
grant select on orchestra.sync_epoch, orchestra.sync_entity, orchestra.sync_field_rule
    to orchestra_app, orchestra_maintenance;
grant select, update on orchestra.sync_head to orchestra_maintenance;
grant insert on orchestra.sync_epoch to orchestra_maintenance;
grant select on orchestra.device_cursor, orchestra.sync_conflict to orchestra_maintenance;
grant select on orchestra.sync_head, orchestra.sync_epoch, orchestra.device_cursor,
    orchestra.sync_conflict, orchestra.sync_entity, orchestra.sync_field_rule to orchestra_readonly;
grant select, insert on orchestra.sync_log to orchestra_app;
grant select on orchestra.sync_log to orchestra_readonly;

-- Only the owner of a table can detach its partitions.
grant create on schema orchestra to orchestra_maintenance;
alter table orchestra.sync_log owner to orchestra_maintenance;
revoke create on schema orchestra from orchestra_maintenance;

set local role orchestra_maintenance;

-- Makes the partition of a month, or attaches one that was detached. Making it apart and attaching
-- it waits for nobody who reads or writes; CREATE TABLE … PARTITION OF would.
create function orchestra_log.make_month(month date) returns boolean
language plpgsql security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '3s'
as $$
declare
    first date := date_trunc('month', month)::date;
    name text := 'sync_log_' || to_char(first, 'YYYY_MM');
    lower text := to_char(first, 'YYYY-MM-DD') || ' 00:00:00+00';
    upper text := to_char(first + interval '1 month', 'YYYY-MM-DD') || ' 00:00:00+00';
begin
    if first < date '2000-01-01' or first > (now() at time zone 'UTC') + interval '13 months' then
        raise exception 'No month of the log: %', month using errcode = 'datetime_field_overflow';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('orchestra_log.make_month', 0));
    if exists (
        select from pg_inherits
        where inhparent = 'orchestra.sync_log'::regclass
            and inhrelid = to_regclass(format('orchestra_log.%I', name))
            and not inhdetachpending
    ) then
        return false;
    end if;
    if exists (
        select from pg_inherits
        where inhparent = 'orchestra.sync_log'::regclass
            and inhrelid = to_regclass(format('orchestra_log.%I', name))
    ) then
        execute format('alter table orchestra.sync_log detach partition orchestra_log.%I finalize', name);
    end if;
    if to_regclass(format('orchestra_log.%I', name)) is null then
        execute format(
            'create table orchestra_log.%I (like orchestra.sync_log including defaults including constraints including comments) with (autovacuum_vacuum_insert_scale_factor = 0.1)',
            name
        );
    end if;
    execute format(
        'alter table orchestra_log.%I add constraint in_month check (created_at >= %L and created_at < %L)',
        name, lower, upper
    );
    execute format(
        'alter table orchestra.sync_log attach partition orchestra_log.%I for values from (%L) to (%L)',
        name, lower, upper
    );
    execute format('alter table orchestra_log.%I drop constraint in_month', name);
    execute format('comment on table orchestra_log.%I is %L', name,
        'The log of ' || to_char(first, 'YYYY-MM') || ', in UTC.');
    return true;
end
$$;
comment on function orchestra_log.make_month(date) is
    'Makes the partition of sync_log for the month of a date, 2000 to 13 months ahead. False: it was there.';
revoke execute on function orchestra_log.make_month(date) from public;
grant usage on schema orchestra_log to orchestra_app, orchestra_migrator;
grant execute on function orchestra_log.make_month(date) to orchestra_app, orchestra_migrator;

select orchestra_log.make_month(((now() at time zone 'UTC') + make_interval(months => ahead))::date)
from generate_series(0, 2) as ahead;

set local role orchestra_migrator;
