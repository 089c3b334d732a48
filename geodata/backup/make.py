"""Making a backup while the service goes on: dump and manifest are of one snapshot."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from geodata import migrate
from geodata.backup import contents, tools
from geodata.backup.folder import (
    DUMP,
    FILES,
    FORMAT,
    MANIFEST,
    UNFINISHED,
    Backup,
    check,
    sha256,
    sync,
    thin_out,
)
from geodata.database import UNAVAILABLE
from kyodo_geo.errors import ConflictError, InputError, StorageFullError, UnavailableError

NOT_YET = "データベースにスキーマがありません。`kyodo-geo db upgrade` を実行してください。"


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be kept. `files`: (name in the backup, path). `mentioned`: files too large to be copied, told only.

    `keep`: how many whole backups stay in the folder; None: all.
    """

    owner_url: str
    target: Path
    version: str
    files: Sequence[tuple[str, Path]] = ()
    mentioned: Sequence[Path] = ()
    keep: int | None = None


def make(plan: Plan, tell: Callable[[str], None] = lambda _: None) -> tuple[Backup, list[str]]:
    """(the backup, names of older ones that went). Whole or not at all.

    Raises `UnavailableError` when the database cannot be read, `StorageFullError` when there is no room.
    """
    if plan.keep is not None and plan.keep < 1:
        raise InputError("--keep には 1 以上を指定してください。", field="keep")
    try:
        plan.target.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(plan.target):
            backup = _made(plan, tell)
            return backup, thin_out(plan.target, plan.keep, backup.folder) if plan.keep else []
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StorageFullError(
                f"バックアップの置き場所（{plan.target}）に空きがありません。途中のものは消しました。"
            ) from error
        raise UnavailableError(
            f"バックアップの置き場所（{plan.target}）に書けません（{error.strerror}）。"
        ) from error


def _made(plan: Plan, tell: Callable[[str], None]) -> Backup:
    began = datetime.now(UTC)
    final = _free_name(plan.target, began)
    folder = final.with_name(f".{final.name}{UNFINISHED}")
    try:
        (folder / FILES).mkdir(mode=0o700, parents=True)
        folder.chmod(0o700)
        told = _filled(plan, folder, began, tell)
        _write(folder / MANIFEST, json.dumps(told, ensure_ascii=False, indent=1).encode())
        sync(folder)
        folder.rename(final)
        sync(plan.target)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tell("書いたものの確認")
    return check(final)


def _free_name(target: Path, at: datetime) -> Path:
    name = f"kyodo-{at:%Y%m%dT%H%M%SZ}"
    for number in range(100):
        path = target / (f"{name}-{number}" if number else name)
        if not path.exists():
            return path
    raise ConflictError("同じ時刻のバックアップがあります。少し待って、もう一度実行してください。")


def _filled(plan: Plan, folder: Path, began: datetime, tell: Callable[[str], None]) -> dict[str, Any]:
    try:
        with psycopg.connect(plan.owner_url, row_factory=dict_row, autocommit=True) as conn:
            facts = _of_one_snapshot(conn, plan, folder, tell)
    except psycopg.errors.UndefinedTable as error:
        raise UnavailableError(NOT_YET) from error
    except psycopg.OperationalError as error:
        raise UnavailableError(UNAVAILABLE) from error
    for name, path in plan.files:
        _write(folder / FILES / name, path.read_bytes())
    listed = [folder / DUMP, *(folder / FILES / name for name, _ in plan.files)]
    return {
        "format": FORMAT,
        "made_at": began.isoformat(timespec="seconds"),
        "program": plan.version,
        **facts,
        "mentioned": [
            {"name": path.name, "bytes": path.stat().st_size} for path in plan.mentioned if path.is_file()
        ],
        "files": [
            {"name": str(path.relative_to(folder)), "bytes": path.stat().st_size, "sha256": sha256(path)}
            for path in listed
        ],
    }


def _of_one_snapshot(
    conn: psycopg.Connection[Any], plan: Plan, folder: Path, tell: Callable[[str], None]
) -> dict[str, Any]:
    major = conn.info.server_version // 10_000
    with conn.transaction():
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        version = conn.execute(f"SELECT version_num FROM public.{migrate.VERSION_TABLE}").fetchone()  # noqa: S608
        if version is None:
            raise UnavailableError(NOT_YET)
        shared = conn.execute("SELECT pg_export_snapshot() AS name").fetchone()
        assert shared is not None
        tell("データベースの書き出し")
        _, left_out = contents.tables(conn)
        given = contents.sequences(conn)
        _dump(plan.owner_url, major, shared["name"], left_out, folder / DUMP)
        tell("内容の計算")
        return {
            "schema_revision": version["version_num"],
            "server": conn.info.server_version,
            **contents.facts(conn),
            "sequences": given,
        }


def _dump(url: str, major: int, snapshot: str, left_out: Sequence[str], path: Path) -> None:
    """Our schemas; extensions and roles belong to the server, and the schema's version travels in the manifest."""
    command = [
        tools.program("pg_dump", major),
        "--format=custom",
        "--compress=6",
        f"--snapshot={snapshot}",
        "--no-password",
        "--lock-wait-timeout=60000",
        *(f"--schema={name}" for name in contents.SCHEMAS),
        *(f"--exclude-table-data={name}" for name in left_out),
    ]
    with _private(path) as out:
        tools.run(command, url, "データベースの書き出し", out=out)
    sync(path)


def _private(path: Path) -> Any:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


def _write(path: Path, content: bytes) -> None:
    with _private(path) as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def _alone(target: Path) -> Iterator[None]:
    """One backup at a time in a folder; what a killed one has left goes."""
    with (target / ".lock").open("w") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConflictError(f"{target} へのバックアップは、いま別のプログラムが作っています。") from None
        for left in target.glob(f".kyodo-*{UNFINISHED}"):
            shutil.rmtree(left, ignore_errors=True)
        yield
