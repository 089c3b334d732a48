"""What a database must have before the schema can be made: rights, extensions, roles.

The private cluster and the compose database bring all of it. A PostGIS of an office's own may lack any: what the
schema's owner may do itself is done, the rest is asked of an administrator, as SQL and all at once.
"""

from __future__ import annotations

from sqlalchemy import Connection, text

from geodata.roles import allowed, missing_roles, quoted
from kyodo_geo.errors import UnavailableError

EXTENSIONS = ("postgis", "btree_gist")
"""PostGIS for geometry; btree_gist for periods that must not overlap."""

COLLATION = "ja-x-icu"
"""Order of Japanese names; every PostgreSQL that was built with ICU has it."""

HOME = "public"
"""Schema of the extensions and of the version table."""


def ensure(connection: Connection, login: str | None = None) -> None:
    """Create what is missing where that is allowed, in the caller's transaction.

    `login` is the role the service signs in with. Raises `UnavailableError` with the SQL that an administrator has to
    run first, or saying what the server itself lacks.
    """
    missing = [*_rights(connection), *_extensions(connection), *missing_roles(connection, login)]
    if missing:
        raise UnavailableError(
            "データベースに足りないものがあり、スキーマの所有者の権限では作れません。"
            "データベースの管理者が、このデータベースで次のSQLを実行してから、もう一度お試しください。\n"
            + "\n".join(f"{statement};" for statement in missing),
            statements=missing,
        )


def _rights(connection: Connection) -> list[str]:
    row = connection.execute(
        text(
            "SELECT current_user AS me, current_database() AS db, "
            "has_database_privilege(current_database(), 'CREATE') AS schemas, "
            f"has_schema_privilege('{HOME}', 'CREATE') AS tables"
        )
    ).one()
    missing = []
    if not row.schemas:
        missing.append(f"GRANT CREATE ON DATABASE {quoted(row.db)} TO {quoted(row.me)}")
    if not row.tables:
        missing.append(f"GRANT CREATE ON SCHEMA {HOME} TO {quoted(row.me)}")
    return missing


def _extensions(connection: Connection) -> list[str]:
    missing = []
    if not connection.scalar(text("SELECT true FROM pg_collation WHERE collname = :n"), {"n": COLLATION}):
        raise UnavailableError(
            f"データベースのサーバーに照合順序 {COLLATION} がありません。ICU 付きの PostgreSQL を使ってください。"
        )
    for name in EXTENSIONS:
        found = connection.scalar(
            text("SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = :n"), {"n": name}
        )
        if found == HOME:
            continue
        if found is not None:
            raise UnavailableError(
                f"拡張機能 {name} がスキーマ {found} に入っています。{HOME} スキーマに入れてください。"
            )
        if not connection.scalar(
            text("SELECT true FROM pg_available_extensions WHERE name = :n"), {"n": name}
        ):
            raise UnavailableError(
                f"データベースのサーバーに拡張機能 {name} がありません。"
                "PostGIS（と PostgreSQL の contrib）をサーバーにインストールしてから、もう一度お試しください。"
            )
        statement = f"CREATE EXTENSION IF NOT EXISTS {name} SCHEMA {HOME}"
        if not allowed(connection, statement):
            missing.append(statement)
    return missing
