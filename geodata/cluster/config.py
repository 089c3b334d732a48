"""Text of the private cluster's three configuration files, rewritten at every start."""

from __future__ import annotations

import shlex
from pathlib import Path

from geodata.cluster.layout import Layout

MAP_NAME = "kyodo"
SUPERUSER = "postgres"
OWNER_ROLE = "kyodo_owner"
APP_ROLE = "kyodo_app"
ROLES = (SUPERUSER, OWNER_ROLE, APP_ROLE)


def quoted(value: str | Path) -> str:
    """A configuration string: single quotes are doubled, backslashes too (postgresql.conf reads escapes)."""
    return "'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"


def archiving(folder: Path) -> list[str]:
    """Each finished piece of the log goes into `folder`, whole under its name or not at all, and never over another one."""
    goal, passing = (shlex.quote(f"{folder}/{name}") for name in ("%f", ".%f.passing"))
    command = (
        f"test ! -e {goal} && cp %p {passing} && sync {passing} && mv {passing} {goal} || cmp -s %p {goal}"
    )
    return ["archive_mode = on", f"archive_command = {quoted(command)}", "archive_timeout = '5min'"]


def postgresql_conf(layout: Layout, *, durable: bool, archive: Path | None = None) -> str:
    """Settings for a server of two cores and a few gigabytes that serves one application.

    `durable=False` gives up crash safety for speed and is meant for test clusters only.
    """
    lines = [
        "# Written by geodata/cluster/config.py at every start; edit there.",
        "listen_addresses = ''",
        f"unix_socket_directories = {quoted(layout.socket_dir)}",
        "unix_socket_permissions = 0700",
        "port = 5432",
        "max_connections = 80",
        "shared_buffers = 192MB",
        "effective_cache_size = 1GB",
        "work_mem = 16MB",
        "maintenance_work_mem = 128MB",
        "random_page_cost = 1.1",
        "max_worker_processes = 4",
        "max_parallel_workers = 2",
        "max_parallel_workers_per_gather = 1",
        "jit = off",
        # Of a replica: reads on it are not undone by vacuum on the primary, and hold replaying up for 5 s at most.
        "hot_standby_feedback = on",
        "max_standby_streaming_delay = '5s'",
        "max_wal_size = 1GB",
        "timezone = 'UTC'",
        "lc_messages = 'C.UTF-8'",
        "default_text_search_config = 'pg_catalog.simple'",
        "idle_in_transaction_session_timeout = '10min'",
        # Rows can hold addresses of vacant houses: a failed statement may leave neither its text, nor
        # its parameters, nor the failing row (DETAIL) in a log.
        "log_error_verbosity = terse",
        "log_min_error_statement = panic",
        "log_min_duration_statement = -1",
        "log_parameter_max_length = 0",
        "log_parameter_max_length_on_error = 0",
        "logging_collector = on",
        f"log_directory = {quoted(layout.log)}",
        "log_filename = 'postgresql-%a.log'",
        "log_truncate_on_rotation = on",
        "log_rotation_age = 1d",
        "log_rotation_size = 0",
        "log_timezone = 'Asia/Tokyo'",
    ]
    if archive is not None:
        lines += archiving(archive)
    if not durable:
        lines += ["fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off"]
    return "\n".join(lines) + "\n"


def pg_hba_conf() -> str:
    """Only the unix socket, and only operating-system users named in pg_ident.conf; replicas as the superuser."""
    rules = [f"local all all peer map={MAP_NAME}", f"local replication {SUPERUSER} peer map={MAP_NAME}"]
    return "\n".join(["# TYPE DATABASE USER METHOD", *rules]) + "\n"


def pg_ident_conf(system_users: list[str]) -> str:
    """Each given operating-system user may connect as each of our login roles; nobody else may connect."""
    lines = ["# MAPNAME SYSTEM-USERNAME PG-USERNAME"]
    for user in dict.fromkeys(system_users):
        name = '"' + user.replace('"', '""') + '"'
        lines += [f"{MAP_NAME} {name} {role}" for role in ROLES]
    return "\n".join(lines) + "\n"
