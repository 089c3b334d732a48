"""A real service on loopback with the bundled sample, and headless Chromium in front of it.

Without Chromium these tests fail; they are never skipped.
"""

from __future__ import annotations

import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from api.app import create_app
from api.auth.tokens import digest, new_token
from api.settings import Settings
from geodata import accounts, sessions
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from kyodo_geo.roles import Role
from tests.browser.pages import Site
from tests.fixtures_db import DatabaseUrls, copied

# The same engine twice: the shell has no desktop around it, and a page costs a quarter of the processor time.
PROGRAMS = (Path("/usr/bin/chromium-headless-shell"), Path("/usr/bin/chromium"))
CHROMIUM = Path(
    os.environ.get("KYODO_TEST_CHROMIUM") or next((path for path in PROGRAMS if path.exists()), PROGRAMS[0])
)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-gpu",
]


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(urls: DatabaseUrls, **values: Any) -> Iterator[str]:
    """A running service on a port of its own; yields its address."""
    port = free_port()
    settings = Settings(
        database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4, port=port, **values
    )
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), host="127.0.0.1", port=port, log_config=None, lifespan="on")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 60
    while True:
        try:
            if httpx.get(f"{address}/readyz", trust_env=False).is_success:
                break
        except httpx.TransportError:
            pass
        if time.monotonic() > deadline:
            raise AssertionError("the service does not become ready")
        time.sleep(0.1)
    try:
        yield address
    finally:
        server.should_exit = True
        thread.join(timeout=30)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of this process."""
    if not CHROMIUM.exists():
        pytest.fail(f"{CHROMIUM} is missing: run `make setup-test` (Debian's package {CHROMIUM.name})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def sample_city(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy of the sample that the browser tests only read."""
    with copied(cluster, sample_db_template) as found:
        yield found


@pytest.fixture(scope="session")
def site(sample_city: DatabaseUrls) -> Iterator[Site]:
    """The service without a base map."""
    with served(sample_city) as address:
        yield Site(address)


@pytest.fixture(scope="session")
def gsi_site(sample_city: DatabaseUrls) -> Iterator[Site]:
    """The service with tiles of 国土地理院 (never reached from here: requests are answered by the test)."""
    with served(sample_city, basemap="gsi") as address:
        yield Site(address)


@pytest.fixture(scope="session")
def office_city(cluster: Cluster, sample_db_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """One copy of the sample for the modules that write to it and leave it as they found it."""
    with copied(cluster, sample_db_template) as found:
        yield found


@pytest.fixture(scope="session")
def office(office_city: DatabaseUrls) -> Iterator[Site]:
    """The service on it."""
    with served(office_city) as address:
        yield Site(address)


@pytest.fixture(scope="session")
def office_database(office_city: DatabaseUrls) -> Iterator[Database]:
    """What its worker and its sign-in use."""
    found = Database(office_city.app, max_size=3)
    yield found
    found.close()


OpenContext = Callable[..., BrowserContext]
SignedIn = Callable[..., Page]
_users = itertools.count(1)


@contextmanager
def contexts(chromium: Browser) -> Iterator[OpenContext]:
    """Fresh browser contexts (cookies, viewport, media), closed at the end; Japanese, 1280 × 900 unless told."""
    with ExitStack() as stack:

        def make(**options: Any) -> BrowserContext:
            options.setdefault("viewport", {"width": 1280, "height": 900})
            context = chromium.new_context(locale="ja-JP", **options)
            context.set_default_timeout(15_000)
            stack.callback(context.close)
            return context

        yield make


@pytest.fixture
def new_context(chromium: Browser) -> Iterator[OpenContext]:
    """The same for one test."""
    with contexts(chromium) as make:
        yield make


@pytest.fixture
def signed_in(office: Site, office_database: Database, new_context: OpenContext) -> SignedIn:
    """`signed_in(role, path, **context)`: the browser of a new user of the office at a page."""

    def make(role: Role, path: str, **options: Any) -> Page:
        token = new_token()
        with office_database.write(Audience.AUTH) as conn:
            login = f"{role.value}-{next(_users)}"
            user = accounts.add_user(conn, "03201", login, "企画 花子", {role}, by="test")
            sessions.open_session(conn, "03201", digest(token), user.user_id, new_token(), hours=1)
        context = new_context(**options)
        context.add_cookies([{"name": "kyodo_session", "value": token, "url": office.address}])
        page = context.new_page()
        page.goto(office.url(path))
        return page

    return make


@pytest.fixture
def page(new_context: OpenContext) -> Page:
    """One page at 1280 px."""
    return new_context().new_page()
