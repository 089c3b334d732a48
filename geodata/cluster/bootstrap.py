"""Roles, database and extensions of a fresh private cluster. Safe to repeat.

The schema itself and the roles readers work under (kyodo_public, kyodo_staff, kyodo_loader) belong to the
migrations, which run as `kyodo_owner`; only a superuser can create the extensions, so that is done here.
"""

from __future__ import annotations

import psycopg
from psycopg import sql

from geodata.cluster.config import APP_ROLE, OWNER_ROLE

DATABASE = "kyodo"
EXTENSIONS = ("postgis", "btree_gist", "pg_trgm")
#: kyodo_app inherits nothing: it has to `SET ROLE` to a reader's role in every transaction.
ROLE_OPTIONS = {
    OWNER_ROLE: "LOGIN NOSUPERUSER CREATEROLE CREATEDB",
    APP_ROLE: "LOGIN NOSUPERUSER NOINHERIT NOCREATEROLE NOCREATEDB",
}


def ensure_roles(superuser_url: str) -> None:
    """Create the two login roles, or bring their options back to what they should be."""
    with psycopg.connect(superuser_url, autocommit=True) as conn:
        for role, options in ROLE_OPTIONS.items():
            found = conn.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).fetchone()
            verb = "ALTER" if found else "CREATE"
            conn.execute(sql.SQL(f"{verb} ROLE {{}} {options}").format(sql.Identifier(role)))


def ensure_database(superuser_url: str, database_url: str, dbname: str = DATABASE) -> None:
    """Create the database (UTF8, C.UTF-8, owned by kyodo_owner) and its extensions where missing.

    Both URLs are a superuser's; `superuser_url` names a database that exists already.
    """
    with psycopg.connect(superuser_url, autocommit=True) as conn:
        found = conn.execute("SELECT 1 FROM pg_database WHERE datname = %s", (dbname,)).fetchone()
        if not found:
            conn.execute(
                sql.SQL(
                    "CREATE DATABASE {} OWNER {} TEMPLATE template0 ENCODING 'UTF8'"
                    " LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
                ).format(sql.Identifier(dbname), sql.Identifier(OWNER_ROLE))
            )
    with psycopg.connect(database_url, autocommit=True) as conn:
        conn.execute("SET client_min_messages = warning")
        for extension in EXTENSIONS:
            conn.execute(sql.SQL("CREATE EXTENSION IF NOT EXISTS {}").format(sql.Identifier(extension)))
