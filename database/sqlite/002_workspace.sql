-- The entity types of a developer's workspace. The owner leads every key and every reference, so a
-- row can never refer to or overwrite another owner's. References are checked when a commit ends
-- and hold for tombstones too: deleting keeps the row. The stamp_ columns are the newest write's.

-- The owner's profile: one row, whose id is the owner's.
create table users (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    display_name TEXT(200),
    email TEXT(320),
    avatar_hash TEXT(64),
    locale TEXT(35),
    time_zone TEXT(64),
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id)
);
create unique index users_by_version on users (owner_id, version);
create index users_deleted on users (owner_id, deleted_at) where deleted_at is not null;

-- Every installation the server has met. Only the server writes here.
create table devices (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    kind TEXT(20) not null,
    name TEXT(120) not null,
    app TEXT(120) not null,
    priority INTEGER not null,
    revoked_at TEXT TIMESTAMP,
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id)
);
create unique index devices_by_version on devices (owner_id, version);
create index devices_deleted on devices (owner_id, deleted_at) where deleted_at is not null;

-- One row a name: the id is made from it, so two devices mean the same row.
create table settings (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    name TEXT(200) not null,
    value TEXT JSON(65536) not null,
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id)
);
create unique index settings_by_version on settings (owner_id, version);
create index settings_deleted on settings (owner_id, deleted_at) where deleted_at is not null;

create table projects (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    name TEXT(200) not null,
    description TEXT(8192),
    color TEXT(20),
    repository_url TEXT(2048),
    archived_at TEXT TIMESTAMP,
    metadata TEXT JSON(16384),
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id)
);
create unique index projects_by_version on projects (owner_id, version);
create index projects_deleted on projects (owner_id, deleted_at) where deleted_at is not null;

-- What a file is, never its contents: those stand elsewhere, under their hash.
create table files (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    project_id TEXT UUID not null,
    path TEXT(1024) not null,
    content_hash TEXT(64) not null,
    size INTEGER not null,
    language TEXT(40),
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id),
    foreign key (owner_id, project_id) references projects (owner_id, id)
        deferrable initially deferred
);
create unique index files_by_version on files (owner_id, version);
create index files_by_project on files (owner_id, project_id);
create index files_deleted on files (owner_id, deleted_at) where deleted_at is not null;

create table tasks (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    project_id TEXT UUID,
    parent_id TEXT UUID,
    title TEXT(500) not null,
    detail TEXT(8192),
    status TEXT(20) not null,
    urgency INTEGER,
    estimate_hours REAL,
    due_at TEXT TIMESTAMP,
    completed_at TEXT TIMESTAMP,
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id),
    foreign key (owner_id, project_id) references projects (owner_id, id)
        deferrable initially deferred,
    foreign key (owner_id, parent_id) references tasks (owner_id, id)
        deferrable initially deferred
);
create unique index tasks_by_version on tasks (owner_id, version);
create index tasks_by_project on tasks (owner_id, project_id) where project_id is not null;
create index tasks_by_parent on tasks (owner_id, parent_id) where parent_id is not null;
create index tasks_deleted on tasks (owner_id, deleted_at) where deleted_at is not null;

create table notes (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    project_id TEXT UUID,
    title TEXT(500) not null,
    body TEXT(65536) not null,
    is_pinned INTEGER BOOLEAN not null,
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id),
    foreign key (owner_id, project_id) references projects (owner_id, id)
        deferrable initially deferred
);
create unique index notes_by_version on notes (owner_id, version);
create index notes_by_project on notes (owner_id, project_id) where project_id is not null;
create index notes_deleted on notes (owner_id, deleted_at) where deleted_at is not null;

create table conversations (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    project_id TEXT UUID,
    title TEXT(500) not null,
    model TEXT(120),
    archived_at TEXT TIMESTAMP,
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id),
    foreign key (owner_id, project_id) references projects (owner_id, id)
        deferrable initially deferred
);
create unique index conversations_by_version on conversations (owner_id, version);
create index conversations_by_project on conversations (owner_id, project_id) where project_id is not null;
create index conversations_deleted on conversations (owner_id, deleted_at) where deleted_at is not null;

create table messages (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    conversation_id TEXT UUID not null,
    role TEXT(20) not null,
    body TEXT(65536) not null,
    metadata TEXT JSON(16384),
    version INTEGER not null,
    created_version INTEGER not null,
    created_at TEXT TIMESTAMP not null,
    updated_at TEXT TIMESTAMP not null,
    deleted_at TEXT TIMESTAMP,
    stamp_at TEXT TIMESTAMP not null,
    stamp_priority INTEGER not null,
    stamp_device TEXT UUID not null,
    stamp_seq INTEGER not null,
    root_version INTEGER,
    primary key (owner_id, id),
    foreign key (owner_id, conversation_id) references conversations (owner_id, id)
        deferrable initially deferred
);
create unique index messages_by_version on messages (owner_id, version);
create index messages_by_conversation on messages (owner_id, conversation_id);
create index messages_deleted on messages (owner_id, deleted_at) where deleted_at is not null;

insert into sync_entity (entity_type) values
    ('users'), ('devices'), ('settings'), ('projects'), ('files'), ('tasks'), ('notes'),
    ('conversations'), ('messages');

insert into sync_field_rule (entity_type, field, rule) values
    ('users', 'id', 'server_only'),
    ('devices', 'id', 'server_only'),
    ('devices', 'kind', 'server_only'),
    ('devices', 'name', 'server_only'),
    ('devices', 'app', 'server_only'),
    ('devices', 'priority', 'server_only'),
    ('devices', 'revoked_at', 'server_only'),
    ('settings', 'name', 'natural_key');
