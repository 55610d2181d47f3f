-- Up to which place of its table the rows of an entity type have been seen by the word index: rows
-- further on are new, and nobody needs to note them one by one.
create table o_words (
    entity text not null primary key,
    seen integer not null
) without rowid;

-- The catalog comes again, and makes the indexes anew.
update o_meta set catalog_hash = null;
