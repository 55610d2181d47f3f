-- The entity types of a developer's workspace. Deleting a row keeps it as a tombstone, so references
-- hold for tombstones too; that a live row refers to live ones is decided before it gets here.

create table orchestra.users (
    like orchestra.sync_row including comments,
    display_name varchar(200),
    email varchar(320),
    avatar_hash varchar(64),
    locale varchar(35),
    time_zone varchar(64)
);
call orchestra.sync_table('users');
comment on table orchestra.users is 'The owner''s profile: one row, whose id is the owner''s.';
comment on column orchestra.users.display_name is 'How the user wants to be called.';
comment on column orchestra.users.email is 'Where the user can be reached.';
comment on column orchestra.users.avatar_hash is 'SHA-256 of the picture, which is in object storage.';
comment on column orchestra.users.locale is 'Language and region, as in BCP 47.';
comment on column orchestra.users.time_zone is 'Time zone, as in the IANA database.';

create table orchestra.devices (
    like orchestra.sync_row including comments,
    kind varchar(20) not null,
    name varchar(120) not null,
    app varchar(120) not null,
    priority bigint not null,
    revoked_at timestamptz
);
call orchestra.sync_table('devices');
comment on table orchestra.devices is 'Every installation the server has met. Only the server writes here.';
comment on column orchestra.devices.kind is 'desktop, mobile_ios, mobile_android, extension, web, cli or server.';
comment on column orchestra.devices.name is 'What the user calls it.';
comment on column orchestra.devices.app is 'The program and its version.';
comment on column orchestra.devices.priority is 'What its writes weigh when two were made in the same millisecond: 0 to 1000.';
comment on column orchestra.devices.revoked_at is 'When it was barred for good.';

create table orchestra.settings (
    like orchestra.sync_row including comments,
    name varchar(200) not null,
    value jsonb not null
);
call orchestra.sync_table('settings');
comment on table orchestra.settings is 'One row a name: the id is made from it, so two devices mean the same row.';
comment on column orchestra.settings.name is 'The setting''s name; never changes.';
comment on column orchestra.settings.value is 'Whatever the app keeps under that name.';

create table orchestra.projects (
    like orchestra.sync_row including comments,
    name varchar(200) not null,
    description varchar(8192),
    color varchar(20),
    repository_url varchar(2048),
    archived_at timestamptz,
    metadata jsonb
);
call orchestra.sync_table('projects');
comment on table orchestra.projects is 'What a user''s files, tasks, notes and conversations belong to.';
comment on column orchestra.projects.name is 'The project''s name.';
comment on column orchestra.projects.description is 'What it is about.';
comment on column orchestra.projects.color is 'How apps paint it.';
comment on column orchestra.projects.repository_url is 'Where its source code is.';
comment on column orchestra.projects.archived_at is 'When it was put aside.';
comment on column orchestra.projects.metadata is 'What apps add; nothing queries it.';

create table orchestra.files (
    like orchestra.sync_row including comments,
    project_id uuid not null,
    path varchar(1024) not null,
    content_hash varchar(64) not null,
    size bigint not null,
    language varchar(40),
    search tsvector generated always as (
        to_tsvector('pg_catalog.simple', translate(path, '/._-', '    ') || ' ' || coalesce(language, ''))
    ) stored
);
call orchestra.sync_table('files');
alter table orchestra.files add foreign key (owner_id, project_id) references orchestra.projects (owner_id, id);
create index files_by_project on orchestra.files (owner_id, project_id);
create index files_search on orchestra.files using gin (search);
comment on table orchestra.files is 'What a file is, never its contents: those are in object storage, under their hash.';
comment on column orchestra.files.project_id is 'The project it belongs to.';
comment on column orchestra.files.path is 'Where it is within the project, with slashes.';
comment on column orchestra.files.content_hash is 'SHA-256 of the contents, lower-case hex.';
comment on column orchestra.files.size is 'Bytes of the contents.';
comment on column orchestra.files.language is 'The programming language.';
comment on column orchestra.files.search is 'The words of path and language, for search; not a field that syncs.';

create table orchestra.tasks (
    like orchestra.sync_row including comments,
    project_id uuid,
    parent_id uuid,
    title varchar(500) not null,
    detail varchar(8192),
    status varchar(20) not null,
    urgency bigint,
    estimate_hours double precision,
    due_at timestamptz,
    completed_at timestamptz
);
call orchestra.sync_table('tasks');
alter table orchestra.tasks add foreign key (owner_id, project_id) references orchestra.projects (owner_id, id);
create index tasks_by_project on orchestra.tasks (owner_id, project_id) where project_id is not null;
alter table orchestra.tasks add foreign key (owner_id, parent_id) references orchestra.tasks (owner_id, id);
create index tasks_by_parent on orchestra.tasks (owner_id, parent_id) where parent_id is not null;
comment on table orchestra.tasks is 'What is to be done; a task can be part of another.';
comment on column orchestra.tasks.project_id is 'The project it belongs to.';
comment on column orchestra.tasks.parent_id is 'The task it is part of.';
comment on column orchestra.tasks.title is 'What is to be done.';
comment on column orchestra.tasks.detail is 'More about it.';
comment on column orchestra.tasks.status is 'How far it is, in the app''s words.';
comment on column orchestra.tasks.urgency is 'How urgent, in the app''s scale.';
comment on column orchestra.tasks.estimate_hours is 'How long it may take, hours.';
comment on column orchestra.tasks.due_at is 'When it should be done.';
comment on column orchestra.tasks.completed_at is 'When it was done.';

create table orchestra.notes (
    like orchestra.sync_row including comments,
    project_id uuid,
    title varchar(500) not null,
    body varchar(65536) not null,
    is_pinned boolean not null,
    search tsvector generated always as (
        to_tsvector('pg_catalog.simple', title || ' ' || left(body, 32768))
    ) stored
);
call orchestra.sync_table('notes');
alter table orchestra.notes add foreign key (owner_id, project_id) references orchestra.projects (owner_id, id);
create index notes_by_project on orchestra.notes (owner_id, project_id) where project_id is not null;
create index notes_search on orchestra.notes using gin (search);
comment on table orchestra.notes is 'Texts that users write.';
comment on column orchestra.notes.project_id is 'The project it belongs to.';
comment on column orchestra.notes.title is 'The note''s title.';
comment on column orchestra.notes.body is 'The note''s text.';
comment on column orchestra.notes.is_pinned is 'Whether apps show it first.';
comment on column orchestra.notes.search is 'The words of the title and the first 32,768 characters of the body, for search; not a field that syncs.';

create table orchestra.conversations (
    like orchestra.sync_row including comments,
    project_id uuid,
    title varchar(500) not null,
    model varchar(120),
    archived_at timestamptz
);
call orchestra.sync_table('conversations');
alter table orchestra.conversations add foreign key (owner_id, project_id) references orchestra.projects (owner_id, id);
create index conversations_by_project on orchestra.conversations (owner_id, project_id) where project_id is not null;
comment on table orchestra.conversations is 'Talks with a model.';
comment on column orchestra.conversations.project_id is 'The project it belongs to.';
comment on column orchestra.conversations.title is 'What it is about.';
comment on column orchestra.conversations.model is 'The model that answers.';
comment on column orchestra.conversations.archived_at is 'When it was put aside.';

create table orchestra.messages (
    like orchestra.sync_row including comments,
    conversation_id uuid not null,
    role varchar(20) not null,
    body varchar(65536) not null,
    metadata jsonb
);
call orchestra.sync_table('messages');
alter table orchestra.messages add foreign key (owner_id, conversation_id) references orchestra.conversations (owner_id, id);
create index messages_by_conversation on orchestra.messages (owner_id, conversation_id);
comment on table orchestra.messages is 'What was said in a conversation.';
comment on column orchestra.messages.conversation_id is 'The conversation it belongs to.';
comment on column orchestra.messages.role is 'Who said it: user, assistant, system or tool.';
comment on column orchestra.messages.body is 'What was said.';
comment on column orchestra.messages.metadata is 'What apps add; nothing queries it.';

insert into orchestra.sync_field_rule (entity_type, field, rule, bound) values
    ('users', 'id', 'server_only', null),
    ('devices', 'id', 'server_only', null),
    ('devices', 'kind', 'server_only', null),
    ('devices', 'name', 'server_only', null),
    ('devices', 'app', 'server_only', null),
    ('devices', 'priority', 'server_only', null),
    ('devices', 'revoked_at', 'server_only', null),
    ('settings', 'name', 'natural_key', null),
    ('settings', 'value', 'max_bytes', 65536),
    ('projects', 'metadata', 'max_bytes', 16384),
    ('messages', 'metadata', 'max_bytes', 16384),
    ('files', 'path', 'searched', null),
    ('files', 'language', 'searched', null),
    ('notes', 'title', 'searched', null),
    ('notes', 'body', 'searched', null);
