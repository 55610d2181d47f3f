#!/usr/bin/env bash
# Prints the folder of an object store with an S3 API, OpenStack Swift: packages of Debian forky with
# a Python and a C library of their own, unpacked into a private folder once (100 MB to fetch, 260 MB)
# and kept. Nothing is installed, so it takes no root. Its `python` runs
# tests/Orchestra.TestKit/Contents/s3-server.py.
# On stderr it says why there is none, or what it does.
set -euo pipefail

cache=${ORCHESTRA_TEST_CACHE:-/var/cache/orchestra-tests}
# Names the recipe: change it with what build does, and older folders are built anew.
stamp=forky-swift-1
packages=(swift-proxy swift-account swift-container swift-object)
keys=/usr/share/keyrings/debian-archive-keyring.gpg

fail() {
  echo "No S3 server: $1." >&2
  exit 1
}

# Debian's own, by the machine's mirror.
mirror() {
  local uri
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
    grep -v -- '-security' | head -n 1) || true
  echo "${uri:-http://deb.debian.org/debian}"
}

# An apt of its own: other sources, other lists, and no package that is installed already.
build() {
  local root=$1 apt=$1/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/state"
  : >"$apt/status"
  echo "deb [signed-by=$keys] $(mirror) forky main" >"$apt/sources.list"
  local options=(-q
    -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State=$apt/state" -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status"
    -o "Dir::Cache=$apt/cache" -o Acquire::Languages=none -o APT::Install-Recommends=false
    -o APT::Sandbox::User= -o Debug::NoLocking=1)
  apt-get "${options[@]}" update
  apt-get "${options[@]}" -y --download-only install "${packages[@]}"
  local package
  for package in "$apt"/cache/archives/*.deb; do
    dpkg-deb --fsys-tarfile "$package" | tar -x -C "$root" --no-same-owner --exclude=./dev \
      --exclude=./usr/share/doc --exclude=./usr/share/man --exclude=./usr/share/locale
  done
  rm -rf "$apt"
  # By way of its own loader, for this machine's C library is older.
  cat >"$root/python" <<'END'
#!/bin/sh
root=$(cd "$(dirname "$0")" && pwd)
loader=$(ls "$root"/usr/lib*/ld-linux-*.so.* "$root"/usr/lib/*/ld-linux-*.so.* 2>/dev/null | head -n 1)
libraries=$(dirname "$(ls "$root"/usr/lib/*-linux-gnu*/libc.so.6)")
python=$(ls "$root"/usr/bin/python3.?? | tail -n 1)
export PYTHONHOME="$root/usr" PYTHONNOUSERSITE=1 PYTHONPATH= PYTHONWARNINGS=ignore LC_ALL=C.UTF-8
export ORCHESTRA_PYTHON="$root/python"
exec "$loader" --library-path "$libraries" "$python" "$@"
END
  chmod +x "$root/python"
  "$root/python" -m compileall -q "$root/usr/lib/python3/dist-packages" || true
  "$root/python" -c 'import swift.common.wsgi, lxml.etree, pyeclib.ec_iface'
}

# Not everybody may write where root keeps it.
mkdir -p "$cache" 2>/dev/null || true
if [ ! -w "$cache" ] && [ ! -e "$cache/$stamp" ]; then
  cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/orchestra-tests
  mkdir -p "$cache"
fi
folder=$cache/$stamp
if [ ! -e "$folder" ]; then
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null && [ -e "$keys" ] ||
    fail "it is unpacked from Debian's packages, and this machine has no apt-get or no keys of Debian"
  # Of two runs at once, one builds and the other waits for it.
  exec 9>"$folder.lock"
  flock 9
fi
if [ ! -e "$folder" ]; then
  echo "Building $folder, once." >&2
  rm -rf "$folder.partial"
  mkdir "$folder.partial"
  # In a shell of its own, because bash forgets -e where a failure is asked about.
  (build "$folder.partial") >"$folder.log" 2>&1 9>&- & wait $! || fail "see $folder.log"
  # Only now it is a whole one.
  mv "$folder.partial" "$folder"
fi
echo "$folder"
