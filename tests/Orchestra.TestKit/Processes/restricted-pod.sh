#!/bin/sh
# Becomes `dotnet silo.dll ARGUMENTS` the way a restricted pod would run it: another user, no capabilities
# and no way to get some, all folders read-only but a small /tmp, secrets that its group may read. It
# runs in a mount namespace of its own.
# usage: unshare --mount restricted-pod.sh USER APPLICATION SECRETS MOUNTPATH ARGUMENTS…
set -eu
user=$1 application=$2 secrets=$3 mountpath=$4
shift 4

mount --make-rprivate /
# Read before /tmp and /run, which may be where they are, are hidden.
mount --bind "$application" /mnt
mount -t tmpfs -o mode=755 tmpfs /srv
mkdir /srv/secrets
install -g "$user" -m 0440 "$secrets"/* /srv/secrets
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -p "$mountpath"
mount --bind /srv/secrets "$mountpath"
mount -t tmpfs -o mode=1777,size=64m tmpfs /tmp

while read -r _ target type _; do
  case "$type" in
    proc | sysfs | devtmpfs | devpts | mqueue | cgroup*) continue ;;
  esac
  case "$target" in
    /tmp | /proc/* | /sys/* | /dev/*) continue ;;
  esac
  # One that lies below another that is hidden now cannot be reached, nor need it be.
  mount -o remount,bind,ro "$target" 2>/dev/null || [ ! -w "$target" ]
done </proc/self/mounts

cd /mnt
exec setpriv --reuid "$user" --regid "$user" --clear-groups --no-new-privs --bounding-set -all \
  --inh-caps -all dotnet /mnt/silo.dll "$@"
