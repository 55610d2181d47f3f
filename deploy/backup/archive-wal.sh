#!/bin/sh
# Keeps a finished segment of PostgreSQL's write-ahead log. PostgreSQL runs it, see --help.
set -eu

usage() {
  cat <<'END'
usage: archive-wal.sh ARCHIVE PATH NAME

Copies the segment at PATH into the folder ARCHIVE under NAME. In postgresql.conf:
  archive_mode = on
  archive_command = '/opt/orchestra/backup/archive-wal.sh /backup/wal %p %f'
  archive_timeout = 60s
ARCHIVE is a folder on another disk, better of another machine, that PostgreSQL's user may write to.
The exit code is 0 only if the whole segment is on that disk; PostgreSQL tries again until it is.
A segment that is there already is not replaced: one with other bytes is an error.
END
}

fail() {
  echo "archive-wal.sh: $1" >&2
  exit 1
}

case "${1:-}" in -h | --help) usage && exit 0 ;; esac
if [ $# -ne 3 ]; then usage >&2 && exit 2; fi
archive=$1 path=$2 name=$3
target=$archive/$name

[ -d "$archive" ] || fail "$archive is no folder: is its disk mounted?"
if [ -e "$target" ]; then
  cmp -s "$path" "$target" || fail "$target is there already, with other bytes: do two servers share $archive?"
  exit 0
fi
# Under its name only when it is whole and durable: a restore takes what it finds there.
cp "$path" "$target.part"
sync "$target.part"
mv "$target.part" "$target"
sync "$archive"
