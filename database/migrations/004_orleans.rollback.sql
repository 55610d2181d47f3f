-- Takes back 004. What silos know of each other is lost: stop them all first.

drop table orleans.grain_state;
drop table orleans.reminder;
drop table orleans.membership;
drop table orleans.membership_version;
drop table orleans.orleansquery;
drop schema orleans;
