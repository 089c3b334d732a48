"""SQLite files of somebody else's, read with care: no trust in their functions, and an end to every question."""

from __future__ import annotations

import sqlite3
from pathlib import Path

STEP = 10_000
"""Steps of SQLite's machine between two looks at the budget."""


def opened_safely(path: Path, *, steps: int) -> sqlite3.Connection:
    """A database of somebody else's to read: its functions are not trusted, and every question ends after so many steps.

    The budget is for the connection's whole life unless `set_progress_handler` is called anew.
    """
    conn = sqlite3.connect(
        f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )
    conn.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 64 << 20)
    conn.setlimit(sqlite3.SQLITE_LIMIT_ATTACHED, 0)
    conn.execute("PRAGMA trusted_schema = OFF")
    stop_after(conn, steps)
    return conn


def stop_after(conn: sqlite3.Connection, steps: int) -> None:
    """Let the questions from here on take so many steps together; then `sqlite3.OperationalError` (interrupted)."""
    left = [steps // STEP]

    def spend() -> int:
        left[0] -= 1
        return left[0] < 0

    conn.set_progress_handler(spend, STEP)
