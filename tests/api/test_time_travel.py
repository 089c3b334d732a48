"""`as_of` on every public read: walked over the routes, and proved by bytes before and after a second generation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from starlette.testclient import TestClient

from api.access_table import ACCESS, EVERYBODY
from api.clock import JAPAN, today
from api.past_lookup import PAUSE_S
from kyodo_geo.errors import UnavailableError
from tests.api import city
from tests.api.conftest import PAGE
from tests.fixtures_db import DatabaseUrls

Serve = Callable[..., TestClient]

REACH = "道のりの配列は現在の世代のものだけを計算して置く（年は year で選ぶ）"
SCENARIO = "シナリオは保存のたびに版になる記録で、世代ではない"
YEARLY = "年度ごとに入力する記録で、年度は fiscal_year で選ぶ。前の状態は操作の記録にある"
EVENTS = "日付のある催しの記録で、公開をやめたものは、過去の日を指定しても出さない"
LISTED = "公開をやめた空き家は、過去の日を指定しても出さない"
FUTURE = "これからの年度に閉じる場合の見通し"
PAPER = "手渡すための紙で、いつも今の内容"
FORM = "入力の欄だけで、データの数値はない"
SERVICE = "サービスそのもののこと"
NAMED = "世代を番号で名指しする"

CASES = "公開をやめた活動事例は、過去の日を指定しても出さない"
OWN = "1 つの団体が自分の回答を書くところ"
MEETINGS = "これから開く会議の予定で、世代ではない"

EXCEPTIONS = {
    "/cases/feed.atom": CASES,
    "/cases/{case_id}/photos/{no}-{size}.jpg": CASES,
    "/handbooks/feed.atom": CASES,
    "/subsidy-information/feed.atom": CASES,
    "/returns": OWN,
    "/returns/form": OWN,
    "/returns/check": OWN,
    "/returns/copy.pdf": OWN,
    "/meetings": MEETINGS,
    "/meetings.ics": MEETINGS,
    "/calendar/{token}.ics": MEETINGS,
    "/events": EVENTS,
    "/events.csv": EVENTS,
    "/events.atom": EVENTS,
    "/events/{event_id}": EVENTS,
    "/api/v1/events": EVENTS,
    "/centres/consultations": YEARLY,
    "/centres/consultations.csv": YEARLY,
    "/api/v1/consultations": YEARLY,
    "/listed-houses": LISTED,
    "/listed-houses.csv": LISTED,
    "/api/v1/listed-houses": LISTED,
    "/facilities": REACH,
    "/facilities/gaps": REACH,
    "/facilities/closing": REACH,
    "/maps/facility-list.js": REACH,
    "/maps/facility-gaps.js": REACH,
    "/downloads/facility-list.csv": REACH,
    "/downloads/facility-list.geojson": REACH,
    "/downloads/facility-gaps.csv": REACH,
    "/downloads/facility-gaps.geojson": REACH,
    "/downloads/facility-closing.csv": REACH,
    "/api/v1/facilities/gaps": REACH,
    "/api/v1/facilities/closing": REACH,
    "/facilities/{facility_id}/close": FUTURE,
    "/facilities/{facility_id}/close.pdf": FUTURE,
    "/facilities/scenarios": SCENARIO,
    "/facilities/scenarios/compare": SCENARIO,
    "/facilities/scenarios/compare.csv": SCENARIO,
    "/facilities/scenarios/{scenario_id}": SCENARIO,
    "/facilities/scenarios/{scenario_id}/map.js": SCENARIO,
    "/facilities/scenarios/{scenario_id}/figures.csv": SCENARIO,
    "/facilities/scenarios/{scenario_id}/report.pdf": SCENARIO,
    "/api/v1/facilities/scenarios": SCENARIO,
    "/api/v1/facilities/scenarios/{scenario_id}": SCENARIO,
    "/api/v1/initiatives": YEARLY,
    "/api/v1/indicators": YEARLY,
    "/progress": YEARLY,
    "/progress/indicators/{indicator_id}": YEARLY,
    "/progress/initiatives/{no}": YEARLY,
    "/progress/{name}.csv": YEARLY,
    "/progress/report.xlsx": YEARLY,
    "/progress/report.pdf": YEARLY,
    "/progress/evaluation": YEARLY,
    "/progress/evaluation.xlsx": YEARLY,
    "/progress/evaluation.pdf": YEARLY,
    "/progress/successor": YEARLY,
    "/progress/successor.xlsx": YEARLY,
    "/progress/meetings": YEARLY,
    "/associations/{association_id}/leaflet.pdf": PAPER,
    "/associations/{association_id}/fax-sheet.pdf": PAPER,
    "/fax-sheet.pdf": PAPER,
    "/lookup": FORM,
    "/embed/lookup": FORM,
    "/partner/widget": FORM,
    "/referrals/new": FORM,
    "/referrals/done": FORM,
    "/join/new": FORM,
    "/join/done": FORM,
    "/login": FORM,
    "/login/oidc": FORM,
    "/login/oidc/return": FORM,
    "/login/code": FORM,
    "/login/enrol": FORM,
    "/welcome": FORM,
    "/opendata/generations/{no}": NAMED,
    "/opendata/generations/{no}/{name}": NAMED,
    "/api/v1/municipalities": SERVICE,
    "/about": SERVICE,
    "/api": SERVICE,
    "/api/v1/openapi.json": SERVICE,
    "/widget/v1.js": SERVICE,
    "/healthz": SERVICE,
    "/readyz": SERVICE,
    "/robots.txt": SERVICE,
    "/favicon.ico": SERVICE,
    "/basemap/{z}/{x}/{y}": SERVICE,
    "/static/{path:path}": SERVICE,
    "/map-static/{path:path}": SERVICE,
    "/leaflet/{path:path}": SERVICE,
}
"""Public reads that take no `as_of`, with the reason (docs/OPEN_DATA.md has them in words)."""


def asked_of(dependant: Any) -> set[str]:
    """Names of the query parameters of a route."""
    found: set[str] = set()
    for param in dependant.query_params:
        fields = getattr(param.field_info.annotation, "model_fields", None)
        found |= {param.alias} if fields is None else set(fields)
    for inner in dependant.dependencies:
        found |= asked_of(inner)
    return found


def public_reads(app: FastAPI) -> Iterator[tuple[str, set[str]]]:
    """Path and query parameters of every GET that is open to everybody."""
    for context in iter_route_contexts(app.routes):
        path = context.path or ""
        if context.methods is None:
            path += "/{path:path}"
        if ACCESS.get(("GET", path)) == EVERYBODY and "GET" in (context.methods or {"GET"}):
            route = context.original_route
            yield path, asked_of(route.dependant) if isinstance(route, APIRoute) else set()


def test_every_public_read_takes_as_of_or_says_why_not(client: TestClient) -> None:
    reads = dict(public_reads(client.app))
    without = {path for path, names in reads.items() if "as_of" not in names}
    assert len(reads) > 80
    assert without == set(EXCEPTIONS)


def test_the_description_of_the_api_says_the_same(client: TestClient) -> None:
    """By OpenAPI: one name, one form, one sentence."""
    for path, methods in client.get("/api/v1/openapi.json").json()["paths"].items():
        if "get" not in methods or ACCESS.get(("GET", path)) != EVERYBODY:
            continue
        (found,) = [p for p in methods["get"].get("parameters", []) if p["name"] == "as_of"] or [None]
        assert (found is None) == (path in EXCEPTIONS), path
        if found is not None:
            assert found["in"] == "query" and not found["required"]
            assert {"type": "string", "format": "date"} in found["schema"]["anyOf"], path
            assert "この日" in found["description"] or "日" in found["schema"].get("description", "")


THINGS = {
    "{no}": "1", "{association_id}": "a11", "{facility_id}": "f1", "{collection_id}": "districts", "{feature_id}": "1",
    "{record_id}": "districts",
}  # fmt: skip
NAMES = {
    "/downloads/{name}.csv": ("plan-adoption", "membership", "projects", "facility-coverage", "facilities"),
    "/downloads/{name}.geojson": (
        "plan-adoption",
        "membership",
        "projects",
        "facility-coverage",
        "facilities",
    ),
    "/maps/{name}.js": ("plan-adoption", "membership", "projects", "facility-coverage"),
    "/embed/maps/{name}": ("plan-adoption", "membership", "projects", "facility-coverage"),
    "/opendata/standard/{name}.csv": ("public_facility",),
}
QUESTIONS = {"/api/v1/lookup": "?lon=141.105&lat=39.702"}
PAPERS = (".pdf",)
"""Their bytes carry the day of printing."""


def addresses(app: FastAPI) -> list[str]:
    found = []
    for path, names in public_reads(app):
        # The small city has no case; its page takes the day for its links alone.
        if "as_of" not in names or path.endswith(PAPERS) or "{case_id}" in path:
            continue
        for thing, value in THINGS.items():
            path = path.replace(thing, value)
        found += [
            path.replace("{name}", name)
            for name in NAMES.get(path, ("",))
            if "Matrix" not in path and not path.endswith("/tiles")
        ]
    return [path + QUESTIONS.get(path, "") for path in sorted(found)]


def plain(body: bytes) -> str:
    """A body without what names the version of a script, and without `as_of` in links that keep it."""
    text = re.sub(r"([?&;])v=[A-Za-z0-9_-]{22}", r"\1v=", body.decode())
    text = re.sub(r'"revision":[0-9]+', '"revision":', text)
    text = re.sub(r"[0-9]{4}-[0-9-]{5}T[0-9:.]{8,15}Z", "the moment", text)
    text = re.sub(r'<input type="hidden" name="as_of"[^>]*>\s*', "", text)
    text = re.sub(r"as_of=[0-9-]{10}(?:&amp;|&)?", "", text)
    return re.sub(r'(?:\?|&amp;|&)(?=["\s#])|\?(?=v=)|(?<=\?)&(?:amp;)?', "", text)


def second_generation(urls: DatabaseUrls) -> None:
    """Everything anew: other names, areas, figures; active from now on."""
    with psycopg.connect(urls.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        town = city.Builder(conn)
        old = {
            row[0]: row[1]
            for row in conn.execute(
                "SELECT kind, dataset_id FROM generation_dataset WHERE municipality_code = '03201'"
            )
        }
        for kind in old:
            town.dataset(kind, city.KINDS.get(kind, "real"), title=f"新しい{kind}")
        for table, kind, change in (
            ("outline", "outline", {}),
            ("small_area", "small-areas", {"people": "people + 10", "households": "households + 5"}),
            ("district_assignment", "district-assignment", {}),
            ("district_area", "districts", {"name": "'改名' || district_no"}),
            ("association_area", "associations", {"name": "'新' || name"}),
            ("membership", "membership", {"member_households": "member_households - 1"}),
            ("facility_site", "facilities", {"name": "'新' || name", "capacity": "99"}),
            ("town", "towns", {}),
            ("address_rule", "association-rules", {}),
            ("association_district", "association-districts", {}),
        ):
            columns = [
                row[0]
                for row in conn.execute(
                    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'kyodo' AND table_name = %s "
                    "AND is_generated = 'NEVER' AND is_identity = 'NO' ORDER BY ordinal_position",
                    (table,),
                )
            ]
            if not columns:
                continue
            given = ", ".join(
                str(town.ids[kind]) if name == "dataset_id" else change.get(name, name) for name in columns
            )
            conn.execute(
                f"INSERT INTO {table} ({', '.join(columns)}) SELECT {given} FROM {table} "
                f"WHERE municipality_code = '03201' AND dataset_id = {old[kind]}"
            )
        town.activate()


def test_an_answer_as_of_a_day_is_what_was_served_on_that_day(
    serve: Serve, town: DatabaseUrls, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve(embed_origins="https://www.city.example.lg.jp")
    asked = addresses(client.app)
    assert len(asked) > 30
    day = today() - timedelta(days=3)
    with monkeypatch.context() as clock:
        clock.setattr("api.clock.now", lambda: datetime(day.year, day.month, day.day, 12, tzinfo=JAPAN))
        before = {path: client.get(path, headers=PAGE) for path in asked}
    assert {answer.status_code for answer in before.values()} == {200}, [
        p for p in asked if before[p].status_code != 200
    ]

    second_generation(town)
    live = client.app.state.services.live
    with live._changed:  # the notice of the activation has come and the index of today is another one
        assert live._changed.wait_for(lambda: live.ready("03201").generation_no == 2, timeout=20)
    now = {path: client.get(path, headers=PAGE) for path in asked}
    then = {
        path: client.get(f"{path}{'&' if '?' in path else '?'}as_of={day.isoformat()}", headers=PAGE)
        for path in asked
    }
    changed = [path for path in asked if plain(now[path].content) != plain(before[path].content)]
    assert len(changed) > 25, "the second generation shows"
    for path in asked:
        assert then[path].status_code == 200, path
        assert plain(then[path].content) == plain(before[path].content), path
        assert (
            then[path].headers.get("etag") is None or then[path].headers["etag"] != now[path].headers["etag"]
        )


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_earlier_lookups_cannot_be_used_to_keep_a_service_busy(serve: Serve, town: DatabaseUrls) -> None:
    """One generation is kept; the next one is built after a pause; the present day never waits."""
    client = serve()
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        again = city.Builder(conn)
        rows = conn.execute(
            "SELECT kind, dataset_id FROM generation_dataset WHERE municipality_code = '03201'"
        )
        again.ids = dict(rows.fetchall())
        again.activate("now() - interval '100 days'")
        again.activate("now()")
    services = client.app.state.services
    current = services.live.wait("03201")
    clock = Clock()
    services.past._clock = clock
    services.past._built_at = -PAUSE_S
    present = today()
    first, second = present - timedelta(days=200), present - timedelta(days=50)
    current = type(current)("03201", current.revision, 3, current.day, current.index, current.credit)
    assert services.past.get("03201", present, current) is current
    one = services.past.get("03201", first, current)
    assert one.generation_no == 1
    assert services.past.get("03201", first, current) is one
    with pytest.raises(UnavailableError):
        services.past.get("03201", second, current)
    answer = client.get("/api/v1/lookup", params={"lon": 141.105, "lat": 39.702, "as_of": second.isoformat()})
    assert answer.status_code in (200, 503)
    clock.now += PAUSE_S
    assert services.past.get("03201", second, current).generation_no == 2
    assert client.get("/api/v1/lookup", params={"lon": 141.105, "lat": 39.702}).status_code == 200
    too_early = {"lon": 141.105, "lat": 39.702, "as_of": "1999-01-01"}
    assert client.post("/api/v1/lookup", json=too_early).status_code == 404
    assert client.get("/api/v1/lookup", params=too_early).status_code == 404
