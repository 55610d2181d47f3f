-- What a search by words looks into.
create table new_rule (
    entity_type TEXT not null references sync_entity (entity_type),
    field TEXT not null,
    rule TEXT not null check (rule in ('natural_key', 'server_only', 'searched')),
    primary key (entity_type, field, rule)
) without rowid;
insert into new_rule select entity_type, field, rule from sync_field_rule;
drop table sync_field_rule;
alter table new_rule rename to sync_field_rule;

insert into sync_field_rule (entity_type, field, rule) values
    ('files', 'path', 'searched'),
    ('files', 'language', 'searched'),
    ('notes', 'title', 'searched'),
    ('notes', 'body', 'searched');
