#!/bin/sh
# Writes PgBouncer's two files from the environment, then becomes PgBouncer. The template is the one that
# `kyodo-geo deploy pgbouncer` fills in; the password is in a file of mode 0600 in memory, never on a command line.
set -eu
umask 077
: "${DB_APP_PASSWORD:?}" "${DATABASE:?}" "${DATABASE_SERVER:?}" "${LISTEN_ADDR:?}" "${LISTEN_PORT:?}" "${AUTH_TYPE:?}"
: "${AUTH_FILE:?}" "${POOL_SIZE:?}"
template=${TEMPLATE:-/pgbouncer.ini.template}
written=${CONFIG:-/run/pgbouncer/pgbouncer.ini}
text=$(cat "$template")
for name in DATABASE DATABASE_SERVER LISTEN_ADDR LISTEN_PORT SOCKET_DIR AUTH_TYPE AUTH_FILE POOL_SIZE; do
    eval "value=\${$name-}"
    text=$(printf '%s\n' "$text" | VALUE=$value awk -v name="\${$name}" '
        { while ((at = index($0, name)) > 0)
              $0 = substr($0, 1, at - 1) ENVIRON["VALUE"] substr($0, at + length(name)); print }')
done
printf '%s\n' "$text" > "$written"
printf '"kyodo_app" "%s"\n' "$(printf '%s' "$DB_APP_PASSWORD" | sed 's/"/""/g')" > "$AUTH_FILE"
unset DB_APP_PASSWORD
exec pgbouncer "$written"
