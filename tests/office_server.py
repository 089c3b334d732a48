"""A PostGIS server as an office may have it: logins and databases by whatever name, nothing of ours in it."""

from __future__ import annotations

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import quote

import psycopg

from geodata.cluster.layout import Account, Layout, find_binaries, private_dir
from geodata.cluster.process import run_as
from tests.fixtures_db import new_state_dir

_numbers = itertools.count(1)


@dataclass(frozen=True)
class OfficeServer:
    """Reached through a socket in a private folder; whoever gets there may be any role."""

    socket_dir: Path

    def url(self, role: str, dbname: str) -> str:
        return f"postgresql://{role}@/{dbname}?host={quote(str(self.socket_dir), safe='')}"

    def run(self, *statements: LiteralString, dbname: str = "postgres") -> list[tuple[Any, ...]]:
        """Statements of the administrator; rows of the last."""
        with psycopg.connect(self.url("postgres", dbname), autocommit=True) as conn:
            for statement in statements:
                cursor = conn.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def new_database(self, owner: str | None = None) -> str:
        """A database with nothing in it."""
        name = f"office_{next(_numbers)}"
        with psycopg.connect(self.url("postgres", "postgres"), autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE template0 {f'OWNER {owner}' if owner else ''}")
        return name


@contextlib.contextmanager
def office_server() -> Iterator[OfficeServer]:
    """Made, started, and removed again."""
    account, binaries, folder = Account.for_server(), find_binaries(), new_state_dir()
    data, sockets = folder / "data", Layout(folder).socket_dir
    private_dir(data, account)
    private_dir(sockets, account)
    pg_ctl = [str(binaries / "pg_ctl"), "-D", str(data), "-w", "-t", "60"]
    options = (
        f"-c listen_addresses='' -c unix_socket_directories={sockets} -c fsync=off -c max_connections=30"
    )
    try:
        initdb = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        run_as(account, [str(binaries / "initdb"), "-D", str(data), *initdb], "initdb")
        run_as(account, [*pg_ctl, "-s", "-l", str(data / "log"), "-o", options, "start"], "start")
        yield OfficeServer(sockets)
    finally:
        if (data / "postmaster.pid").exists():
            run_as(account, [*pg_ctl, "-m", "immediate", "stop"], "stop")
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(sockets, ignore_errors=True)
