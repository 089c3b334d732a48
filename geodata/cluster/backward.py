"""Back to a moment: a copy of the whole server, and the log that was kept since, replayed until then."""

from __future__ import annotations

import os
import shlex
import shutil
import time
from datetime import datetime
from pathlib import Path

import psycopg
from psycopg import sql

from geodata.cluster import config
from geodata.cluster.bootstrap import DATABASE
from geodata.cluster.layout import Account, find_binaries, private_dir, require_reachable
from geodata.cluster.lock import exclusive
from geodata.cluster.process import run_as
from geodata.cluster.server import Cluster
from kyodo_geo.errors import ConflictError, InputError, NotFoundError, UnavailableError

REPLAY_WAIT_S = 3600.0


def base_backup(cluster: Cluster, target: Path) -> None:
    """A copy of the running server in the new folder `target`, checked against its own manifest, while it goes on.

    Raises `ConflictError` when `target` is there already, `UnavailableError` when the copy fails.
    """
    if target.exists():
        raise ConflictError(f"{target} は、すでにあります。新しいフォルダーの名前を指定してください。")
    if not cluster.status().ready:
        raise UnavailableError("専用データベースが動いていません。`kyodo-geo db start` で起動してください。")
    account = Account.for_server()
    unfinished = target.with_name(f".{target.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    private_dir(unfinished, account)
    binaries = find_binaries(cluster.layout.data)
    source = f"host={cluster.layout.socket_dir} user={config.SUPERUSER}"
    command = [f"--pgdata={unfinished}", f"--dbname={source}", "--wal-method=stream", "--checkpoint=fast"]
    try:
        require_reachable(unfinished, account)
        run_as(account, [str(binaries / "pg_basebackup"), *command], "データベース全体の写し", timeout=86_400)
        run_as(account, [str(binaries / "pg_verifybackup"), str(unfinished)], "写しの確認", timeout=86_400)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def recover(
    base: Path, archive: Path, state_dir: Path, *, until: str | None = None, durable: bool = True
) -> Cluster:
    """A new cluster in `state_dir`, running, in the state of `until` (a moment with its zone; None: the end of the log).
    Nobody is signed in there.

    Neither `base` nor `archive` is changed. Raises `ConflictError` where there is a cluster already, `NotFoundError` for
    a folder that is no base backup, `InputError` for a moment that cannot be read, `UnavailableError` when the log does
    not reach it.
    """
    moment = _moment(until)
    if not (base / "backup_label").is_file():
        raise NotFoundError(f"{base} は、`kyodo-geo db base-backup` で作ったフォルダーではありません。")
    cluster = Cluster(state_dir, durable=durable)
    layout = cluster.layout
    with exclusive(layout):
        if layout.data.exists():
            raise ConflictError(f"{layout.state_dir} には、すでにデータベースがあります。")
        account = Account.for_server()
        require_reachable(layout.state_dir, account)
        shutil.rmtree(layout.data_unfinished, ignore_errors=True)
        shutil.copytree(base, layout.data_unfinished, symlinks=True)
        wanted = f"cp {shlex.quote(str(archive))}/%f %p"
        lines = [f"restore_command = {config.quoted(wanted)}", "recovery_target_action = 'promote'"]
        if moment is not None:
            lines.append(f"recovery_target_time = '{moment.isoformat()}'")
        # postgresql.conf is written anew at every start; this one is PostgreSQL's own place for what an operator sets.
        with (layout.data_unfinished / "postgresql.auto.conf").open("a", encoding="utf-8") as out:
            out.write("\n".join(lines) + "\n")
        (layout.data_unfinished / "recovery.signal").touch()
        _belongs_to(layout.data_unfinished, account)
        layout.data_unfinished.rename(layout.data)
    cluster.start()
    _wait_for_the_end(cluster)
    _forget(cluster, lines)
    _end_sign_ins(cluster)
    return cluster


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InputError(
            "戻す時点は、2026-11-26 10:30:00+09:00 のように時差まで書いてください。", field="until"
        )
    return found


def _belongs_to(folder: Path, account: Account) -> None:
    folder.chmod(0o700)
    if os.geteuid() == 0:
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, account.uid, account.gid, follow_symlinks=False)


def _wait_for_the_end(cluster: Cluster) -> None:
    deadline = time.monotonic() + REPLAY_WAIT_S
    while time.monotonic() < deadline:
        try:
            with psycopg.connect(cluster.url(config.SUPERUSER, "postgres"), autocommit=True) as conn:
                row = conn.execute("SELECT pg_is_in_recovery()").fetchone()
                if row and not row[0]:
                    return
        except psycopg.OperationalError:
            if not cluster.status().running:
                break
        time.sleep(0.1)
    raise UnavailableError(f"その時点まで戻せませんでした。記録: {cluster.layout.log}")


PASSING = ("kyodo.session", "kyodo.sign_in_link", "kyodo.pending_sign_in")


def _end_sign_ins(cluster: Cluster) -> None:
    """Sessions and links that were ended since must not come back to life: everybody signs in again."""
    with psycopg.connect(cluster.url(config.SUPERUSER, DATABASE)) as conn:
        for name in PASSING:
            row = conn.execute("SELECT to_regclass(%s)::text", (name,)).fetchone()
            if row and row[0]:  # a log may end before the schema began
                conn.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*name.split("."))))


def _forget(cluster: Cluster, lines: list[str]) -> None:
    """What was set for this recovery must not be there for the next one."""
    path = cluster.layout.data / "postgresql.auto.conf"
    kept = [line for line in path.read_text(encoding="utf-8").splitlines() if line not in lines]
    path.write_text("\n".join(kept) + "\n", encoding="utf-8")
