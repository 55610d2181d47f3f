set local role orchestra_maintenance;
drop function orchestra_log.make_month(date);
drop table orchestra.sync_log;
set local role orchestra_migrator;
drop function orchestra.sync_require(boolean, text), orchestra.sync_require_clock(timestamptz),
    orchestra.row_digest(uuid, bigint);
drop procedure orchestra.sync_table(text);
drop table orchestra.sync_row, orchestra.sync_field_rule, orchestra.sync_entity,
    orchestra.sync_conflict, orchestra.device_cursor, orchestra.sync_epoch, orchestra.sync_head;
