"""Alembic migrations. Released ones are never edited; a change is a new file."""
