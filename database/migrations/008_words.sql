-- Search by words. Which columns are looked into is said by the rule 'searched' in sync_field_rule, and
-- "call orchestra.sync_search" makes a table's index and its function of them.

reset role;
-- Owner and words in one index. The extension is part of PostgreSQL and trusted: who may create in the
-- database may create it.
do $$
begin
    create extension if not exists btree_gin with schema public;
exception
when insufficient_privilege then
    raise exception 'This login may not create the extension btree_gin: let an administrator run "create extension btree_gin", then migrate again'
        using errcode = 'insufficient_privilege';
when undefined_file then
    raise exception 'The extension btree_gin is not installed on this server: install PostgreSQL''s contrib modules, then migrate again'
        using errcode = 'undefined_file';
end
$$;
set local role orchestra_migrator;

-- What is upper case and what is a letter must not depend on the locale that the database happens to
-- have: in "C" nothing but ASCII is either. ICU has one answer for all; where it is not built in, the
-- database's locale has to do.
do $do$
declare
    rules text := '"default"';
begin
    if exists (select from pg_collation where collname = 'und-x-icu') then
        rules := 'pg_catalog."und-x-icu"';
    else
        raise warning 'PostgreSQL was built without ICU: searches tell upper from lower case where the database''s locale does.';
    end if;
    execute format($f$
        create function orchestra.search_text(value text) returns text
        language sql immutable parallel safe
        return regexp_replace(lower(left(value, 32768) collate %1$s), '[^[:alnum:]\u0300-\u0331]+' collate %1$s, ' ', 'g');

        create function orchestra.search_query(words text) returns tsquery
        language sql immutable parallel safe
        return websearch_to_tsquery('pg_catalog.simple',
            regexp_replace(lower(words collate %1$s), '[^[:alnum:]\u0300-\u0331"-]+' collate %1$s, ' ', 'g'));
    $f$, rules);
end
$do$;
comment on function orchestra.search_text(text) is
    'The words of a value, of its first 32,768 characters, in lower case with a space between them.';
comment on function orchestra.search_query(text) is
    'What is asked: "a phrase" or "another" -"without". Never an error.';

create function orchestra.search_words(value text) returns tsvector
language sql immutable parallel safe
-- The lexeme at the end is no word. It keeps a phrase from going on in the next field.
return to_tsvector('pg_catalog.simple', coalesce(orchestra.search_text(value), '')) || $$' ':1$$::tsvector;
comment on function orchestra.search_words(text) is
    'One field''s part of a row''s column search.';

-- The function reads past the wall, which would keep the index from being used: its policy has to come
-- before any operator that might tell what it saw. So it asks for the owner itself, the one that the
-- wall asks for, and takes none from its caller.
create procedure orchestra.sync_search(name text) language plpgsql as $$
declare
    words text;
begin
    select string_agg(format('orchestra.search_words(%I)', attname), ' || ' order by attnum) into strict words
    from pg_attribute
    join orchestra.sync_field_rule on field = attname and entity_type = name and rule = 'searched'
    where attrelid = format('orchestra.%I', name)::regclass and not attisdropped;
    if words is null then
        raise exception 'No field of % is searched: say so in sync_field_rule first', name;
    end if;
    execute format('alter table orchestra.%I drop column if exists search', name);
    execute format('alter table orchestra.%I add column search tsvector generated always as (%s) stored',
        name, words);
    execute format('comment on column orchestra.%I.search is %L', name,
        'The words of what is searched; not a field that syncs.');
    -- What was written last waits in a list that every search reads through; it is kept short.
    execute format('
        create index %I on orchestra.%I using gin (owner_id, search)
        with (gin_pending_list_limit = 512) where deleted_at is null
    ', name || '_search', name);
    execute format('
        create or replace function orchestra.%I(query tsquery, top real, first uuid, most integer)
        returns table (id uuid, rank real)
        language sql stable security definer
        set search_path = pg_catalog, pg_temp
        as $f$
            select hit.id, hit.rank from (
                select t.id, ts_rank(t.search, query) as rank from orchestra.%I t
                where t.owner_id = orchestra.reading_owner() and t.deleted_at is null
                    and t.search @@ query
                offset 0
            ) hit
            where hit.rank < top or (hit.rank = top and hit.id >= first)
            order by hit.rank desc, hit.id limit most
        $f$', 'search_' || name, name);
    execute format('comment on function orchestra.%I(tsquery, real, uuid, integer) is %L', 'search_' || name,
        'The live rows of the owner who is read for that a query finds, best first, from a rank and id on.');
    execute format('revoke execute on function orchestra.%I(tsquery, real, uuid, integer) from public',
        'search_' || name);
    execute format('grant execute on function orchestra.%I(tsquery, real, uuid, integer) to orchestra_readonly',
        'search_' || name);
end
$$;
comment on procedure orchestra.sync_search(text) is
    'Makes the live rows of a table findable by the words of its searched fields.';
revoke execute on procedure orchestra.sync_search(text) from public;

do $$
declare
    name text;
begin
    foreach name in array array(
        select distinct entity_type from orchestra.sync_field_rule where rule = 'searched' order by entity_type
    )
    loop
        call orchestra.sync_search(name);
    end loop;
end
$$;
