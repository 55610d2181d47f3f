#!/bin/sh
# Makes a data directory that PostgreSQL brings to a moment in the past when it starts, see --help.
set -eu

usage() {
  cat <<'END'
usage: restore.sh BACKUP ARCHIVE DATA TIME
       restore.sh BACKUP ARCHIVE DATA latest

Copies BACKUP, as base-backup.sh made it, to the data directory DATA, which is empty or not there yet,
and says there how to go on: with the log in ARCHIVE, up to and including what was committed at TIME, and
no further. TIME has a zone: "2026-11-28 04:30:00+00". It is later than the end of the backup, and
something must have been committed after it; else, or to lose nothing, take "latest".
Run it as PostgreSQL's user, with pg_verifybackup of the server's version on the PATH; on Debian
  PATH=/usr/lib/postgresql/17/bin:$PATH
Then start PostgreSQL, and run finish-restore.sh. No silo may run until after silo epoch --bump.
The exit code is 0 if PostgreSQL can be started; DATA is touched only after all checks.
END
}

fail() {
  echo "restore.sh: $1" >&2
  exit 1
}

case "${1:-}" in -h | --help) usage && exit 0 ;; esac
if [ $# -ne 4 ]; then usage >&2 && exit 2; fi
backup=$1 archive=$2 data=$3 target=$4

command -v pg_verifybackup >/dev/null || fail "pg_verifybackup is not on the PATH, see --help"
[ "$(id -u)" -ne 0 ] || fail "run it as PostgreSQL's user: what root copies, PostgreSQL cannot write"
[ -f "$backup/backup_manifest" ] || fail "$backup is no backup of base-backup.sh"
[ -d "$archive" ] || fail "$archive is no folder"
if [ -e "$data" ] && [ -n "$(ls -A "$data")" ]; then
  fail "$data is not empty: move what is there aside, its pg_wal may be needed"
fi
case "$target" in
  latest) ;;
  *\'*) fail "$target is no time" ;;
  *[0-9]*:[0-9]*Z | *[0-9]*:[0-9]*[+-][0-9]*) ;;
  *) fail "$target is no time with a zone, see --help" ;;
esac
# The server reads this setting inside quotes, and the shell what it runs.
case "$archive" in
  /*) ;;
  *) fail "the archive's path must begin with a slash, for it is read by the server" ;;
esac
case "$archive" in
  *[!A-Za-z0-9._/-]*) fail "the archive's path may have letters, digits and ._-/ only" ;;
esac
pg_verifybackup --quiet "$backup" || fail "$backup is damaged: take another"

mkdir -p "$data"
chmod 700 "$data"
cp -R -p "$backup/." "$data/"
settings=$data/postgresql.auto.conf
# Those of an earlier restore, should the backup hold any, would contradict these.
sed -i -e '/^recovery_target/d' -e '/^restore_command/d' -e '/^hot_standby /d' "$settings"
{
  echo "restore_command = 'cp $archive/%f %p'"
  # Until the moment is reached nobody gets in.
  echo "hot_standby = 'off'"
  if [ "$target" != latest ]; then
    echo "recovery_target_time = '$target'"
    echo "recovery_target_action = 'promote'"
  fi
} >>"$settings"
: >"$data/recovery.signal"
sync
echo "$data is ready: start PostgreSQL, then run finish-restore.sh"
