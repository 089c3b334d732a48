"""Life cycle of the private cluster: make, start, stop, ask.

Every change happens under a file lock, so two `up` started at once end with one server. A server killed with
SIGKILL is recovered by the next start; a pid file whose number now belongs to another program is removed.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from psycopg.pq import PGconn, Ping

from geodata.cluster import bootstrap, config
from geodata.cluster.layout import Account, Layout, find_binaries, private_dir, require_reachable
from geodata.cluster.lock import exclusive
from geodata.cluster.process import is_zombie, processes_in, read_pid, run_as, working_directory
from kyodo_geo.errors import UnavailableError

ORPHAN_WAIT_SECONDS = 20.0
ANSWER_WAIT_SECONDS = 60.0


@dataclass(frozen=True)
class ClusterStatus:
    """What `db status` shows. `ready` means the server accepts connections."""

    initialised: bool
    running: bool
    ready: bool
    pid: int | None
    state_dir: Path
    socket_dir: Path


class Cluster:
    """One private PostGIS server in `state_dir`.

    `durable=False` is for tests: faster, not crash safe. `archive`: where its log is kept, for going back to a moment.
    """

    def __init__(self, state_dir: Path, *, durable: bool = True, archive: Path | None = None) -> None:
        self.layout = Layout(Path(os.path.realpath(state_dir)))
        self.durable = durable
        self.archive = archive

    def url(self, role: str = config.APP_ROLE, dbname: str = bootstrap.DATABASE) -> str:
        """libpq URL of a login role: `postgres`, `kyodo_owner` or `kyodo_app`."""
        return self.layout.url(role, dbname)

    def ensure(self) -> bool:
        """Make what is missing, start the server, create roles, database and extensions.

        Returns True when this call started the server, so that the caller may stop it again.
        """
        with exclusive(self.layout):
            self._initialise()
            started = self._start()
            superuser = self.url(config.SUPERUSER, "postgres")
            bootstrap.ensure_roles(superuser)
            bootstrap.ensure_database(superuser, self.url(config.SUPERUSER))
            return started

    def start(self) -> bool:
        """Start an initialised cluster; True when it was not running before."""
        with exclusive(self.layout):
            if not self._initialised():
                raise UnavailableError(
                    "専用データベースはまだ作られていません。"
                    "`kyodo-geo up` または `kyodo-geo db start` を実行してください。"
                )
            return self._start()

    def stop(self) -> bool:
        """Stop the server, ending its sessions; True when it was running."""
        if not self._initialised():
            return False
        with exclusive(self.layout):
            if self._server_pid() is None:
                return False
            self._pg_ctl("stop", "-m", "fast", "-w", "-t", "60", what="専用データベースの停止")
            return True

    def status(self) -> ClusterStatus:
        """Look without changing anything."""
        pid = self._server_pid()
        return ClusterStatus(
            initialised=self._initialised(),
            running=pid is not None,
            ready=pid is not None and self._pid_file_says_ready(),
            pid=pid,
            state_dir=self.layout.state_dir,
            socket_dir=self.layout.socket_dir,
        )

    # -- steps; all of them run under the lock ------------------------------------------------------------

    def _initialised(self) -> bool:
        return self.layout.data.is_dir()  # it gets this name only when initdb has finished

    def _initialise(self) -> None:
        if self._initialised():
            return
        account = Account.for_server()
        require_reachable(self.layout.state_dir, account)
        binaries = find_binaries()
        unfinished = self.layout.data_unfinished
        if unfinished.exists():  # an initdb that was interrupted
            shutil.rmtree(unfinished)
        private_dir(unfinished, account)
        command = [
            str(binaries / "initdb"),
            f"--pgdata={unfinished}",
            f"--username={config.SUPERUSER}",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--auth-local=peer",
            "--auth-host=reject",
            "--data-checksums",
            "--no-instructions",
        ]
        if not self.durable:
            command.append("--no-sync")
        run_as(account, command, "専用データベースの作成")
        unfinished.rename(self.layout.data)

    def _start(self) -> bool:
        if self._runs_and_answers():
            return False
        account = Account.for_server()
        require_reachable(self.layout.state_dir, account)
        private_dir(self.layout.socket_dir, account)
        private_dir(self.layout.log, account)
        if self.archive is not None:
            private_dir(self.archive, account)
        self._write_config(account)
        self._wait_for_orphans()
        self._clear_stale_locks()
        startup_log = self.layout.log / "startup.log"
        try:
            self._pg_ctl(
                "start", "-w", "-t", "60", "-s", "-l", str(startup_log), what="専用データベースの起動"
            )
        except UnavailableError as error:
            error.message += f"\n記録: {self.layout.log}"
            raise
        return True

    def _runs_and_answers(self) -> bool:
        """Whether a server is there for us; one that is just starting or dying is waited for."""
        deadline = time.monotonic() + ANSWER_WAIT_SECONDS
        address = self.url(config.SUPERUSER, "postgres").encode()
        while self._server_pid() is not None:
            if PGconn.ping(address) == Ping.OK:
                return True
            if time.monotonic() > deadline:
                raise UnavailableError(
                    "専用データベースは動いていますが、応答しません。"
                    f"記録（{self.layout.log}）を確かめ、`kyodo-geo db stop` の後でもう一度実行してください。"
                )
            time.sleep(0.1)
        return False

    def _wait_for_orphans(self) -> None:
        """Children of a killed server leave within moments; PostgreSQL refuses to start before that."""
        deadline = time.monotonic() + ORPHAN_WAIT_SECONDS
        while pids := processes_in(self.layout.data):
            if time.monotonic() > deadline:
                raise UnavailableError(
                    "前回の専用データベースのプロセスが残っていて、起動できません"
                    f"（プロセス番号 {', '.join(map(str, pids))}）。"
                    "それらを終えてから、もう一度実行してください。",
                    pids=pids,
                )
            time.sleep(0.2)

    def _write_config(self, account: Account) -> None:
        files = {
            "postgresql.conf": config.postgresql_conf(
                self.layout, durable=self.durable, archive=self.archive
            ),
            "pg_hba.conf": config.pg_hba_conf(),
            "pg_ident.conf": config.pg_ident_conf([account.name, Account.current().name]),
        }
        for name, text in files.items():
            unfinished = self.layout.data / f"{name}.new"
            unfinished.write_text(text, encoding="utf-8")
            unfinished.chmod(0o600)
            if account.uid != os.geteuid():
                os.chown(unfinished, account.uid, account.gid)
            unfinished.rename(self.layout.data / name)

    def _pg_ctl(self, action: str, *options: str, what: str) -> None:
        binaries = find_binaries(self.layout.data)
        command = [str(binaries / "pg_ctl"), action, "-D", str(self.layout.data), *options]
        run_as(Account.for_server(), command, what, timeout=90)

    def _server_pid(self) -> int | None:
        """The server's process number, or None: the file alone proves nothing after a crash."""
        pid = read_pid(self.layout.pid_file)
        if pid is None or is_zombie(pid) or working_directory(pid) != self.layout.data:
            return None
        return pid

    def _pid_file_says_ready(self) -> bool:
        try:
            return self.layout.pid_file.read_text().splitlines()[7].strip() == "ready"
        except (OSError, IndexError):
            return False

    def _clear_stale_locks(self) -> None:
        """Remove lock files whose number is in use by another program, or by a corpse nobody has buried.

        PostgreSQL handles a number that is free; one in use makes it refuse to start for ever. Removing is
        safe because no process at all works in the data directory (see `_wait_for_orphans`).
        """
        pid = read_pid(self.layout.pid_file)
        if pid is not None and Path(f"/proc/{pid}").exists():
            self.layout.pid_file.unlink(missing_ok=True)
            self.layout.socket_lock.unlink(missing_ok=True)
