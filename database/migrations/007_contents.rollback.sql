delete from orchestra.sync_field_rule where entity_type = 'contents' or rule = 'contents';
delete from orchestra.sync_entity where entity_type = 'contents';
drop table orchestra.contents;

alter table orchestra.sync_field_rule
    drop constraint sync_field_rule_rule_check,
    add constraint sync_field_rule_rule_check
        check (rule in ('natural_key', 'server_only', 'max_bytes', 'searched'));
comment on column orchestra.sync_field_rule.rule is 'natural_key: the row''s id is made from it; server_only: devices cannot write it (id: cannot make or delete rows); max_bytes: the longest a JSON value may be; searched: its words are found by a search.';
