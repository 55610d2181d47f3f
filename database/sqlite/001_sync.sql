-- The history of every owner. UUIDs are lower-case text with hyphens, times ISO 8601 in UTC with
-- six digits of a second, so that text order is time order. Every time is the server's.

-- One row an owner, written by every commit: the counters, and by commit_no the fence.
create table sync_head (
    owner_id TEXT UUID not null,
    commit_no INTEGER not null,
    version INTEGER not null,
    epoch INTEGER not null,
    digest INTEGER not null,
    live_rows INTEGER not null check (live_rows >= 0),
    last_commit_at TEXT TIMESTAMP not null,
    log_horizon INTEGER not null,
    tombstone_horizon INTEGER not null,
    primary key (owner_id)
) without rowid;

-- How far each device's own sequence was taken. recent holds the verdicts it has not settled.
create table device_cursor (
    owner_id TEXT UUID not null,
    device_id TEXT UUID not null,
    last_seq INTEGER not null,
    last_change TEXT UUID,
    recent TEXT JSON not null,
    replaces_device TEXT UUID,
    replaces_seq INTEGER,
    acked_version INTEGER not null,
    last_seen_at TEXT TIMESTAMP not null,
    primary key (owner_id, device_id)
);

-- Append-only, versions without a gap. won is set where the write did not win all of fields.
create table sync_log (
    owner_id TEXT UUID not null,
    version INTEGER not null,
    entity_type TEXT not null,
    entity_id TEXT UUID not null,
    op TEXT not null check (op in ('put', 'delete', 'revive')),
    device_id TEXT UUID not null,
    seq INTEGER not null,
    change_id TEXT UUID not null,
    priority INTEGER not null,
    edited_at TEXT TIMESTAMP not null,
    row_edited_at TEXT TIMESTAMP not null,
    root_version INTEGER,
    tx_end INTEGER,
    fields TEXT JSON not null,
    won TEXT JSON,
    created_at TEXT TIMESTAMP not null,
    primary key (owner_id, version)
);

-- What lost or was refused, with the values that would otherwise be gone. entity_type and
-- entity_id are as the device sent them, so they may name nothing.
create table sync_conflict (
    owner_id TEXT UUID not null,
    commit_no INTEGER not null,
    ordinal INTEGER not null,
    verdict TEXT not null check (verdict in ('merged', 'superseded', 'rejected', 'overwritten')),
    entity_type TEXT not null,
    entity_id TEXT not null,
    device_id TEXT UUID not null,
    seq INTEGER not null,
    change_id TEXT UUID not null,
    version INTEGER,
    winner_version INTEGER,
    code TEXT,
    field TEXT,
    op TEXT not null,
    fields TEXT JSON not null,
    recorded_at TEXT TIMESTAMP not null,
    primary key (owner_id, commit_no, ordinal)
);

-- One row a restore: the epoch that began, and the last version of the earlier history it kept.
create table sync_epoch (
    owner_id TEXT UUID not null,
    epoch INTEGER not null,
    kept INTEGER not null,
    primary key (owner_id, epoch)
) without rowid;

-- Which tables sync. A table named here needs the sync columns; its other columns are its fields.
create table sync_entity (
    entity_type TEXT not null,
    primary key (entity_type)
) without rowid;

-- What a column cannot say of itself. server_only on id: only the server creates and deletes rows.
create table sync_field_rule (
    entity_type TEXT not null references sync_entity (entity_type),
    field TEXT not null,
    rule TEXT not null check (rule in ('natural_key', 'server_only')),
    primary key (entity_type, field, rule)
) without rowid;
