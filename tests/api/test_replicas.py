"""Two web workers, a primary and its replica: a change shows everywhere within a second, and nothing old after it."""

from __future__ import annotations

import time
from collections.abc import Iterator

import httpx
import pytest

from geodata.database import Database
from geodata.generations import activate
from tests.api import city
from tests.api.replica_world import (
    PATHS,
    SharedCache,
    Shown,
    World,
    ask,
    client_of,
    commits,
    hammered,
    named,
    version_of,
    world,
)
from tests.fixtures_replica import Pair, eventually

SEEN_WITHIN_S = 1.0
BEHIND, AWAY, BACK = "the replica is behind", "the replica is away", "reads go to the replica"


@pytest.fixture(scope="module")
def running(running_pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    running_pair.mended()
    with world(running_pair, tmp_path_factory.mktemp("workers")) as found:
        yield found


@pytest.fixture
def here(running: World, pair: Pair) -> World:
    """The two workers, with both databases in order and both reading from the replica."""
    return running


def delays(here: World, dataset: int) -> dict[tuple[int, str], float]:
    """Seconds from the commit of an activation to the first answer with it, by worker and route."""
    with commits(here) as heard, hammered(here) as shown:
        here.activate(dataset)
        eventually(lambda: everywhere(shown, here.number))
        committed = heard.of(here.number)
    first = {
        (worker, path): min(
            s.ended for s in shown if (s.worker, s.path, s.version) == (worker, path, here.number)
        )
        for worker in range(2)
        for path in PATHS
    }
    return {key: at - committed for key, at in first.items()}


def everywhere(shown: list[Shown], version: int) -> bool:
    return len({(s.worker, s.path) for s in shown if s.version == version}) == 2 * len(PATHS)


def test_an_activation_by_the_command_line_shows_everywhere_within_a_second(here: World) -> None:
    found = delays(here, here.loaded())
    print({f"{worker} {path}": round(seconds, 3) for (worker, path), seconds in found.items()})
    assert max(found.values()) <= SEEN_WITHIN_S, found


def test_nothing_old_is_served_while_one_activation_follows_the_other(here: World) -> None:
    database = Database(here.pair.town.app, max_size=2)
    first = here.number + 1
    with commits(here) as heard, hammered(here, pause_s=0.002) as shown:
        for _ in range(6):
            activate(database, city.CODE, [here.loaded()], by="test")
            version = here.activated()
            # Half of them one upon the other, half with time to be seen.
            if version % 2:
                eventually(lambda version=version: everywhere(shown, version))  # type: ignore[misc]
        eventually(lambda: everywhere(shown, here.number))
        committed = {version: heard.of(version) for version in range(first, here.number + 1)}
    database.close()
    for one in shown:
        due = [version for version, at in committed.items() if one.began > at + SEEN_WITHIN_S]
        assert one.version >= max(due, default=first - 1), "an answer begun a second after a commit shows it"
    for worker in range(2):
        for path in PATHS:
            own = [s for s in shown if (s.worker, s.path) == (worker, path)]
            assert [s.version for s in own] == sorted(s.version for s in own), "and none goes back"
    assert len(shown) > 100


def test_a_replica_that_stands_still_holds_nothing_up(here: World) -> None:
    dataset = here.loaded()
    here.pair.pause()
    found = delays(here, dataset)
    assert max(found.values()) <= SEEN_WITHIN_S, found
    assert here.said(BEHIND) >= 2
    here.pair.resume()
    eventually(lambda: here.said(BACK) == here.said(BEHIND) + here.said(AWAY) + 2)


def test_a_shared_cache_in_front_never_serves_what_is_over(here: World) -> None:
    cache, database = SharedCache(here.workers), Database(here.pair.town.app, max_size=2)
    path = "/api/v1/associations"
    for _ in range(3):
        for _ in range(6):
            assert version_of(cache.get(path)) == here.number
        with commits(here) as heard:
            activate(database, city.CODE, [here.loaded()], by="test")
            here.activated()
            time.sleep(max(0.0, heard.of(here.number) + SEEN_WITHIN_S - time.monotonic()))
    assert version_of(cache.get(path)) == here.number
    assert cache.fetched == 4, "once per version: both workers give the same ETag"
    assert cache.confirmed == 15
    cache.close()
    database.close()


def statuses(here: World) -> set[int]:
    found = set()
    for worker in here.workers:
        with client_of(worker) as client:
            for path in (*PATHS, "/api/v1/districts", "/readyz"):
                found.add(ask(client, path).status_code)
    return found


def test_without_the_replica_everything_goes_on(here: World) -> None:
    before = here.said(AWAY)
    here.pair.standby.stop()
    dataset = here.loaded()
    found = delays(here, dataset)
    assert max(found.values()) <= SEEN_WITHIN_S, found
    assert statuses(here) == {200}
    assert here.said(AWAY) == before + 2, "one line of each worker"
    before = here.said(BACK)
    here.pair.standby.start()
    eventually(lambda: here.said(BACK) == before + 2)


def test_without_the_primary_reads_and_lookups_go_on_and_writes_are_told_to_come_again(here: World) -> None:
    pair = here.pair
    pair.caught_up()
    pair.primary.stop()
    with client_of(here.workers[0]) as client:
        eventually(lambda: client.get("/readyz").json()["status"] == "read-only")
        began = time.monotonic()
        assert statuses(here) == {200}
        assert version_of(ask(client, "/api/v1/lookup")) == here.number
        # Not kept in memory: only the replica can have answered it.
        assert client.get("/api/v1/districts?as_of=2100-01-01").status_code == 200
        assert time.monotonic() - began < 20, "a watchdog"
        refused = write_something(client)
        assert refused.status_code == 503
        assert int(refused.headers["retry-after"]) > 0
        assert statuses(here) == {200}, "and the refusal has held nothing up"
        pair.primary.start()
        eventually(lambda: client.get("/readyz").json()["status"] == "ok")
        eventually(lambda: write_something(client).status_code != 503)
    with client_of(here.workers[1]) as other:
        eventually(lambda: other.get("/readyz").json()["status"] == "ok")
    pair.mended()
    found = delays(here, here.loaded())
    assert max(found.values()) <= SEEN_WITHIN_S, "and changes are heard of as before"
    assert named(here.number) in client_of(here.workers[1]).get("/api/v1/associations").text


def write_something(client: httpx.Client) -> httpx.Response:
    """A sign-in that cannot succeed is written down all the same."""
    page = client.get("/login", headers={"accept": "text/html"})
    token = page.text.partition('name="csrf_token" value="')[2].partition('"')[0]
    return client.post(
        "/login",
        data={"csrf_token": token, "login": "nobody", "password": "x"},
        headers={"origin": "http://kyodo.test", "accept": "text/html"},
    )
