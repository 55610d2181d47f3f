-- The client's own tables. What the server sends goes into base_<entity type>, one table a type,
-- made from the catalog; what an app reads are views with the entity types' own names.

-- Exactly one row: who this installation is and how far it has come.
create table o_meta (
    one integer primary key check (one = 1),
    device text not null,
    kind text not null,
    name text not null,
    server text,
    owner text,
    epoch integer not null default 0,
    version integer not null default 0,
    mark text,
    floor integer,
    digest integer not null default 0,
    live_rows integer not null default 0,
    last_seq integer not null default 0,
    acknowledged_seq integer not null default 0,
    acknowledged_change text,
    catalog_hash text,
    compared_at integer,
    compared_digest integer,
    compared_rows integer
);

-- The server's catalog, as it came.
create table o_catalog (
    one integer primary key check (one = 1),
    catalog blob not null
);

-- One row a change that the server has not both answered and delivered. seq is null until just
-- before the change is first sent; status is null until its verdict is known; delivered means that
-- the server rows contain it already, so that it no longer lies over them.
create table o_outbox (
    position integer primary key,
    change text not null unique,
    seq integer unique,
    entity text not null,
    id text not null,
    op text not null,
    base integer not null,
    fields text not null,
    tx integer,
    made_wall_ms integer not null,
    made_run text not null,
    made_tick integer not null,
    status text,
    version integer,
    delivered integer not null default 0
);

create index o_outbox_row on o_outbox (entity, id, position);

-- The changes an app sees on top of the server rows.
create view o_overlay as
select position, entity, id, op, fields from o_outbox where delivered = 0 and op <> 'void';

-- Changes that lost, wholly or in part, with the values that would otherwise be gone.
create table o_conflicts (
    change text primary key,
    verdict text not null,
    entity text not null,
    id text not null,
    op text not null,
    version integer,
    code text,
    message text,
    field text,
    fields text not null,
    winning text,
    recorded_at text not null
);

-- Rows of entity types that the catalog known here does not have yet.
create table o_raw (
    entity text not null,
    id text not null,
    version integer not null,
    o_present integer not null,
    o_edited_at text not null,
    fields text not null,
    primary key (entity, id)
) without rowid;
