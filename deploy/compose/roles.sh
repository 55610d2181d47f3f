#!/usr/bin/env bash
# Runs once, when the database is made: the roles, with the passwords of their connection strings. The
# first migration takes roles that are there.
set -euo pipefail

password() {
  sed -n 's/.*Password=\([^;]*\).*/\1/p' "/run/secrets/$1"
}

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username postgres --dbname orchestra \
  --set app="$(password app)" --set maintenance="$(password maintenance)" <<'SQL'
create role orchestra_migrator;
create role orchestra_app login password :'app';
create role orchestra_maintenance login password :'maintenance';
create role orchestra_readonly;
grant orchestra_maintenance to orchestra_migrator;
grant orchestra_readonly to orchestra_app;
SQL
