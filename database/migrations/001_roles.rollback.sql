-- The roles stay: other databases of the same server may use them, and they may own logins' settings.
drop table orchestra.schema_migration;
reset role;
drop schema orchestra_log;
drop schema orchestra;
