"""What most commands start with: the settings and an open database."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from api.settings import Settings, load_settings
from geodata.database import Database
from kyodo_geo.errors import UnavailableError


@contextmanager
def open_database(settings: Settings | None = None) -> Iterator[tuple[Settings, Database]]:
    """Yield (settings, database); the database is closed at the end.

    Raises UnavailableError, saying how to start it, when the private cluster is not running.
    """
    settings = settings or load_settings()
    cluster = settings.cluster()
    if cluster is not None and not cluster.status().ready:
        raise UnavailableError(
            "専用データベースが動いていません。"
            "`kyodo-geo up` または `kyodo-geo db start` で起動してから、もう一度実行してください。"
        )
    # Our own sentence says what is wrong; the pool's retries before it would only bury it.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    database = Database(settings.listen_url(), min_size=1, max_size=settings.database_pool_size)
    try:
        yield settings, database
    finally:
        database.close()
