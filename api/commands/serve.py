"""`kyodo-geo serve`: the web service alone, on a database that is up and migrated."""

from __future__ import annotations

import errno
import os
import signal
import socket
import sys
from types import FrameType
from typing import TYPE_CHECKING, Annotated

import typer

from api.basemap import open_ground
from api.settings import PREFIX, Settings, load_settings
from api.zones import PUBLIC
from kyodo_geo.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from fastapi import FastAPI


def make_app() -> FastAPI:
    """What each web process builds for itself, from the environment it was started with."""
    from api.app import create_app

    keep_memory_together()
    sys.setswitchinterval(SWITCH_S)
    within = os.environ.get(TAKES_OVER)
    return create_app(load_settings(), ready_within_s=float(within) if within else None)


WORKER_WITHIN_S = 60
TAKES_OVER = "TAKES_OVER_WITHIN_S"
"""Environment of a worker that takes another one's place."""


def _no_reload(number: int, frame: FrameType | None) -> None:
    from api import logs

    logs.SERVICE.warning("not restarted: a single process cannot take its own place (KYODO_WORKERS=2)")


SWITCH_S = 0.0005
"""How long a thread that computes keeps the interpreter while others wait. A lookup asks for it three times (Python's own
5 ms would make that 15), and a page that is being made in another thread must not make lookups wait."""


LARGE = 256 * 1024
"""Bytes that are asked of the system and given back by themselves."""


def keep_memory_together() -> None:
    """One heap for all threads of this process, where the C library is glibc.

    With an arena per thread, indexes and pages that were replaced leave holes in several heaps: a worker grew from
    137 to 165 MB PSS over a few activations and stayed at 140 to 148 MB with one heap (measured on 2 cores).
    """
    import ctypes

    m_arena_max, m_mmap_threshold, m_trim_threshold = -8, -3, -1
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(m_arena_max, 1)
        # Fixed: else glibc raises both after the first large array, and what a map or a table needed for a moment stays.
        for what in (m_mmap_threshold, m_trim_threshold):
            mallopt(what, LARGE)


def settings_for_children(**overrides: object) -> Settings:
    """Settings with the command line's options, which are also put where child processes read theirs."""
    settings = load_settings(**overrides)
    for name, value in overrides.items():
        if value is not None:
            os.environ[PREFIX + name.upper()] = str(value)
    return settings


def listen(settings: Settings) -> socket.socket:
    """A bound, not yet listening socket.

    Raises InputError, saying what to set, when the address or port cannot be had.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((settings.host, settings.port))
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"ポート {settings.port} は、ほかのプログラムが使っています。"
                f"それを終えるか、別の番号を指定してください（例 KYODO_PORT={settings.port % 65535 + 1}）。",
                field="KYODO_PORT",
            ) from error
        raise InputError(
            f"{settings.host} のポート {settings.port} で待ち受けられません（{error.strerror or error}）。"
            "KYODO_HOST と KYODO_PORT を確かめてください。",
            field="KYODO_HOST",
        ) from error
    bound.set_inheritable(True)
    return bound


def inherited() -> socket.socket | None:
    """The socket that systemd holds for us (socket activation: `LISTEN_FDS`), if there is one."""
    if os.environ.get("LISTEN_PID") != str(os.getpid()) or os.environ.get("LISTEN_FDS") != "1":
        return None
    first_fd = 3
    found = socket.socket(fileno=first_fd)
    found.set_inheritable(True)
    return found


def refuse_internal_data_in_public(settings: Settings) -> None:
    """One sentence here instead of a trace from every process (`create_app` looks again)."""
    if settings.zone == PUBLIC:
        from geodata.database import Database
        from geodata.publishing.check import refuse_internal_data

        database = Database(settings.app_url(), max_size=2)
        try:
            refuse_internal_data(database)
        finally:
            database.close()


def serve(
    host: Annotated[str | None, typer.Option(help="待ち受けるアドレス")] = None,
    port: Annotated[int | None, typer.Option(help="待ち受けるポート番号")] = None,
    workers: Annotated[int | None, typer.Option(help="プロセスの数")] = None,
) -> None:
    """画面と API に答えます。データベースは動いていて、スキーマが新しいことが必要です。"""
    from api.metrics_page import serving

    settings = settings_for_children(host=host, port=port, workers=workers)
    cluster = settings.cluster()
    if cluster is not None and not cluster.status().ready:
        raise UnavailableError(
            "専用データベースが動いていません。"
            "`kyodo-geo db start` で起動するか、`kyodo-geo up` を使ってください。"
        )
    open_ground(
        settings
    ).close()  # a faulty file ends us here, with one sentence, not every process with a trace
    refuse_internal_data_in_public(settings)
    bound = inherited() or listen(settings)
    with serving(settings):
        run(settings, bound)


def run(settings: Settings, bound: socket.socket) -> None:
    """Answer on the socket until told to end."""
    import uvicorn

    from api.http_limits import MAX_CONNECTIONS, BoundedProtocol
    from api.logs import configure, uvicorn_log_config

    configure(settings.log_level, settings.log_format)
    config = uvicorn.Config(
        "api.commands.serve:make_app",
        factory=True,
        workers=settings.workers,
        http=BoundedProtocol,
        ws="none",
        limit_concurrency=MAX_CONNECTIONS,
        # Request lines hold addresses people asked about; the service writes its own log without them.
        log_config=uvicorn_log_config(settings.log_level, settings.log_format),
        access_log=False,
        server_header=False,
        # Who the peer is must be known before its word about the caller is taken (api/requests.py).
        proxy_headers=False,
        timeout_graceful_shutdown=settings.shutdown_seconds,
        lifespan="on",
    )
    from api.supervisor import Alone, Workers

    if settings.workers > 1:
        Workers(config, [bound]).run()
    else:
        signal.signal(signal.SIGHUP, _no_reload)
        server = Alone(config)
        server.run(sockets=[bound])
        if not server.started:
            raise typer.Exit(1)
