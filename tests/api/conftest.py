"""Applications on a town of squares (`tests/api/city.py`), each test with a database of its own where it commits."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from jinja2 import Environment
from jinja2.bccache import Bucket, BytecodeCache
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from tests.api import city
from tests.api.audit_watch import watching
from tests.fixtures_db import DatabaseUrls, copied

HOST = "http://127.0.0.1:8000"
JSON = {"accept": "application/json"}
PAGE = {"accept": "text/html"}


class Compiled(BytecodeCache):
    """Templates that this process has compiled, by name and content."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once() -> Iterator[None]:
    """A service compiles its templates once; hundreds of services in one test process need not each do so."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.pages.Environment", partial(Environment, bytecode_cache=Compiled()))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_round_of_the_collector_with_each_index() -> Iterator[None]:
    """A service walks once over all that is alive when its index comes; in a test process that is a thousand services."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("api.live._settle", lambda associations, *, home: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def whoever_changes_something_leaves_an_entry() -> Iterator[None]:
    """Every form that any test sends is a proof (`tests/api/audit_watch.py`)."""
    with watching():
        yield


@contextmanager
def client_of(app: FastAPI) -> Iterator[TestClient]:
    """A client of a running application (its lifespan is open) that has its lookup index."""
    with TestClient(app, base_url=HOST, follow_redirects=False) as client:
        app.state.services.live.wait(app.state.services.settings.municipality)
        yield client


def another(client: TestClient) -> TestClient:
    """A further browser of the same running application, with cookies of its own and nobody signed in."""
    found = TestClient(client.app, base_url=HOST, follow_redirects=False)
    found.portal = client.portal  # one event loop, as one service has
    found.headers["accept"] = client.headers["accept"]
    return found


@pytest.fixture(scope="session")
def city_template(cluster: Cluster, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """The migrated database with the town of squares; copied, never connected to."""
    with copied(cluster, template) as found:
        with psycopg.connect(found.superuser) as conn:
            city.build(conn)
        yield found


@pytest.fixture
def town(cluster: Cluster, city_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy of the town for a test that commits."""
    with copied(cluster, city_template) as found:
        yield found


@pytest.fixture
def settings_for() -> Callable[..., Settings]:
    """Settings for a database, with anything overridden."""

    def make(urls: DatabaseUrls, **values: Any) -> Settings:
        return Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4, **values)

    return make


@pytest.fixture
def serve(town: DatabaseUrls, settings_for: Callable[..., Settings]) -> Iterator[Callable[..., TestClient]]:
    """Start applications on this test's own town; `serve(basemap="gsi")` overrides settings."""
    with ExitStack() as stack:
        yield lambda **values: stack.enter_context(client_of(create_app(settings_for(town, **values))))


@pytest.fixture(scope="module")
def shared_town(cluster: Cluster, city_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy of the town for the reading tests of one module."""
    with copied(cluster, city_template) as found:
        yield found


@pytest.fixture(scope="module")
def client(shared_town: DatabaseUrls) -> Iterator[TestClient]:
    """One application for the reading tests of a module."""
    settings = Settings(
        database_url=shared_town.app, owner_database_url=shared_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as found:
        yield found


@pytest.fixture
def blank_paper(monkeypatch: pytest.MonkeyPatch) -> None:
    """PDFs are blank instead of laid out (a second of a process each), for tests that do not look at them."""
    monkeypatch.setattr("api.paper.serve.render", lambda html: b"%PDF-1.7 blank")


@pytest.fixture
def visitor(serve: Callable[..., TestClient]) -> TestClient:
    """A browser without cookies on a service nobody has signed in to yet."""
    client = serve()
    client.headers["accept"] = "text/html"
    return client


def once_more(link: str) -> bool:
    """Whether a link shows in other order, portions or another binary form what a page and its text files hold whole."""
    if re.search(r"[.=](gpkg|fgb|parquet)$", link):  # made by a process of its own, half a second each
        return "association-contacts" not in link
    return link.startswith("/ogc/") and bool(
        re.search(r"[?&](sortby|cursor|offset|limit)=|/items/.*[02-9]$", link)
    )
