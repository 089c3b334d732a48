"""One process for many municipalities: a list, a place, a bounded number of indexes, and nobody disturbs anybody."""

from __future__ import annotations

import gc
import html
import re
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from starlette.routing import compile_path
from starlette.testclient import TestClient

from api import held as held_module
from api import live as live_module
from api.app import create_app
from api.live import Live
from api.settings import Settings
from bench.national.country import Place, country
from bench.national.ground import municipality
from bench.national.loading import store_municipality
from geodata.database import Database
from geodata.generations import activate
from geodata.listen import Seen
from kyodo_geo.errors import NotFoundError, UnavailableError
from kyodo_geo.lookup import LookupIndex
from tests.api.conftest import client_of
from tests.api.test_time_travel import NAMES, QUESTIONS, THINGS, public_reads
from tests.fixtures_db import DatabaseUrls, copied

PLACES = country(associations=20_000, addresses=60_000)
"""As many as in the country, but small."""
HOME, *OTHERS = PLACES[:6]
SMALL, *_, LARGE, LARGEST = sorted(OTHERS, key=lambda place: place.associations)


@pytest.fixture(scope="module")
def loaded(cluster: Any, template: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """Six municipalities of the synthetic country; nothing changes in it."""
    with copied(cluster, template) as found:
        database = Database(found.app)
        for place in (HOME, *OTHERS):
            store_municipality(database, place, municipality(place))
        database.close()
        yield found


@pytest.fixture
def cities(cluster: Any, loaded: DatabaseUrls) -> Iterator[DatabaseUrls]:
    """A copy of it for what commits."""
    with copied(cluster, loaded) as found:
        yield found


def _settings(urls: DatabaseUrls) -> Settings:
    return Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4)


@pytest.fixture(scope="module")
def client(loaded: DatabaseUrls) -> Iterator[TestClient]:
    """One service for the tests that only read."""
    with client_of(create_app(_settings(loaded))) as found:
        yield found


@pytest.fixture
def own_service(cities: DatabaseUrls) -> Iterator[TestClient]:
    """A service on a copy of the municipalities."""
    with client_of(create_app(_settings(cities))) as found:
        yield found


def within(seconds: float, check: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + seconds
    while not (good := check()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return good


def middle(place: Place) -> dict[str, float]:
    return {"lon": place.west + 0.0501, "lat": place.south + 0.0501}


@pytest.fixture
def live(loaded: DatabaseUrls, request: pytest.FixtureRequest) -> Iterator[Live]:
    """The live state alone, as the listener would have told it."""
    options = getattr(request, "param", {})
    database = Database(loaded.app)
    found = Live(database, HOME.code, retry_s=0.05, **options)
    found.start()
    for place in (HOME, *OTHERS):
        found.saw_revision(place.code, 1)
    found.set_connected(True)
    try:
        found.wait(HOME.code, 30)
        yield found
    finally:
        found.stop()
        database.close()


def test_every_municipality_answers_for_itself(live: Live) -> None:
    for place in (HOME, *OTHERS):
        answer = live.wait(place.code, 30).index.by_point(**middle(place))
        assert answer.associations, place
        assert answer.address.municipality == place.name


def test_an_index_is_let_go_of_when_there_are_too_many_and_built_again_when_asked_for(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in OTHERS[:3]:
        live.wait(place.code, 30)
    weights = live.held()
    assert set(weights) == {HOME.code, *(place.code for place in OTHERS[:3])}
    monkeypatch.setattr(live._held, "_max", sum(weights.values()))
    live.ready(OTHERS[0].code)  # used: now the second is the one unused for longest
    live.wait(OTHERS[3].code, 30)

    held = live.held()
    assert OTHERS[1].code not in held
    assert {HOME.code, OTHERS[0].code, OTHERS[3].code} <= set(held)
    assert sum(held.values()) <= sum(weights.values())
    assert live.ready(OTHERS[1].code) is None
    assert live.wait(OTHERS[1].code, 30).index.by_point(**middle(OTHERS[1])).associations


@pytest.mark.parametrize("live", [{"max_bytes": 1}], indirect=True)
def test_home_and_the_latest_stay_whatever_the_bound(live: Live) -> None:
    for place in OTHERS[:3]:
        live.wait(place.code, 30)
        assert set(live.held()) == {HOME.code, place.code}


def test_nothing_holds_what_was_let_go_of(
    live: Live, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    gone = weakref.ref(live.wait(OTHERS[0].code, 30).index)
    gc.disable()  # by its references alone: no round of the collector, which would stop every request
    request.addfinalizer(gc.enable)
    given_back = threading.Event()
    monkeypatch.setattr(live_module, "give_back", lambda: (held_module.give_back(), given_back.set()))
    monkeypatch.setattr(live._held, "_max", 1)
    live.wait(OTHERS[1].code, 30)
    assert given_back.wait(10)
    assert gone() is None


def test_a_change_of_one_rebuilds_that_one_alone(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {place.code: live.wait(place.code, 30) for place in OTHERS[:3]}
    built: list[str] = []
    original = live._put
    monkeypatch.setattr(live, "_put", lambda ready: (built.append(ready.municipality), original(ready))[1])
    ahead = before[OTHERS[0].code].revision + 1  # heard of, not in the database: it stays due
    live.saw_revision(OTHERS[0].code, ahead)
    live.saw_revision(OTHERS[4].code, ahead)  # nobody has asked for it
    assert within(10, lambda: bool(built))
    assert set(built) == {OTHERS[0].code}
    for place in OTHERS[1:3]:
        assert live.ready(place.code) is before[place.code]


@pytest.mark.parametrize("live", [{"large_rows": LARGE.associations * 5}], indirect=True)
def test_large_municipalities_being_built_keep_no_small_one_waiting(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert SMALL.associations * 8 < LARGE.associations * 5
    began, go_on = threading.Event(), threading.Event()
    original = LookupIndex.__init__

    def slow(self: LookupIndex, snapshot: Any) -> None:
        if snapshot.municipality_code != SMALL.code:
            began.set()
            assert go_on.wait(30)
        original(self, snapshot)

    monkeypatch.setattr(LookupIndex, "__init__", slow)
    try:
        for large in (LARGE, LARGEST):  # as many as there are threads
            with pytest.raises(UnavailableError):
                live.wait(large.code, 0.01)
        assert began.wait(30)
        assert live.wait(SMALL.code, 30).index.by_point(**middle(SMALL)).associations
        assert live.ready(LARGE.code) is live.ready(LARGEST.code) is None
    finally:
        go_on.set()
    assert {live.wait(large.code, 30).municipality for large in (LARGE, LARGEST)} == {
        LARGE.code,
        LARGEST.code,
    }


def test_an_unknown_municipality_is_said_to_be_and_costs_no_build(live: Live) -> None:
    with pytest.raises(NotFoundError):
        live.wait("99999")
    assert "99999" not in live._watched


def test_one_that_cannot_be_built_is_tried_again_when_it_is_asked_for_again(
    live: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = LookupIndex.__init__

    def broken(*_: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(LookupIndex, "__init__", broken)
    with pytest.raises(UnavailableError):
        live.wait(OTHERS[0].code, 30)
    monkeypatch.setattr(LookupIndex, "__init__", original)
    assert live.wait(OTHERS[0].code, 30).municipality == OTHERS[0].code


# -- revisions


def test_reading_the_revisions_again_costs_one_row_while_nothing_changes(cities: DatabaseUrls) -> None:
    seen = Seen()
    with psycopg.connect(cities.superuser, autocommit=True) as conn:
        assert dict(seen.changed(conn)).keys() == {place.code for place in (HOME, *OTHERS)}
        told: list[str] = []
        original = conn.execute
        conn.execute = lambda query, *rest: (told.append(query), original(query, *rest))[1]  # type: ignore[method-assign]
        assert seen.changed(conn) == []
        assert len(told) == 1 and "sum(revision)" in told[0]
        original(
            "UPDATE kyodo.municipality SET revision = revision + 1 WHERE municipality_code = %s", (HOME.code,)
        )
        assert [code for code, _ in seen.changed(conn)] == [HOME.code]
        assert seen.changed(conn) == []


def test_a_notice_is_not_told_twice(cities: DatabaseUrls) -> None:
    seen = Seen()
    with psycopg.connect(cities.superuser, autocommit=True) as conn:
        number = dict(seen.changed(conn))[HOME.code]
        assert not seen.heard(HOME.code, number)
        conn.execute(
            "UPDATE kyodo.municipality SET revision = revision + 1 WHERE municipality_code = %s", (HOME.code,)
        )
        assert seen.heard(HOME.code, number + 1)
        assert seen.changed(conn) == []


# -- over HTTP


def test_an_activation_leaves_the_others_revisions_generations_and_kept_answers(
    own_service: TestClient, cities: DatabaseUrls
) -> None:
    client = own_service
    paths = [f"/api/v1/districts?municipality={place.code}" for place in OTHERS[:3]]
    tags = {path: client.get(path).headers["etag"] for path in paths}
    with psycopg.connect(cities.superuser) as conn:
        state = (
            "SELECT municipality_code, revision, (SELECT max(generation_no) FROM kyodo.generation g "
            "WHERE g.municipality_code = m.municipality_code) FROM kyodo.municipality m"
        )
        before = {row[0]: row[1:] for row in conn.execute(state)}
        database = Database(cities.app, max_size=2)
        with database.read() as reading:
            row = reading.execute(
                "SELECT max(dataset_id) AS id FROM dataset WHERE municipality_code = %s AND kind = 'outline'",
                (OTHERS[0].code,),
            ).fetchone()
        assert row is not None
        activate(database, OTHERS[0].code, [row["id"]], by="test")
        database.close()
        conn.rollback()
        after = {row[0]: row[1:] for row in conn.execute(state)}
    assert {code for code in before if before[code] != after[code]} == {OTHERS[0].code}
    changed = lambda: client.get(paths[0], headers={"if-none-match": tags[paths[0]]}).status_code == 200  # noqa: E731
    assert within(2, changed)
    for path in paths[1:]:
        assert client.get(path, headers={"if-none-match": tags[path]}).status_code == 304


HOME_ONLY = {
    "the service itself": (
        "/about /api /api/v1/openapi.json /api/v1/municipalities /basemap/{z}/{x}/{y} /favicon.ico /healthz /readyz "
        "/robots.txt /leaflet/{path:path} /map-static/{path:path} /static/{path:path} /widget/v1.js /partner/widget"
    ),
    "lookup, tickets and accounts are the home city's": (
        "/login/oidc /login/oidc/return /login/code /login/enrol "
        "/lookup /embed/lookup /login /welcome /join/new /join/done /referrals/new /referrals/done"
    ),
    "papers are handed out by the home city": (
        "/associations/{association_id}/fax-sheet.pdf /associations/{association_id}/leaflet.pdf /fax-sheet.pdf "
        "/facilities/{facility_id}/close /facilities/{facility_id}/close.pdf"
    ),
    "the plan whose progress is kept is the home city's": (
        "/progress /progress/indicators/{indicator_id} /progress/initiatives/{no} /progress/report.pdf "
        "/progress/report.xlsx /progress/{name}.csv /progress/evaluation /progress/evaluation.xlsx /progress/evaluation.pdf "
        "/progress/successor /progress/successor.xlsx /progress/meetings"
    ),
    "meetings and the yearly return are the home city's": (
        "/meetings /meetings.ics /calendar/{token}.ics /returns /returns/form /returns/check /returns/copy.pdf"
    ),
}
"""Public reads that take no `municipality`, by the reason."""
PLACES_IN_PATHS = {
    **THINGS, "{tileMatrixSetId}": "WebMercatorQuad", "{tileMatrix}": "9", "{tileRow}": "1", "{tileCol}": "1",
    "{scenario_id}": "sample-none",
    "{case_id}": "c0", "{event_id}": "e0", "{size}": "480",
}  # fmt: skip
IN_HTML = re.compile(r'<(?:a|form|link)\b[^>]*?\s(?:href|action)="(/[^"#]*)')
IN_JSON = re.compile(
    r'"(?:href|manifest|geopackage|accessURL|downloadURL|homepage|@id)": ?"http://127.0.0.1:8000(/[^"#]*)'
)
IN_LISTS = re.compile(r'"(?:manifest|geopackage)": ?"(/[^"#]*)')


def test_every_public_read_takes_a_municipality_or_says_why_not(client: TestClient) -> None:
    without = {path for path, names in public_reads(client.app) if "municipality" not in names}
    assert without == {path for paths in HOME_ONLY.values() for path in paths.split()}


def test_links_of_another_municipality_stay_with_it(client: TestClient) -> None:
    code = OTHERS[0].code
    reads = dict(public_reads(client.app))
    taking = [compile_path(path)[0] for path, names in reads.items() if "municipality" in names]
    seen = set()
    for path, names in sorted(reads.items()):
        if "municipality" not in names:
            continue
        for name in NAMES.get(path, ("",)):
            address = path.replace("{name}", name or "manifest.json")
            for thing, value in PLACES_IN_PATHS.items():
                address = address.replace(thing, value)
            question = {**QUESTIONS, "/facilities/scenarios/compare.csv": "?ids=base,none"}.get(
                path, "?"
            ) + "&"
            answer = client.get(
                f"{address}{question}municipality={code}",
                headers={"accept": "text/html, application/json;q=0.9, */*;q=0.8"},
            )
            # A scenario's paper wants a scenario that this city does not have.
            assert answer.status_code in (200, 204, 404) or "{scenario_id}" in path, (
                address,
                answer.status_code,
            )
            if answer.status_code != 200:
                continue
            seen.add(path)
            kind = answer.headers["content-type"]
            if not kind.startswith(
                ("text/html", "application/json", "application/geo+json", "application/ld+json")
            ):
                continue
            text = answer.text
            found = (
                IN_HTML.findall(text) if "html" in kind else IN_JSON.findall(text) + IN_LISTS.findall(text)
            )
            # A form keeps it in a field of its own.
            forms = re.findall(r'<form\b[^>]*action="([^"]*)"(.*?)</form>', text, re.S)
            kept = {action for action, inner in forms if f'name="municipality" value="{code}"' in inner}
            lost = {
                link
                for link in map(html.unescape, found)
                if link not in kept
                and f"municipality={code}" not in link
                and any(pattern.match(link.partition("?")[0]) for pattern in taking)
            }
            assert lost == set(), address
    assert len(seen) > 60


def test_the_list_comes_page_by_page_each_once(client: TestClient) -> None:
    path: str | None = "/api/v1/municipalities?limit=4"
    found = []
    while path:
        answer = client.get(path).json()
        assert answer["total"] == 6
        found += [item["municipality"] for item in answer["municipalities"]]
        path = answer["links"][0]["href"] if answer["links"] else None
    assert found == sorted(place.code for place in (HOME, *OTHERS))


def test_the_list_is_not_sent_again_while_nothing_changes(client: TestClient) -> None:
    tag = client.get("/api/v1/municipalities").headers["etag"]
    assert client.get("/api/v1/municipalities", headers={"if-none-match": tag}).status_code == 304


def test_a_point_tells_its_municipality_from_the_outlines_that_are_loaded(client: TestClient) -> None:
    for place in (HOME, *OTHERS):
        answer = client.get(
            "/api/v1/municipalities", params={"point": f"{place.west + 0.05},{place.south + 0.05}"}
        )
        assert [item["municipality"] for item in answer.json()["municipalities"]] == [place.code]
        assert answer.headers["cache-control"] == "private, no-store"
    nowhere = client.get("/api/v1/municipalities", params={"point": "150,30"}).json()
    assert (nowhere["count"], nowhere["municipalities"]) == (0, [])


@pytest.mark.parametrize(
    "query",
    ["point=1", "point=200,1", "point=nan,1", "point=a,b", "point=1,2&cursor=00000", "limit=0", "cursor=x"],
)
def test_what_is_no_point_or_page_is_refused(client: TestClient, query: str) -> None:
    answer = client.get(f"/api/v1/municipalities?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_short_way_of_the_lookup_serves_another_municipality(client: TestClient) -> None:
    place = OTHERS[0]
    first = client.post("/api/v1/lookup", json={**middle(place), "municipality": place.code})
    again = client.post("/api/v1/lookup", json={**middle(place), "municipality": place.code})
    assert first.json() == again.json()
    assert again.json()["address"]["municipality"] == place.name
