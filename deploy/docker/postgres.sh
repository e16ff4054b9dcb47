#!/bin/bash
# Makes a role and a database of the same name for everybody named in JEJAK_USERS; runs once, when the data folder is empty.
# The password of `some-name` stands in the variable SOME_NAME_DATABASE_PASSWORD.
set -euo pipefail

for name in ${JEJAK_USERS:?}; do
    variable="$(echo "$name" | tr 'a-z-' 'A-Z_')_DATABASE_PASSWORD"
    psql --no-psqlrc --set ON_ERROR_STOP=1 --set name="$name" --set password="${!variable:?}" --username "$POSTGRES_USER" --dbname postgres <<'END'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
END
done
