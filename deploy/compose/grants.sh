#!/usr/bin/env bash
# After each migration: the gateways' login, see gateway.sql, with the password of its connection string.
set -euo pipefail

PGPASSWORD=$(cat /run/secrets/superuser)
export PGPASSWORD PGHOST=${PGHOST:-postgres} PGUSER=postgres PGDATABASE=orchestra
password=$(sed -n 's/.*Password=\([^;]*\).*/\1/p' /run/secrets/gateway)

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file /gateway.sql
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --set password="$password" <<'SQL'
alter role orchestra_gateway password :'password';
SQL
