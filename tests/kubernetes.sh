#!/usr/bin/env bash
# Prints a folder with what the tests of deploy/kubernetes use: `kubectl`, the machine's own or that of
# Debian trixie (16 MB to fetch, 80 MB), and in `node_modules` the schemas of the API's objects (30 MB),
# where there is Node.js. Made once and kept; nothing is installed, so it takes no root.
# On stderr it says what is missing and why, or what it does.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
cache=${ORCHESTRA_TEST_CACHE:-/var/cache/orchestra-tests}
keys=/usr/share/keyrings/debian-archive-keyring.gpg
# Names the recipe: change it with what build does, and older folders are built anew.
stamp=kubernetes-1-$(cksum <"$here/kubernetes/package-lock.json" | cut -d ' ' -f 1)

# Debian's own, by the machine's mirror.
mirror() {
  local uri
  uri=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
    grep -v -- '-security' | head -n 1) || true
  echo "${uri:-http://deb.debian.org/debian}"
}

# Old ones know less of kustomize than the overlays use.
has_kubectl() {
  command -v kubectl >/dev/null &&
    kubectl kustomize "$here/../deploy/kubernetes/overlays/production" >/dev/null 2>&1
}

unpack_kubectl() {
  local root=$1 apt=$1/apt
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/state"
  : >"$apt/status"
  echo "deb [signed-by=$keys] $(mirror) trixie main" >"$apt/sources.list"
  local options=(-q
    -o "Dir::Etc::sourcelist=$apt/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State=$apt/state" -o "Dir::State::lists=$apt/lists" -o "Dir::State::status=$apt/status"
    -o "Dir::Cache=$apt/cache" -o Acquire::Languages=none
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o APT::Sandbox::User= -o Debug::NoLocking=1)
  apt-get "${options[@]}" update
  (cd "$apt" && apt-get "${options[@]}" download kubectl)
  dpkg-deb --fsys-tarfile "$apt"/kubectl_*.deb | tar -x -C "$root" --no-same-owner \
    --strip-components=3 ./usr/bin/kubectl
  rm -rf "$apt"
  "$root/kubectl" version --client
}

build() {
  if has_kubectl; then
    ln -s "$(command -v kubectl)" "$1/kubectl"
  else
    unpack_kubectl "$1"
  fi
  cp "$here"/kubernetes/package*.json "$1"
  # Without, that one test is skipped.
  (cd "$1" && npm ci --no-audit --no-fund --omit=optional) || rm -rf "$1/node_modules"
}

# Not everybody may write where root keeps it.
mkdir -p "$cache" 2>/dev/null || true
if [ ! -w "$cache" ] && [ ! -e "$cache/$stamp" ]; then
  cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/orchestra-tests
  mkdir -p "$cache"
fi
folder=$cache/$stamp
if [ ! -e "$folder" ]; then
  # Of two runs at once, one builds and the other waits for it.
  exec 9>"$folder.lock"
  flock 9
fi
if [ ! -e "$folder" ]; then
  echo "Building $folder, once." >&2
  rm -rf "$folder.partial"
  mkdir "$folder.partial"
  # In a shell of its own, because bash forgets -e where a failure is asked about.
  (build "$folder.partial") >"$folder.log" 2>&1 9>&- & wait $! || {
    echo "No kubectl: see $folder.log." >&2
    exit 1
  }
  # Only now it is a whole one.
  mv "$folder.partial" "$folder"
fi
[ -e "$folder/node_modules" ] || echo "No schemas of Kubernetes: see $folder.log." >&2
echo "$folder"
