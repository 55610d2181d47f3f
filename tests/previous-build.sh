#!/usr/bin/env bash
# usage: tests/previous-build.sh FOLDER
# Publishes the silo of the version before this one in FOLDER, which it makes, and prints it: of the last
# release that git's history has (a tag v1.2.3 on an earlier commit); where there is none, or no history,
# of these sources as version 0.0.1, which then differs in nothing else. RollingUpgradeTests begins with
# it (ORCHESTRA_TEST_PREVIOUS). Nothing is built in the source tree. What it does it says on stderr.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
folder=${1:?a folder is missing}
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

source=$root version=0.0.1
if tag=$(git -C "$root" describe --tags --abbrev=0 --match 'v[0-9]*' HEAD^ 2>/dev/null); then
  source=$folder/source version=${tag#v}
  mkdir "$source"
  git -C "$root" archive "$tag" | tar -x -C "$source"
fi
echo "Publishing $source as $version." >&2
# A compiler that it shared would be shut down by whoever has started it.
dotnet publish "$source/silo" --artifacts-path "$folder/artifacts" --output "$folder/silo" \
  -p:MinVerVersionOverride="$version" -p:RunAnalyzers=false -p:UseSharedCompilation=false \
  --nologo --verbosity quiet >&2
rm -rf "$folder/artifacts" "$folder/source"
echo "$folder/silo"
