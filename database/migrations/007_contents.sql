-- Contents of files: which the server has, where the bytes are in no database at all. A row says that
-- all bytes with this hash have come and were verified; rows of other types name it by the hash.

alter table orchestra.sync_field_rule
    drop constraint sync_field_rule_rule_check,
    add constraint sync_field_rule_rule_check
        check (rule in ('natural_key', 'server_only', 'max_bytes', 'searched', 'contents'));
comment on column orchestra.sync_field_rule.rule is 'natural_key: the row''s id is made from it; server_only: devices cannot write it (id: cannot make or delete rows); max_bytes: the longest a JSON value may be; searched: its words are found by a search; contents: it names contents by their hash.';

create table orchestra.contents (
    like orchestra.sync_row including comments,
    hash varchar(64) not null,
    size bigint not null,
    upload_id uuid not null
);
call orchestra.sync_table('contents');
comment on table orchestra.contents is 'Contents that the server has, verified, in object storage. Only the server writes here.';
comment on column orchestra.contents.hash is 'SHA-256 of the bytes, lower-case hex; the id is made from it.';
comment on column orchestra.contents.size is 'How many bytes.';
comment on column orchestra.contents.upload_id is 'Which upload brought them: part of the name in object storage, so that what is being deleted and what comes anew are never the same.';

insert into orchestra.sync_field_rule (entity_type, field, rule, bound) values
    ('contents', 'id', 'server_only', null),
    ('contents', 'hash', 'natural_key', null),
    ('contents', 'hash', 'server_only', null),
    ('contents', 'size', 'server_only', null),
    ('contents', 'upload_id', 'server_only', null),
    ('files', 'content_hash', 'contents', null),
    ('users', 'avatar_hash', 'contents', null);
