-- The extension stays: others may use it.
drop function orchestra.make_file_embedding();
drop table if exists orchestra.file_embedding;
