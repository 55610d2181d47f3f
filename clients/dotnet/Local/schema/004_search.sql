-- Rows that a search by words would not find as they are now. Triggers fill it, searches empty it.
create table o_unindexed (
    entity text not null,
    id text not null,
    primary key (entity, id)
) without rowid;

-- Which row each place in the words_<entity type> indexes is.
create table o_indexed (
    place integer primary key,
    entity text not null,
    id text not null,
    unique (entity, id)
);

-- With the catalog, which the server sends again, come the indexes.
update o_meta set catalog_hash = null;
