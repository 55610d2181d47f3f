-- What a new identity must say of the one it replaces, until the server has answered its first push.
alter table o_meta add column replaces_device text;
alter table o_meta add column replaces_seq integer;

-- The only entity types this device takes, as a JSON array; null = all.
alter table o_meta add column entities text;

-- When this device last dropped its rows because they differed from the server's.
alter table o_meta add column differed_at text;

-- Under which identities and seqs a change was sent before it was numbered anew.
create table o_sent (
    change text not null,
    device text not null,
    seq integer not null,
    primary key (change, device, seq)
) without rowid;

create trigger o_outbox_left after delete on o_outbox begin
    delete from o_sent where change = old.change;
end;

-- The views are made with the catalog; without its hash the server sends it again.
update o_meta set catalog_hash = null;
