"""A backup into an empty database, and the proof that it is the same."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import psycopg
from psycopg.rows import dict_row

from geodata import migrate
from geodata.audit import record
from geodata.backup import contents, tools
from geodata.backup.folder import FILES, Backup, check, reading
from geodata.database import UNAVAILABLE
from kyodo_geo.errors import ConflictError, FileFormatError, UnavailableError

NOT_OURS = (" EXTENSION ", " COMMENT - EXTENSION ", " SCHEMA - public ")
"""Entries of a dump that belong to the server's administrator."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: tables and rows, lookups that were compared, files written, and whether an upgrade is due."""

    tables: int
    rows: int
    lookups: int
    files: tuple[Path, ...]
    revision: str
    upgrade_due: bool


def readable(folder: Path, *, seal: str | None = None) -> Backup:
    """The backup if it is whole and this program can read it; looks at no database."""
    backup = check(folder, seal=seal)
    revision = str(backup.manifest["schema_revision"])
    if not migrate.knows(revision):
        raise ConflictError(
            f"このバックアップのスキーマの版（{revision}）を、この版の kyodo-geo は知りません。"
            f"新しい kyodo-geo（{backup.manifest['program']} 以降）で復元してください。"
        )
    return backup


def restore(
    backup: Backup,
    owner_url: str,
    *,
    login: str | None,
    files_to: Path,
    by: str,
    tell: Callable[[str], None] = lambda _: None,
) -> Restored:
    """Into the empty database of `owner_url`; files go below `files_to`. All tables or none.

    Raises `ConflictError` when the database is not empty, before anything is touched; `UnavailableError` when it
    cannot be reached or refuses; `FileFormatError` when what came back is not what was kept.
    """
    manifest = backup.manifest
    major = _refuse_unfit(owner_url, manifest)
    tell("ロールと拡張機能の用意")
    migrate.prepare(owner_url, login)
    tell("データベースの読み込み")
    _load(backup, owner_url, major)
    migrate.stamp(owner_url, manifest["schema_revision"])
    tell("バックアップとの比較")
    with psycopg.connect(owner_url, row_factory=dict_row) as conn:
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        found = contents.facts(conn)
    wrong = contents.differing(manifest, found)
    if wrong:
        raise FileFormatError(
            "復元したデータベースの内容が、バックアップと違います。このデータベースは使わないでください。\n"
            + "\n".join(wrong[:10]),
            differing=wrong,
        )
    written = _files(backup, files_to)
    with psycopg.connect(owner_url, row_factory=dict_row) as conn:
        conn.execute("SET search_path = kyodo, public")
        for place in manifest["municipalities"]:
            details = {"made_at": manifest["made_at"], "seal": backup.seal, "rows": _rows(manifest)}
            record(conn, place["code"], by, "backup.restore", backup.folder.name, details)
    return Restored(
        len(manifest["tables"]), _rows(manifest), len(manifest["lookups"]), written,
        manifest["schema_revision"], manifest["schema_revision"] != migrate.head(),
    )  # fmt: skip


def _rows(manifest: dict[str, Any]) -> int:
    return sum(table["rows"] for table in manifest["tables"].values())


def _refuse_unfit(owner_url: str, manifest: dict[str, Any]) -> int:
    """Major version of the server; raises where the database is not an empty one that is new enough."""
    try:
        with psycopg.connect(owner_url, autocommit=True) as conn:
            version = conn.info.server_version
            found = conn.execute(
                "SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", (list(contents.SCHEMAS),)
            ).fetchall()
    except psycopg.OperationalError as error:
        raise UnavailableError(UNAVAILABLE) from error
    if found:
        raise ConflictError(
            "復元先のデータベースが空ではありません。何も変えていません。"
            "空のデータベース（専用データベースなら、新しい KYODO_STATE_DIR）を指定してください。"
        )
    if version // 10_000 < manifest["server"] // 10_000:
        raise ConflictError(
            f"復元先の PostgreSQL（{version // 10_000}）が、バックアップのとき（{manifest['server'] // 10_000}）より古いため、"
            "復元できません。"
        )
    return version // 10_000


def _load(backup: Backup, owner_url: str, major: int) -> None:
    program = tools.program("pg_restore", major)
    listed = tools.listed(program, backup.dump)
    with NamedTemporaryFile("w", prefix="kyodo-restore-", suffix=".list") as chosen:
        chosen.writelines(
            f"{line}\n" for line in listed.splitlines() if not any(word in line for word in NOT_OURS)
        )
        chosen.flush()
        tools.run(
            [
                program,
                "--single-transaction",
                "--exit-on-error",
                "--no-owner",
                "--no-password",
                f"--use-list={chosen.name}",
                str(backup.dump),
            ],
            owner_url,
            "データベースの読み込み",
        )


def _files(backup: Backup, to: Path) -> tuple[Path, ...]:
    """The kept files beside the database; one that is there already stays, and the other is written beside it."""
    written = []
    listed = {str(file["name"]): str(file["sha256"]) for file in backup.manifest["files"]}
    for name in sorted(name for name in listed if name.startswith(f"{FILES}/")):
        path = backup.folder / name
        to.mkdir(mode=0o700, parents=True, exist_ok=True)
        goal = to / path.name
        if goal.exists():
            goal = to / f"{path.name}.{backup.folder.name}"
        try:
            with reading(path) as stream:
                content = stream.read()
        except OSError:
            content = b""
        if hashlib.sha256(content).hexdigest() != listed[name]:
            raise FileFormatError(f"バックアップの {name} が、確かめたあとで変えられました。", file=name)
        handle = os.open(goal, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(content)
        written.append(goal)
    return tuple(written)


def summary(backup: Backup) -> dict[str, Any]:
    """What a person wants to know of a backup, JSON-able."""
    told = backup.manifest
    return json.loads(
        json.dumps(
            {
                "made_at": told["made_at"],
                "program": told["program"],
                "schema_revision": told["schema_revision"],
                "tables": len(told["tables"]),
                "rows": _rows(told),
                "municipalities": told["municipalities"],
                "lookups": len(told["lookups"]),
                "bytes": sum(file["bytes"] for file in told["files"]),
                "seal": backup.seal,
            }
        )
    )
