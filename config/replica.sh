#!/bin/bash
# Copies the primary the first time, then follows it as a hot standby.
set -eu
PGDATA=${PGDATA:-/var/lib/postgresql/data}
PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE")
export PGDATA PGPASSWORD
if [ ! -f "$PGDATA/standby.signal" ]; then
    find "$PGDATA" -mindepth 1 -delete
    # The slot of an earlier copy would keep the primary from removing old logs.
    psql -h "$PRIMARY" -U "$POSTGRES_USER" -d postgres -qAt -c \
        "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots
         WHERE slot_name = 'replica' AND NOT active"
    pg_basebackup -h "$PRIMARY" -U "$POSTGRES_USER" -D "$PGDATA" \
        --create-slot --slot=replica --checkpoint=fast
    chmod 700 "$PGDATA"
    touch "$PGDATA/standby.signal"
fi
# The password stays in the environment of this process, out of the data folder.
# max_connections must not be lower than the primary's.
exec postgres \
    -c hba_file="${HBA_FILE:-/etc/postgresql/pg_hba.conf}" \
    -c primary_conninfo="host=$PRIMARY user=$POSTGRES_USER application_name=replica" \
    -c primary_slot_name=replica \
    -c hot_standby_feedback=on \
    -c max_standby_streaming_delay=60s \
    -c max_connections=200 \
    -c jit=off
