-- Contents of files: which the server has, where the bytes are in no database at all. A row says that
-- all bytes with this hash have come and were verified; rows of other types name it by the hash.
create table new_rule (
    entity_type TEXT not null references sync_entity (entity_type),
    field TEXT not null,
    rule TEXT not null check (rule in ('natural_key', 'server_only', 'searched', 'contents')),
    primary key (entity_type, field, rule)
) without rowid;
insert into new_rule select entity_type, field, rule from sync_field_rule;
drop table sync_field_rule;
alter table new_rule rename to sync_field_rule;

-- Only the server writes here. The bytes' name in object storage has the upload in it, so that what is
-- being deleted and what comes anew are never the same.
create table contents (
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    hash TEXT(64) not null,
    size INTEGER not null,
    upload_id TEXT UUID not null,
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
create unique index contents_by_version on contents (owner_id, version);
create index contents_deleted on contents (owner_id, deleted_at) where deleted_at is not null;

insert into sync_entity (entity_type) values ('contents');

insert into sync_field_rule (entity_type, field, rule) values
    ('contents', 'id', 'server_only'),
    ('contents', 'hash', 'natural_key'),
    ('contents', 'hash', 'server_only'),
    ('contents', 'size', 'server_only'),
    ('contents', 'upload_id', 'server_only'),
    ('files', 'content_hash', 'contents'),
    ('users', 'avatar_hash', 'contents');
