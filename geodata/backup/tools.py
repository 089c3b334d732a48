"""PostgreSQL's own programs for dumping and restoring: found, run, and their passwords kept out of the process list."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from psycopg.conninfo import make_conninfo

from geodata.cluster.layout import find_binaries
from geodata.cluster.process import ENVIRONMENT
from geodata.database import conninfo
from kyodo_geo.errors import NO_ROOM_LEFT, FileFormatError, StorageFullError, UnavailableError

NO_ROOM = "No space left on device"


def program(name: str, server_major: int) -> str:
    """Path of `pg_dump` or `pg_restore`, of the server's version or a newer one. Raises `UnavailableError`."""
    beside = Path(f"/usr/lib/postgresql/{server_major}/bin") / name
    if beside.exists():
        return str(beside)
    try:
        ours = find_binaries() / name
    except UnavailableError:
        ours = Path("/nonexistent")
    found = str(ours) if ours.exists() else shutil.which(name)
    if found is None:
        raise UnavailableError(
            f"{name} が見つかりません。PostgreSQL {server_major} のクライアント（postgresql-client-{server_major}）を"
            "インストールしてください。"
        )
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603
    major = int("".join(ch for ch in told.split(")")[-1].split(".")[0] if ch.isdigit()) or 0)
    if major < server_major:
        raise UnavailableError(
            f"{name}（PostgreSQL {major}）は、データベースの版（{server_major}）より古いため使えません。"
        )
    return found


def run(command: Sequence[str], url: str, what: str, *, out: IO[bytes] | None = None) -> str:
    """Run a program against `url` (its password goes by the environment); returns what it wrote, unless to `out`.

    Raises `UnavailableError` with the program's last words, `StorageFullError` where there was no room.
    """
    parameters = conninfo(url)
    environment = {**ENVIRONMENT, **{k: v for k, v in os.environ.items() if k.startswith("PG")}}
    environment["TMPDIR"] = tempfile.gettempdir()
    if password := parameters.pop("password", None):
        environment["PGPASSWORD"] = str(password)
    done = subprocess.run(  # noqa: S603
        [*command, f"--dbname={make_conninfo('', **parameters)}"],
        stdin=subprocess.DEVNULL,
        stdout=out or subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
        check=False,
    )
    words = done.stderr.decode("utf-8", "replace")
    if done.returncode:
        if NO_ROOM in words:
            raise StorageFullError(NO_ROOM_LEFT)
        # The first lines tell; DETAIL lines may quote a row.
        told = [line for line in words.strip().splitlines() if "DETAIL" not in line and "CONTEXT" not in line]
        raise UnavailableError(f"{what}に失敗しました。\n" + "\n".join(told[:6]))
    return "" if out is not None else done.stdout.decode("utf-8", "replace")


def listed(pg_restore: str, dump: Path) -> str:
    """The dump's table of contents. Raises `FileFormatError` for what is no dump."""
    done = subprocess.run(  # noqa: S603
        [pg_restore, "--list", str(dump)], capture_output=True, text=True, env=ENVIRONMENT, check=False
    )
    if done.returncode:
        raise FileFormatError("バックアップの中のデータベースを読めません。", file=dump.name)
    return done.stdout
