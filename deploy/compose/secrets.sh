#!/usr/bin/env bash
# Makes deploy/secrets: passwords, and the connection strings that hold them, for deploy/compose.yaml.
# What is there stays: PostgreSQL takes the passwords over when its data is made, and only then.
set -euo pipefail

folder=$(cd "$(dirname "$0")/.." && pwd)/secrets
mkdir -p "$folder"
# The folder is closed to others; the files are read by the users of the containers.
chmod 700 "$folder"

new_password() {
  head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'
}

# NAME TEXT: a file with the text, unless there is one.
write() {
  if [ ! -e "$folder/$1" ]; then
    printf '%s' "$2" >"$folder/$1"
    chmod 444 "$folder/$1"
  fi
}

# Between containers of one machine, on a network that nothing else is on.
connection() {
  echo "Host=postgres;Database=orchestra;SSL Mode=Disable;Username=$1;Password=$2"
}

write superuser "$(new_password)"
write migrator "$(connection postgres "$(cat "$folder/superuser")")"
for role in app maintenance gateway; do
  write "$role" "$(connection "orchestra_$role" "$(new_password)")"
done
echo "$folder"
