-- Contents of files that are in the cache, or are to be sent before they may leave it. pending = 1: to be
-- sent; failure says why that is of no use. Least recently used first.
create table o_contents (
    hash text not null primary key,
    size integer not null,
    used_ms integer not null,
    pending integer not null default 0,
    failure text
) without rowid;

create index o_contents_pending on o_contents (pending, used_ms);
