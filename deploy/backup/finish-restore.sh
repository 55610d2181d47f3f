#!/bin/sh
# Waits until a restored PostgreSQL server is where it was to go, see --help.
set -eu

usage() {
  cat <<'END'
usage: finish-restore.sh [SECONDS]

After restore.sh, and after PostgreSQL was started: waits for the end of the recovery, SECONDS at most
(3600 unless said), and takes back the settings that restore.sh made.
Which server, and as whom (a superuser), is in PGHOST, PGPORT, PGUSER, PGPASSFILE; psql must be on the PATH.
The exit code is 0 if the server is the master of what was restored. If it is not, PostgreSQL's own log
says why: most often the log in the archive ends before the moment that was asked for.
END
}

fail() {
  echo "finish-restore.sh: $1" >&2
  exit 1
}

case "${1:-}" in -h | --help) usage && exit 0 ;; esac
if [ $# -gt 1 ]; then usage >&2 && exit 2; fi
left=${1:-3600}
case "$left" in '' | *[!0-9]*) usage >&2 && exit 2 ;; esac

command -v psql >/dev/null || fail "psql is not on the PATH"

ask() {
  psql --no-psqlrc --no-password --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 \
    --dbname=postgres --command="$1"
}

until state=$(ask 'select pg_is_in_recovery()' 2>&1) && [ "$state" = f ]; do
  [ "$left" -gt 0 ] || fail "the recovery is not over: $state"
  left=$((left - 1))
  sleep 1
done
# They would hold up a standby that is copied from here.
for setting in restore_command hot_standby recovery_target_time recovery_target_action; do
  ask "alter system reset $setting"
done
ask 'select pg_reload_conf()' >/dev/null
echo "The restore is over; timeline $(ask 'select timeline_id from pg_control_checkpoint()')."
echo "Next: silo migrate, silo verify, silo epoch --bump --yes; only then the silos."
