-- The extension stays: others may use it.
do $$
declare
    name text;
begin
    foreach name in array array(
        select distinct entity_type from orchestra.sync_field_rule where rule = 'searched' order by entity_type
    )
    loop
        execute format('drop table if exists orchestra.%I', name || '_embedding');
    end loop;
end
$$;
drop table if exists orchestra.embedding_progress, orchestra.embedding_lease;
drop function orchestra.make_embeddings();
drop procedure orchestra.sync_meaning(text);

create function orchestra.make_file_embedding_bare() returns boolean
language plpgsql
as $$
begin
    if to_regclass('orchestra.file_embedding') is not null then
        return true;
    end if;
    if not exists (select from pg_extension where extname = 'vector') then
        if not exists (select from pg_available_extensions where name = 'vector') then
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
    end if;
    execute '
        create table orchestra.file_embedding (
            owner_id uuid not null,
            file_id uuid not null,
            embedding public.vector(1536) not null,
            model text not null,
            content_hash varchar(64) not null,
            primary key (owner_id, file_id),
            foreign key (owner_id, file_id) references orchestra.files (owner_id, id) on delete cascade
        )';
    comment on table orchestra.file_embedding is
        'What a file means, as a vector. A table of its own, for no edit of a file should touch it.';
    comment on column orchestra.file_embedding.owner_id is 'Whose file.';
    comment on column orchestra.file_embedding.file_id is 'The file.';
    comment on column orchestra.file_embedding.embedding is 'The vector that the model gave.';
    comment on column orchestra.file_embedding.model is 'The model.';
    comment on column orchestra.file_embedding.content_hash is 'The contents it was computed from.';
    grant select, insert, update on orchestra.file_embedding to orchestra_app;
    grant select on orchestra.file_embedding to orchestra_readonly;
    return true;
end
$$;
comment on function orchestra.make_file_embedding_bare() is
    'Makes the table of embeddings if pgvector is there. False: it is not, and the warning says why.';
revoke execute on function orchestra.make_file_embedding_bare() from public;

create function orchestra.make_file_embedding() returns boolean language plpgsql as $$
begin
    if not orchestra.make_file_embedding_bare() then
        return false;
    end if;
    if not (select relrowsecurity from pg_class where oid = 'orchestra.file_embedding'::regclass) then
        call orchestra.sync_wall('orchestra.file_embedding');
    end if;
    return true;
end
$$;
comment on function orchestra.make_file_embedding() is
    'Makes the table of embeddings, with its wall, if pgvector is there. False: it is not, and the warning says why.';
revoke execute on function orchestra.make_file_embedding() from public;

select orchestra.make_file_embedding();
