"""A database object on a fresh migrated database, with 盛岡市 entered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from geodata.database import Database


@pytest.fixture
def db(db_url: str) -> Iterator[Database]:
    from tests.factories import morioka

    database = Database(db_url)
    morioka(database)
    try:
        yield database
    finally:
        database.close()
