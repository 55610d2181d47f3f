#!/bin/sh
# Takes a base backup of a running PostgreSQL server, see --help.
set -eu

usage() {
  cat <<'END'
usage: base-backup.sh FOLDER

Copies the whole server, while it runs, to FOLDER/YYYYMMDDTHHMMSSZ, compares the copy with its own
checksums, and prints its path. Which server, and as whom, is in the variables of every PostgreSQL
program: PGHOST, PGPORT, PGUSER (a superuser, or one with the right "replication"), PGPASSFILE.
pg_basebackup and pg_verifybackup must be on the PATH, of the server's version; on Debian
  PATH=/usr/lib/postgresql/17/bin:$PATH
To restore to a moment after it, the log since then is needed too: see archive-wal.sh.
The exit code is 0 if a backup is there that can be restored; without one nothing stays in FOLDER.
END
}

fail() {
  echo "base-backup.sh: $1" >&2
  exit 1
}

case "${1:-}" in -h | --help) usage && exit 0 ;; esac
if [ $# -ne 1 ]; then usage >&2 && exit 2; fi
folder=$1

for program in pg_basebackup pg_verifybackup; do
  command -v "$program" >/dev/null || fail "$program is not on the PATH, see --help"
done
[ -d "$folder" ] || fail "$folder is no folder: is its disk mounted?"
backup=$folder/$(date -u +%Y%m%dT%H%M%SZ)
[ ! -e "$backup" ] || fail "$backup is there already"
# A backup that has its final name is whole.
partial=$backup.part
trap 'rm -rf "$partial"' EXIT
trap 'exit 1' HUP INT TERM
pg_basebackup --pgdata="$partial" --checkpoint=fast --wal-method=stream --no-password ||
  fail "no backup was made"
pg_verifybackup --quiet "$partial" || fail "the copy is not what the server sent"
mv "$partial" "$backup"
echo "$backup"
