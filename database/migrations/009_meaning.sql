-- Search by meaning. Every table with searched fields gets one beside it that has the vectors of its rows,
-- as soon as the server has pgvector: "silo migrate" asks each time. They are no tables that sync.

-- Nothing has ever written it.
drop table if exists orchestra.file_embedding;
drop function orchestra.make_file_embedding();
drop function orchestra.make_file_embedding_bare();

create procedure orchestra.sync_meaning(name text) language plpgsql as $$
declare
    vectors text := format('orchestra.%I', name || '_embedding');
begin
    execute format('
        create table %s (
            owner_id uuid not null,
            id uuid not null,
            embedding public.vector(1536),
            model varchar(120) not null,
            text_hash varchar(64) not null,
            primary key (owner_id, id),
            foreign key (owner_id, id) references orchestra.%I (owner_id, id) on delete cascade
        )', vectors, name);
    -- Beside the row and not in pieces elsewhere: an exact search reads them all.
    execute format('alter table %s alter column embedding set storage plain', vectors);
    execute format('create index %I on %s using hnsw (embedding public.vector_cosine_ops)',
        name || '_embedding_near', vectors);
    execute format('comment on table %s is %L', vectors, format(
        'What rows of %s mean, as vectors. A table of its own, for no edit of a row should touch it.', name));
    execute format('comment on column %s.owner_id is %L', vectors, 'Whose row.');
    execute format('comment on column %s.id is %L', vectors, 'The row.');
    execute format('comment on column %s.embedding is %L', vectors,
        'The vector that the model gave; null where there is nothing to give one for.');
    execute format('comment on column %s.model is %L', vectors,
        'The model. Vectors of different ones do not compare.');
    execute format('comment on column %s.text_hash is %L', vectors,
        'SHA-256 of the text it was computed from, lower-case hex: the same text is never paid for twice.');
    execute format('grant select, insert, update on %s to orchestra_app', vectors);
    execute format('grant select on %s to orchestra_readonly', vectors);
    call orchestra.sync_wall(vectors::regclass);
end
$$;
comment on procedure orchestra.sync_meaning(text) is
    'Makes the table of the vectors of a table''s rows. It takes pgvector.';
revoke execute on procedure orchestra.sync_meaning(text) from public;

create function orchestra.make_embeddings() returns boolean language plpgsql as $$
declare
    has text := (select extversion from pg_extension where extname = 'vector');
    name text;
begin
    if has is null then
        if not exists (select from pg_available_extensions where pg_available_extensions.name = 'vector') then
            raise warning 'pgvector is not installed on this server: search by meaning is off. Install it, then run "silo migrate" again.';
            return false;
        end if;
        begin
            reset role;
            create extension vector with schema public;
        exception when insufficient_privilege then
            set local role orchestra_migrator;
            raise warning 'This login may not create the extension vector: search by meaning is off. Let a superuser run "create extension vector", then run "silo migrate" again.';
            return false;
        end;
        set local role orchestra_migrator;
        has := (select extversion from pg_extension where extname = 'vector');
    end if;
    if string_to_array(has, '.')::integer[] < array[0, 8] then
        raise warning 'pgvector is older than 0.8: search by meaning is off. Install a newer one and run "alter extension vector update", then run "silo migrate" again.';
        return false;
    end if;

    if to_regclass('orchestra.embedding_progress') is null then
        create table orchestra.embedding_progress (
            owner_id uuid primary key,
            recipe varchar(64) not null,
            version bigint not null
        ) with (fillfactor = 50);
        comment on table orchestra.embedding_progress is
            'How far each owner''s rows have been embedded. What is above the version is still to do.';
        comment on column orchestra.embedding_progress.owner_id is 'Whose rows.';
        comment on column orchestra.embedding_progress.recipe is
            'Hash of the model and of what texts are made of; with another one all rows are looked at again.';
        comment on column orchestra.embedding_progress.version is 'Rows up to this version are done.';
        grant select, insert, update on orchestra.embedding_progress to orchestra_app;
        grant select on orchestra.embedding_progress to orchestra_readonly;
        call orchestra.sync_wall('orchestra.embedding_progress');

        create table orchestra.embedding_lease (
            one boolean primary key default true check (one),
            holder text not null,
            until timestamptz not null
        );
        comment on table orchestra.embedding_lease is
            'Who embeds at present: one of the clusters on this database.';
        comment on column orchestra.embedding_lease.one is 'There is one row.';
        comment on column orchestra.embedding_lease.holder is 'Which cluster.';
        comment on column orchestra.embedding_lease.until is 'Then somebody else may.';
        grant select, insert, update on orchestra.embedding_lease to orchestra_app;
    end if;

    for name in
        select distinct entity_type from orchestra.sync_field_rule where rule = 'searched' order by entity_type
    loop
        if to_regclass(format('orchestra.%I', name || '_embedding')) is null then
            call orchestra.sync_meaning(name);
        end if;
    end loop;
    return true;
end
$$;
comment on function orchestra.make_embeddings() is
    'Makes the tables of vectors that are not there yet, if pgvector is. False: it is not, and the warning says why.';
revoke execute on function orchestra.make_embeddings() from public;

select orchestra.make_embeddings();
