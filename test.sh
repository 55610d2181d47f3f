#!/usr/bin/env bash
# The front door to the tests: for a person, before a commit and in CI the same.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: ./test.sh [FILTER]
       ./test.sh --sim SEED [COUNT]

Builds everything with warnings as errors, checks the format, and runs the tests.
FILTER is passed to dotnet test, for example:
  ./test.sh FullyQualifiedName~Wire
Needs the .NET SDK, PostgreSQL's server programs and redis-server; as root on Debian it installs
the latter two.
As root it also builds a chroot with pgvector, once, see tests/vector-postgres.sh; without, the
tests of vectors are skipped.
On Debian it also unpacks an S3 server into a private folder, once, see tests/s3-server.sh; without,
the tests of contents in a bucket are skipped.
Likewise kubectl and schemas, if it lacks them, see tests/kubernetes.sh; without, the tests of what
deploy/kubernetes renders to are skipped.
It publishes the silo of the version before, see tests/previous-build.sh, unless the variable
ORCHESTRA_TEST_PREVIOUS names the folder of one; the upgrade that a test rehearses begins with it.
It also installs a headless Chromium, if it may; without, the tests of the operators' page are skipped.
--sim runs the simulator with one seed, or with COUNT seeds from there, and writes what happened if
it is one. The exit code is 0 if every property held.
The last line is "N passed, N failed, N skipped". The exit code is 0 if nothing failed.
EOF
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
esac

cd "$(dirname "$0")"
# CI=true makes restore keep to the lock files, see Directory.Build.props. Their hashes say what a
# package is; asking the internet for revoked certificates takes minutes where there is none.
export CI=true NUGET_CERT_REVOCATION_MODE=offline MSBUILDDISABLENODEREUSE=1
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
# Only stdout is a log: no terminal redraws, and nothing waits for a key.
exec </dev/null

if [ "${1:-}" = --sim ]; then
  dotnet run --project tests/Orchestra.Simulator -- --seed "${2:?a seed is missing, see --help}" \
    --count "${3:-1}" $([ "${3:-1}" = 1 ] && echo --trace)
  exit
fi

solution=Orchestra.Orleans.sln
# Everything temporary of this run. PostgreSQL, which has a user of its own, must get through.
TMPDIR=$(mktemp -d -t orchestra-test.XXXXXX)
export TMPDIR
chmod 755 "$TMPDIR"
log=$TMPDIR/test.log
passed=0 failed=0 skipped=0

# Whatever ends the run, the last line is the sum. A run that ended early has failed.
finish() {
  local code=$?
  stop_servers
  rm -rf "$TMPDIR" 2>/dev/null || rm -rf "$TMPDIR"
  if [ "$code" -ne 0 ] || [ "$passed" -eq 0 ]; then failed=$((failed > 0 ? failed : 1)); fi
  echo "$passed passed, $failed failed, $skipped skipped"
  if [ "$failed" -gt 0 ]; then exit 1; fi
}
trap finish EXIT

# Sends a signal to the PostgreSQL servers that have their data in this run's folder. A server that
# ends removes its file.
signal_servers() {
  find "$TMPDIR" -name postmaster.pid -exec head -qn 1 {} + 2>/dev/null |
    xargs -r kill "-$1" 2>/dev/null
}

# Tests stop their own. This is for those of a test process that was killed.
stop_servers() {
  local tries=50
  while [ "$tries" -gt 0 ] && [ -n "$(find "$TMPDIR" -name postmaster.pid 2>/dev/null)" ]; do
    signal_servers QUIT || true
    sleep 0.1
    tries=$((tries - 1))
  done
  signal_servers KILL || true
}

has_browser() {
  { command -v chromium-headless-shell || command -v chromium; } >/dev/null
}

# Not needed by most tests: where it cannot be had, those of the operators' page are skipped.
install_browser() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then return; fi
  apt-get update &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
      chromium-headless-shell fonts-dejavu-core || true
}

has_postgres() {
  { command -v initdb && command -v postgres; } >/dev/null ||
    [ -n "$(ls /usr/lib/postgresql/*/bin/initdb 2>/dev/null)" ]
}

install_postgres() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need PostgreSQL's server programs: install them (on Debian: apt-get install" \
      "postgresql), or put the folder of initdb and postgres on the PATH."
    exit 1
  fi
  # The programs are all that is wanted: no cluster, and no server on its port.
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql
}

install_redis() {
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need redis-server on the PATH: install it (on Debian: apt-get install" \
      "redis-server)."
    exit 1
  fi
  # The program is all that is wanted: nothing is started while this file says so.
  local policy=/usr/sbin/policy-rc.d is_own=
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
    is_own=1
  fi
  apt-get update
  local code=0
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server || code=$?
  if [ -n "$is_own" ]; then rm -f "$policy"; fi
  return "$code"
}

# Adds up one column of the lines that each test project ends with:
# "Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total: …"
sum() {
  awk -v name="$1" '
    /- Failed: +[0-9]+, Passed: +[0-9]+, Skipped: +[0-9]+/ {
      sub(".*" name ": +", ""); n += $0 + 0
    }
    END { print n + 0 }' "$log"
}

has_postgres || install_postgres
command -v redis-server >/dev/null || install_redis
has_browser || install_browser
# They say themselves why there is none. They mostly wait for downloads, the build does not.
tests/vector-postgres.sh >"$TMPDIR/vector-postgres" &
vector_postgres=$!
tests/s3-server.sh >"$TMPDIR/s3-server" &
s3_server=$!
tests/kubernetes.sh >"$TMPDIR/kubernetes" &
kubernetes=$!

dotnet tool restore --verbosity quiet
dotnet restore --locked-mode --verbosity quiet "$solution"
dotnet build --no-restore -warnaserror --verbosity quiet --nologo "$solution"
# It would outlive the folder that it listens in.
dotnet build-server shutdown --vbcscompiler >/dev/null
if [ -z "${ORCHESTRA_TEST_PREVIOUS:-}" ] && [[ -z ${1:-} || $1 == *RollingUpgrade* ]]; then
  ORCHESTRA_TEST_PREVIOUS=$(tests/previous-build.sh "$TMPDIR/previous")
fi
dotnet csharpier check .

wait "$vector_postgres" || true
ORCHESTRA_TEST_VECTOR_POSTGRES=$(cat "$TMPDIR/vector-postgres")
wait "$s3_server" || true
ORCHESTRA_TEST_S3=$(cat "$TMPDIR/s3-server")
wait "$kubernetes" || true
ORCHESTRA_TEST_KUBERNETES=$(cat "$TMPDIR/kubernetes")
export ORCHESTRA_TEST_VECTOR_POSTGRES ORCHESTRA_TEST_S3 ORCHESTRA_TEST_KUBERNETES
export ORCHESTRA_TEST_PREVIOUS=${ORCHESTRA_TEST_PREVIOUS:-}

# Most processes here are over before what the compiler learns of them could pay: a tenth of the CPU.
export DOTNET_TieredPGO=0

code=0
# Runs one project's tests, all or those of a filter; mostly one project at a time, because each has
# enough to do for all cores.
run_tests() {
  local filter=${2:-}
  if [ -n "$asked" ]; then filter="($asked)${filter:+&($filter)}"; fi
  dotnet test --no-build --nologo --tl:off "tests/$1" ${filter:+--filter "$filter"} 2>&1 |
    tee -a "$log" || code=$?
}
# The same beside others, in a shell of its own; wait for it.
run_beside() {
  run_tests "$@"
  exit "$code"
}
asked=${1:-}
run_tests Orchestra.Tests
run_tests Orchestra.Tests.Cluster
# Once more what has a store behind it and does not name which, now with PostgreSQL; but for what runs
# there against a cluster below. Those with processes of their own mostly wait for them.
export ORCHESTRA_TEST_STORE=postgres
either_store='FullyQualifiedName~ImportTests|FullyQualifiedName~RolesTests'
run_beside Orchestra.Tests.Cluster "$either_store|FullyQualifiedName~BootstrapTests" &
either_store='FullyQualifiedName~.Grains.|FullyQualifiedName~.Gateway.|FullyQualifiedName~.Live.'
run_tests Orchestra.Tests "$either_store|FullyQualifiedName~EventFeedTests"
wait $! || code=$?
# And what clients can rely on, now against three sync silos and two gateways.
ORCHESTRA_TEST_SERVER=cluster run_tests Orchestra.Tests "FullyQualifiedName~.Protocol."

passed=$(sum Passed) failed=$(sum Failed) skipped=$(sum Skipped)
if [ $((passed + failed)) -eq 0 ]; then
  echo "No test ran."
  exit 1
fi
exit "$code"
