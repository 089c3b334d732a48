"""One service on the bundled sample for all conformance tests, and the report they write."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from tests.api.conftest import client_of
from tests.conformance.api import Api
from tests.conformance.report import Outcome, write
from tests.fixtures_db import DatabaseUrls, copied

OUTCOMES: list[Outcome] = []


@pytest.fixture(scope="session")
def conformance_town(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy of the sample for the reading tests of this folder. Whoever writes takes a copy of their own."""
    with copied(cluster, sample_db_template) as found:
        yield found


@pytest.fixture(scope="session")
def api(conformance_town: DatabaseUrls) -> Iterator[Api]:
    """The service as the public sees it."""
    settings = Settings(
        database_url=conformance_town.app,
        owner_database_url=conformance_town.owner,
        database_pool_size=4,
    )
    with client_of(create_app(settings)) as client:
        yield Api(client)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--conformance-report", default=None, help="write the table of results to this file")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    done = outcome.get_result()
    if done.when == "call" or (done.when == "setup" and not done.passed):
        test = f"{Path(item.location[0]).name}::{getattr(item, 'originalname', item.name)}"
        OUTCOMES.extend(
            Outcome(mark.args[0], test, done.outcome) for mark in item.iter_markers("requirement")
        )


def pytest_sessionfinish(session: pytest.Session) -> None:
    target = session.config.getoption("--conformance-report", default=None)
    if target is not None:
        write(Path(target), OUTCOMES)
