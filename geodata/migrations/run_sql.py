"""Run a `.sql` file of this folder as it stands."""

from __future__ import annotations

from pathlib import Path

from alembic import op

_SQL = Path(__file__).resolve().parent / "sql"


def run_sql(name: str) -> None:
    """Send the file to the server in the migration's transaction.

    Straight to psycopg: SQLAlchemy would read `%` and `:` in function bodies as parameters.
    """
    run_statement((_SQL / name).read_text(encoding="utf-8"))


def run_statement(statement: str) -> None:
    """One or several statements, without parameters."""
    driver = op.get_bind().connection.driver_connection
    assert driver is not None
    driver.execute(statement)
