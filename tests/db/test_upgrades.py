"""From every released revision, with rows in every table, to the newest: nothing is lost, and the service starts.

Three revisions in `make test`, all of them in `make test-full`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from alembic.script import ScriptDirectory
from psycopg.rows import dict_row
from starlette.testclient import TestClient

from geodata import migrate
from geodata.cluster import Cluster
from tests.api import city
from tests.db import every_table
from tests.db.kill_proxy import Proxy, Trigger
from tests.fixtures_db import DatabaseUrls, blank, copied, new_state_dir

REVISIONS = [
    script.revision
    for script in reversed(list(ScriptDirectory.from_config(migrate._config()).walk_revisions()))
]
QUICK = {REVISIONS[0], REVISIONS[len(REVISIONS) // 2], REVISIONS[-2]}


@pytest.fixture(scope="module")
def newest(cluster: Cluster, template: DatabaseUrls) -> Iterator[dict[str, Any]]:
    """The town of squares at the newest revision, as text."""
    with copied(cluster, template) as found:
        with psycopg.connect(found.superuser) as conn:
            city.build(conn)
        with psycopg.connect(found.superuser, row_factory=dict_row) as conn:
            world = every_table.world(conn)
    yield world


@pytest.mark.parametrize(
    "revision",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.full) for name in REVISIONS],
)
def test_every_row_is_there_after_the_upgrade(
    cluster: Cluster, newest: dict[str, Any], revision: str
) -> None:
    with blank(cluster) as old:
        migrate.upgrade(old.owner, revision)
        before = every_table.fill(old.superuser, newest)
        assert min(before.values()) > 0, "every table has rows"
        with psycopg.connect(old.superuser, row_factory=dict_row) as conn:
            assert every_table.orphans(conn) == []
            named = {table: every_table.key(conn, table) for table in before}
            keys = {table: every_table.keys(conn, table, by) for table, by in named.items()}

        migrate.upgrade(old.owner)

        assert migrate.current(old.owner) == migrate.head()
        assert migrate.differences(old.owner) == []
        with psycopg.connect(old.superuser, row_factory=dict_row) as conn:
            after = every_table.counts(conn)
            for table, held in keys.items():
                assert after[table] >= before[table], table
                assert held <= every_table.keys(conn, table, named[table]), table
            assert every_table.orphans(conn) == []
            unproven = conn.execute(
                "SELECT conname FROM pg_constraint WHERE NOT convalidated AND connamespace::regnamespace::text LIKE 'kyodo%'"
            ).fetchall()
            assert unproven == []
        if revision in QUICK:
            starts(old)


def starts(urls: DatabaseUrls) -> None:
    from api.app import create_app
    from api.settings import Settings

    app = create_app(Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4))
    with TestClient(app, base_url="http://127.0.0.1:8000") as client:
        app.state.services.live.wait("03201")
        assert client.get("/readyz").status_code == 200
        answer = client.post("/api/v1/lookup", json={"lon": 141.105, "lat": 39.702}).json()
        assert [found["name"] for found in answer["associations"]] == ["1-1町内会"]


@pytest.mark.full
def test_two_upgrades_at_once_take_turns(cluster: Cluster) -> None:
    with blank(cluster) as found:
        faults: list[BaseException] = []
        start = threading.Barrier(3)

        def run() -> None:
            start.wait()
            try:
                migrate.upgrade(found.owner)
            except BaseException as error:
                faults.append(error)

        threads = [threading.Thread(target=run) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(120)
        assert faults == []
        assert migrate.differences(found.owner) == []


@pytest.mark.full
@pytest.mark.parametrize("share", [0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 0.9, 0.99])
def test_an_upgrade_whose_connection_is_killed_leaves_the_old_schema_and_can_be_repeated(
    cluster: Cluster, share: float
) -> None:
    """The kill of its server process would end other tests' connections: its line is cut at the n-th message instead,
    after which the server undoes it just the same.
    """
    folder = new_state_dir()
    proxy = Proxy(folder / "p", cluster.layout.socket_dir)
    try:
        with blank(cluster) as found:
            middle = REVISIONS[len(REVISIONS) // 2]
            migrate.upgrade(found.owner, middle)
            url = proxy.url("kyodo_owner", found.name)
            total = proxy.arm(Trigger())
            with blank(cluster) as other:
                migrate.upgrade(other.owner, middle)
                migrate.upgrade(proxy.url("kyodo_owner", other.name))
            cut = proxy.arm(Trigger(max(12, int(total.seen * share)), lambda *_: proxy.cut() and None))
            with pytest.raises(Exception):  # noqa: B017 - the driver's own, or ours
                migrate.upgrade(url)
            assert cut.fired
            assert migrate.current(found.owner) == middle
            migrate.upgrade(found.owner)
            assert migrate.differences(found.owner) == []
    finally:
        proxy.close()
        (folder / "p" / ".s.PGSQL.5432").unlink(missing_ok=True)
        (folder / "p").rmdir()
        Path(folder).rmdir()
