-- Search by words. For every type with a field that the rule 'searched' names there is an index
-- words_<type>, which is made when the database is opened and again when those fields are others:
-- a table that is to be searched needs the rule and nothing else.

-- The live rows that can be found, with a number each for the index: a table's own rowids can change.
create table word_row (
    place INTEGER not null,
    entity_type TEXT not null,
    owner_id TEXT UUID not null,
    id TEXT UUID not null,
    primary key (place)
);
create unique index word_row_by_key on word_row (entity_type, owner_id, id);

-- What each index was made by.
create table word_index (
    entity_type TEXT not null,
    definition TEXT not null,
    primary key (entity_type)
) without rowid;
