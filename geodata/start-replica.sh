#!/bin/sh
# Start a streaming replica (docker-compose.yml, profile replica), copying the primary first where there is no copy yet.
# Settings of the server are the arguments. PRIMARY_HOST: host of the primary.
set -eu
export PGPASSWORD="${DB_REPLICA_PASSWORD:?DB_REPLICA_PASSWORD is not set}"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    rm -rf "$PGDATA.unfinished"
    # Its own name only when it is whole: a copy that was interrupted is made anew.
    pg_basebackup --pgdata="$PGDATA.unfinished" --dbname="host=$PRIMARY_HOST port=${PRIMARY_PORT:-5432} user=kyodo_replica" \
        --write-recovery-conf --wal-method=stream --checkpoint=fast --no-password
    mv "$PGDATA.unfinished" "$PGDATA"
fi
chmod 0700 "$PGDATA"
unset PGPASSWORD DB_REPLICA_PASSWORD
exec postgres -D "$PGDATA" "$@"
