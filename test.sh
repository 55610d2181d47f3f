#!/usr/bin/env bash
# The front door to the tests: for a person, before a commit and in CI the same.
set -euo pipefail

usage() {
  cat <<'EOF'
usage: ./test.sh [FILTER]

Builds everything with warnings as errors, checks the format, and runs the tests.
FILTER is passed to dotnet test, for example:
  ./test.sh FullyQualifiedName~Wire
The last line is "N passed, N failed, N skipped". The exit code is 0 if nothing failed.
EOF
}

case "${1:-}" in
  -h | --help) usage; exit 0 ;;
esac

cd "$(dirname "$0")"
# CI=true makes restore keep to the lock files, see Directory.Build.props. Their hashes say what a
# package is; asking the internet for revoked certificates takes minutes where there is none.
export CI=true NUGET_CERT_REVOCATION_MODE=offline
export DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_UI_LANGUAGE=en
# Only stdout is a log: no terminal redraws, and nothing waits for a key.
exec </dev/null

solution=Orchestra.Orleans.sln
log=$(mktemp)
passed=0 failed=0 skipped=0

# Whatever ends the run, the last line is the sum. A run that ended early has failed.
finish() {
  local code=$?
  rm -f "$log"
  if [ "$code" -ne 0 ] && [ "$failed" -eq 0 ]; then failed=1; fi
  echo "$passed passed, $failed failed, $skipped skipped"
  if [ "$failed" -gt 0 ]; then exit 1; fi
}
trap finish EXIT

# Adds up one column of the lines that each test project ends with:
# "Passed!  - Failed:     0, Passed:    12, Skipped:     0, Total: …"
sum() {
  awk -v name="$1" '
    /- Failed: +[0-9]+, Passed: +[0-9]+, Skipped: +[0-9]+/ {
      sub(".*" name ": +", ""); n += $0 + 0
    }
    END { print n + 0 }' "$log"
}

dotnet tool restore --verbosity quiet
dotnet restore --locked-mode --verbosity quiet "$solution"
dotnet build --no-restore -warnaserror --verbosity quiet --nologo "$solution"
dotnet csharpier check .

code=0
dotnet test --no-build --nologo --tl:off "$solution" ${1:+--filter "$1"} 2>&1 | tee "$log" || code=$?

passed=$(sum Passed) failed=$(sum Failed) skipped=$(sum Skipped)
if [ $((passed + failed)) -eq 0 ]; then
  echo "No test ran."
  exit 1
fi
exit "$code"
