"""Cursors that tell somebody what is asked of the database, by the name of the function that asks.

Never by the text: a statement put together with `psycopg.sql` holds values. Without a watcher none of this is used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import FrameType
from typing import Any

import psycopg
from psycopg.rows import DictRow

Watcher = Callable[[str], AbstractContextManager[None]]
"""Called with a name around each statement."""
DEPTH = 12


def asker() -> str:
    """`module.function` of ours that asks; "database" where it cannot be told."""
    frame: FrameType | None = sys._getframe(1)
    for _ in range(DEPTH):
        if frame is None:
            break
        module = frame.f_globals.get("__name__", "")
        if module.startswith(("geodata.", "api.")) and module not in (__name__, "geodata.database"):
            return f"{module}.{frame.f_code.co_name}"
        frame = frame.f_back
    return "database"


def cursor_class(watcher: Watcher) -> type[psycopg.Cursor[DictRow]]:
    """A cursor whose statements `watcher` sees."""

    class Watched(psycopg.Cursor[DictRow]):
        def execute(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            with watcher(asker()):
                return super().execute(query, *args, **kwargs)

        def executemany(self, query: Any, *args: Any, **kwargs: Any) -> Any:
            with watcher(asker()):
                return super().executemany(query, *args, **kwargs)

    return Watched
