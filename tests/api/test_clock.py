"""The web worker's clock jumps (libfaketime, an offset that the test changes): a day on, an hour back, over midnight.

The database keeps its own clock: sessions and links are judged by it alone, so that a worker's clock ends nobody's work.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.auth.sign_in import SignIn
from api.clock import JAPAN
from api.settings import Settings
from geodata import accounts
from geodata.cluster import Cluster
from geodata.database import Audience, Database
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.test_live import within
from tests.api.test_workers import free_port
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls, copied

QUESTION = {"lon": 141.105, "lat": 39.702}


class Jumping:
    """A running service whose clock is `offset` away from ours."""

    def __init__(self, folder: Path, urls: DatabaseUrls) -> None:
        self._offset = folder / "offset"
        self.jump(timedelta())
        self.log = folder / "log"
        library = next(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))
        port = free_port()
        settings = {
            "KYODO_DATABASE_URL": urls.app, "KYODO_OWNER_DATABASE_URL": urls.owner, "KYODO_PORT": str(port),
            "KYODO_DATABASE_POOL_SIZE": "3", "PYTHONPATH": str(ROOT), "LD_PRELOAD": str(library),
            "FAKETIME_TIMESTAMP_FILE": str(self._offset), "FAKETIME_NO_CACHE": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        }  # fmt: skip
        plain = {name: value for name, value in os.environ.items() if not name.startswith("KYODO_")}
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "api.cli", "serve"],
                cwd=ROOT, env={**plain, **settings}, stdout=out, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self.client = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False)

    def jump(self, offset: timedelta) -> None:
        """Whole or not at all: the library reads the file at every question for the time."""
        new = self._offset.with_suffix(".new")
        new.write_text(f"{offset.total_seconds():+.0f}\n")
        new.rename(self._offset)

    def ready(self) -> bool:
        assert self.process.poll() is None, self.log.read_text()
        try:
            return self.client.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def day(self) -> str:
        """The day in Japan as the service sees it."""
        day = self.client.get("/districts", headers={"accept": "text/html"})
        assert day.status_code == 200
        return day.headers["etag"]


@pytest.fixture(scope="module")
def town(cluster: Cluster, city_template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    with copied(cluster, city_template) as found:
        yield found


@pytest.fixture(scope="module")
def service(town: DatabaseUrls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jumping]:
    found = Jumping(tmp_path_factory.mktemp("clock"), town)
    try:
        assert within(240, found.ready), found.log.read_text()
        yield found
    finally:
        found.client.close()
        found.process.send_signal(signal.SIGTERM)
        try:
            found.process.wait(20)
        except subprocess.TimeoutExpired:
            found.process.kill()
            found.process.wait()


def signed_in(town: DatabaseUrls) -> dict[str, str]:
    database = Database(town.app, max_size=1)
    try:
        settings = Settings(database_url=town.app)
        with database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, city.CODE, "clock", "時計", {Role.PLANNER}, by="test")
            return {"kyodo_session": SignIn(database, settings)._open(conn, user.user_id, None)}
    finally:
        database.close()


def good(service: Jumping) -> None:
    """Lookups, pages and readiness, as ever."""
    answer = service.client.post("/api/v1/lookup", json=QUESTION)
    assert answer.json()["associations"][0]["name"] == "1-1町内会"
    assert within(60, service.ready)
    assert service.client.get("/api/v1/districts").status_code == 200


def test_a_day_on_and_an_hour_back(service: Jumping, town: DatabaseUrls) -> None:
    cookies = signed_in(town)
    before = service.day()

    def staff() -> int:
        return httpx.get(
            f"{service.client.base_url}/staff/datasets", cookies=cookies, headers={"accept": "text/html"},
            trust_env=False, timeout=60,
        ).status_code  # fmt: skip

    for offset in (
        timedelta(),
        timedelta(days=1),
        timedelta(hours=-1),
        timedelta(days=-1),
        timedelta(days=400),
        timedelta(),
    ):
        service.jump(offset)
        good(service)
        assert staff() == 200, "the database's clock says how long a session lives"
    assert service.day() == before, "back at the same moment the same answer"
    assert (
        service.client.get("/districts", headers={"if-none-match": before, "accept": "text/html"}).status_code
        == 304
    )
    assert "Traceback" not in service.log.read_text() and "failed:" not in service.log.read_text()


def test_at_midnight_in_japan_the_day_changes_for_whoever_asks_then(service: Jumping) -> None:
    here = datetime.now(JAPAN)
    midnight = (here + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    service.jump(midnight - here - timedelta(seconds=6))
    evening = service.day()
    good(service)
    deadline = time.monotonic() + 30
    while service.day() == evening:
        assert time.monotonic() < deadline, "the day did not change"
        time.sleep(0.2)
    good(service)
    service.jump(midnight - here - timedelta(seconds=600))
    assert service.day() == evening, "a clock that is set back across midnight"
    good(service)
    service.jump(timedelta())


def test_a_key_ends_by_the_workers_clock_and_works_again_when_it_is_right(
    service: Jumping, town: DatabaseUrls
) -> None:
    from geodata import partner_keys

    database = Database(town.app, max_size=1)
    try:
        with database.write(Audience.AUTH) as conn:
            until = (datetime.now(JAPAN) + timedelta(days=1)).date()
            _, key = partner_keys.issue(conn, city.CODE, "時計", by="test", expires_on=until)
    finally:
        database.close()

    def asked() -> int:
        return service.client.post(
            "/api/v1/lookup", json=QUESTION, headers={"authorization": f"Bearer {key}"}
        ).status_code

    assert asked() == 200
    service.jump(timedelta(days=3))
    assert asked() in (401, 403)
    service.jump(timedelta())
    assert asked() == 200
