#!/bin/sh
# Run once by the PostGIS image in a new database (docker-compose.yml): the role that may stream the log to a replica.
# Without DB_REPLICA_PASSWORD there is none. The password comes from the environment, so that it stands nowhere else.
if [ -n "${DB_REPLICA_PASSWORD:-}" ]; then
    psql -v ON_ERROR_STOP=1 --no-psqlrc --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
\getenv replica_password DB_REPLICA_PASSWORD
CREATE ROLE kyodo_replica LOGIN REPLICATION NOSUPERUSER NOINHERIT NOCREATEDB NOCREATEROLE PASSWORD :'replica_password';
SQL
    echo "host replication kyodo_replica samenet scram-sha-256" >> "$PGDATA/pg_hba.conf"
fi
