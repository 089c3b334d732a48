"""What systemd is told, by one web process or by several on one socket: uvicorn's own parent process, with an order for
starting, taking over and ending.

SIGHUP (`systemctl reload kyodo-geo`) starts the workers anew one by one, of the installation that was started: where each
version has a folder of its own (`.ci/bundle/install.sh`), another version needs a restart. The new one must be able to
answer everything before the old one is told to end; else it goes and the old ones stay.
"""

from __future__ import annotations

import os
import socket

import uvicorn
from uvicorn.supervisors import Multiprocess

from api import logs, notify
from api.commands.serve import TAKES_OVER, WORKER_WITHIN_S


class Alone(uvicorn.Server):
    """A single process: it tells systemd itself."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            notify.ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        notify.stopping()
        await super().shutdown(sockets)


class Workers(Multiprocess):
    def init_processes(self) -> None:
        super().init_processes()
        if notify.wanted() and all(
            process.wait_until_ready(WORKER_WITHIN_S, self.should_exit) for process in self.processes
        ):
            notify.ready()

    def restart_all(self) -> None:
        os.environ[TAKES_OVER] = str(WORKER_WITHIN_S)
        usual, self.config.timeout_worker_healthcheck = (
            self.config.timeout_worker_healthcheck,
            WORKER_WITHIN_S,
        )
        before = [process.pid for process in self.processes]
        try:
            super().restart_all()
        finally:
            del os.environ[TAKES_OVER]
            self.config.timeout_worker_healthcheck = usual
        kept = [process.pid for process in self.processes if process.pid in before]
        if not kept:
            logs.SERVICE.info("all %d workers have been replaced", len(before))
        elif not self.should_exit.is_set():
            logs.SERVICE.error(
                "%d of %d workers were not replaced: the new one was not ready", len(kept), len(before)
            )

    def terminate_all(self) -> None:
        notify.stopping()
        super().terminate_all()
        # Else connections that nobody will take wait here until we end.
        for listening in self.sockets:
            listening.close()
