-- At most one row: when the server last said something, by this machine's clock.
create table o_contact (
    one integer primary key check (one = 1),
    heard_at text not null
);
