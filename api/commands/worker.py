"""`kyodo-geo worker`: runs the jobs of the queue until it is told to stop."""

from __future__ import annotations

import asyncio

import typer

from api.commands.priority import step_back
from api.settings import load_settings
from kyodo_geo.errors import UnavailableError


def worker() -> None:
    """定期的な片付けなどの仕事を実行します。SIGTERM か Ctrl-C で、今の仕事を終えてから止まります。"""
    import logging

    from api import logs
    from api.jobs.app import run

    step_back()
    settings = load_settings()
    cluster = settings.cluster()
    if cluster is not None and not cluster.status().ready:
        raise UnavailableError(
            "専用データベースが動いていません。`kyodo-geo db start` で起動するか、`kyodo-geo up` を使ってください。"
        )
    logs.configure(settings.log_level, settings.log_format)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    asyncio.run(run(settings))
    typer.echo("仕事の実行を終えました。", err=True)
