#!/usr/bin/env bash
# Prints the root folder of a system whose PostgreSQL has pgvector: "/" where this machine has it,
# else a chroot of Debian trixie, which is built once (a minute and 750 MB) and kept.
# On stderr it says why there is none, or what it does.
set -euo pipefail

cache=${ORCHESTRA_TEST_CACHE:-/var/cache/orchestra-tests}
chroot=$cache/trixie-pg17
# Names the recipe: change it with what build does, and older chroots are built anew.
stamp=trixie-postgresql-17-pgvector-1

fail() {
  echo "No PostgreSQL with pgvector: $1." >&2
  exit 1
}

# The newest in Debian's place; PATH wins, like in the tests.
has_native() {
  local bin
  bin=$(dirname "$(readlink -f "$(command -v initdb || ls -d /usr/lib/postgresql/*/bin/initdb |
    sort -V | tail -n 1)")")
  [ -f "$("$bin/pg_config" --sharedir)/extension/vector.control" ]
}

# Runs in a mount namespace of its own: what is mounted here is gone with the last process, however
# the script ends, and nobody else ever sees it.
build() {
  local root=$1
  debootstrap --variant=minbase --include=ca-certificates trixie "$root"
  mount -t proc proc "$root/proc"
  mount --bind /dev "$root/dev"
  # Packages start no services and create no cluster.
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  mkdir -p "$root/etc/postgresql-common"
  echo 'create_main_cluster = false' >"$root/etc/postgresql-common/createcluster.conf"
  chroot "$root" apt-get update
  DEBIAN_FRONTEND=noninteractive chroot "$root" apt-get install -y --no-install-recommends \
    postgresql-17 postgresql-17-pgvector
  chroot "$root" apt-get clean
}

if [ "${1:-}" = build ]; then
  build "$2"
  exit
fi

if has_native 2>/dev/null; then
  echo /
  exit
fi
[ "$(id -u)" -eq 0 ] || fail "a chroot takes root, and pgvector is not installed"
mkdir -p "$cache"
# Of two runs at once, one builds and the other waits for it.
exec 9>"$chroot.lock"
flock 9
if [ "$(cat "$chroot/.orchestra" 2>/dev/null)" != "$stamp" ]; then
  echo "Building $chroot, once." >&2
  if ! command -v debootstrap >/dev/null; then
    { apt-get update && apt-get install -y --no-install-recommends debootstrap; } \
      >"$chroot.log" 2>&1 9>&- || fail "debootstrap cannot be installed, see $chroot.log"
  fi
  rm -rf "$chroot" "$chroot.partial"
  unshare --mount --propagation private -- "$0" build "$chroot.partial" >"$chroot.log" 2>&1 9>&- ||
    fail "the chroot could not be built, see $chroot.log"
  echo "$stamp" >"$chroot.partial/.orchestra"
  # Only now it is a whole one.
  mv "$chroot.partial" "$chroot"
fi
echo "$chroot"
