"""The bundled sample, loaded once per test process into a database to copy from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from geodata.cluster import Cluster
from geodata.database import Database
from tests.fixtures_db import DatabaseUrls, copied


@pytest.fixture(scope="session")
def sample_db_template(cluster: Cluster, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """The migrated database with the sample. Never connect to it: a copy needs it idle."""
    from geodata.sample.load import load_sample

    with copied(cluster, template) as found:
        database = Database(found.app, max_size=2)
        try:
            load_sample(database)
        finally:
            database.close()
        yield found


@pytest.fixture(scope="module")
def sample_town(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy of the sample for one test module."""
    with copied(cluster, sample_db_template) as found:
        yield found
