-- The extension btree_gin stays: others may use it.
do $$
declare
    name text;
begin
    foreach name in array array(
        select distinct entity_type from orchestra.sync_field_rule where rule = 'searched' order by entity_type
    )
    loop
        execute format('drop function orchestra.%I(tsquery, real, uuid, integer)', 'search_' || name);
        execute format('alter table orchestra.%I drop column search', name);
    end loop;
end
$$;
drop procedure orchestra.sync_search(text);
drop function orchestra.search_words(text);
drop function orchestra.search_query(text);
drop function orchestra.search_text(text);

alter table orchestra.files add column search tsvector generated always as (
    to_tsvector('pg_catalog.simple', translate(path, '/._-', '    ') || ' ' || coalesce(language, ''))
) stored;
create index files_search on orchestra.files using gin (search);
comment on column orchestra.files.search is 'The words of path and language, for search; not a field that syncs.';
alter table orchestra.notes add column search tsvector generated always as (
    to_tsvector('pg_catalog.simple', title || ' ' || left(body, 32768))
) stored;
create index notes_search on orchestra.notes using gin (search);
comment on column orchestra.notes.search is 'The words of the title and the first 32,768 characters of the body, for search; not a field that syncs.';
