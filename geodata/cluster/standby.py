"""A streaming replica of a private cluster: made by `pg_basebackup` over the primary's unix socket, started like any other."""

from __future__ import annotations

import shutil
from pathlib import Path

from geodata.cluster import config
from geodata.cluster.layout import Account, find_binaries, private_dir, require_reachable
from geodata.cluster.lock import exclusive
from geodata.cluster.process import run_as
from geodata.cluster.server import Cluster
from kyodo_geo.errors import ConflictError, UnavailableError

APPLICATION = "kyodo-replica"


def promote(standby: Cluster) -> None:
    """Make a running standby the primary: for good, and only when the former one will not come back as such.

    Raises `ConflictError` for a cluster that is no standby.
    """
    if not (standby.layout.data / "standby.signal").exists():
        raise ConflictError(f"{standby.layout.state_dir} のデータベースは、レプリカではありません。")
    program = str(find_binaries(standby.layout.data) / "pg_ctl")
    command = [program, "promote", "-D", str(standby.layout.data), "-w", "-t", "60"]
    run_as(Account.for_server(), command, "レプリカの昇格", timeout=90)


def make_standby(primary: Cluster, state_dir: Path) -> Cluster:
    """A standby of the running `primary` in `state_dir`, not started yet: `start()` it (`ensure()` is for primaries).

    Copies every database of the server. Raises `ConflictError` when there is a cluster in `state_dir` already.
    """
    standby = Cluster(state_dir, durable=primary.durable)
    layout = standby.layout
    with exclusive(layout):
        if layout.data.exists():
            raise ConflictError(f"{layout.state_dir} には、すでにデータベースがあります。")
        if not primary.status().ready:
            raise UnavailableError("レプリカの元になるデータベースが動いていません。")
        account = Account.for_server()
        require_reachable(layout.state_dir, account)
        if layout.data_unfinished.exists():  # a copy that was interrupted
            shutil.rmtree(layout.data_unfinished)
        private_dir(layout.data_unfinished, account)
        source = f"host={primary.layout.socket_dir} user={config.SUPERUSER} application_name={APPLICATION}"
        command = [
            str(find_binaries(primary.layout.data) / "pg_basebackup"),
            f"--pgdata={layout.data_unfinished}",
            f"--dbname={source}",
            "--write-recovery-conf",
            "--wal-method=stream",
            "--checkpoint=fast",
        ]
        if not standby.durable:
            command.append("--no-sync")
        run_as(account, command, "レプリカの作成")
        layout.data_unfinished.rename(layout.data)
    return standby
