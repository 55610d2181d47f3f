delete from orchestra.sync_field_rule;
delete from orchestra.sync_entity;
drop table orchestra.messages, orchestra.conversations, orchestra.notes, orchestra.tasks, orchestra.files,
    orchestra.projects, orchestra.settings, orchestra.devices, orchestra.users;
