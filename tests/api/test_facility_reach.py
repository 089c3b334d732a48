"""Pages, files and interface of reach on the bundled sample: before and after the job, against plain sums."""

from __future__ import annotations

import csv
import io
import re
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import numpy as np
import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.auth.sign_in import SignIn
from api.jobs import reach as job
from api.settings import Settings
from geodata import accounts, reach_arrays
from geodata.database import Audience, Database
from kyodo_geo.reach.prepared import Prepared
from kyodo_geo.roles import Role
from tests.api.conftest import PAGE, client_of
from tests.fixtures_db import DatabaseUrls

CODE = "03201"
PAGES = ("/facilities", "/facilities/gaps", "/facilities/closing")
API = "/api/v1/facilities/closing"


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def before(sample: TestClient) -> dict[str, Any]:
    """What is said while nothing is computed yet."""
    return {path: sample.get(path, headers=PAGE) for path in (*PAGES, API)}


@pytest.fixture(scope="module")
def held(before: dict[str, Any], sample_town: DatabaseUrls) -> Prepared:
    """The arrays, made by the job in its own process."""
    database = Database(sample_town.app, max_size=2)
    try:
        assert job.prepare_all(database, threading.Event()) == 1
        hashed, ready = reach_arrays.is_ready(database, CODE)
        assert ready and job.prepare_all(database, threading.Event()) == 0
        found = reach_arrays.held(database, CODE, hashed)
    finally:
        database.close()
    assert found is not None
    return found


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_before_the_job_straight_lines_stand_in_and_say_so(before: dict[str, Any]) -> None:
    for path in PAGES:
        assert before[path].status_code == 200
        assert "道のりを計算しています" in before[path].text
        assert "道のりの計算が終わっていないため、直線距離" in before[path].text
    answer = before[API].json()
    assert answer["ready"] is False and answer["by"] == "straight" and len(answer["facilities"]) == 19


def test_after_the_job_the_same_addresses_answer_by_the_network(
    sample: TestClient, before: dict[str, Any], held: Prepared
) -> None:
    assert held.has_network and len(held.key) > 4000
    for path in PAGES:
        tag = before[path].headers["etag"]
        page = sample.get(path, headers={**PAGE, "if-none-match": tag})
        assert page.status_code == 200  # not 304: the stand-in is nothing to keep
        assert "道のりを計算しています" not in page.text and "歩く道のり（道路網）" in page.text
        assert "見本データ（架空）" in page.text
        assert "道路の節点から 100 m より離れた所に住む" in page.text
        again = sample.get(path, headers={**PAGE, "if-none-match": page.headers["etag"]})
        assert again.status_code == 304
    assert sample.get(API).json()["ready"] is True


def test_closing_says_what_taking_the_facility_away_does(sample: TestClient, held: Prepared) -> None:
    """Each facility in turn is taken out of the matrix: no formula of the program, only minima."""
    answer = sample.get(f"{API}?year=2020&drive_below=0&distance=1200").json()
    people = held.people_in(2020).sum(axis=1)
    costs = np.where(held.open_in(2020), held.network.astype(float), np.inf)
    now = costs.min(axis=1)
    for place, row in enumerate(answer["facilities"]):
        rest = np.delete(costs, place, axis=1).min(axis=1)
        mine = costs.argmin(axis=1) == place
        stays = mine & np.isfinite(rest)
        assert row["people"] == pytest.approx(people[mine & np.isfinite(now)].sum(), abs=0.6)
        assert row["added_person_m"] == pytest.approx(
            ((rest[stays] - now[stays]) * people[stays]).sum(), rel=1e-6, abs=1
        )
        assert row["pushed_out"] == pytest.approx(people[(now <= 1200) & (rest > 1200)].sum(), abs=0.6)
        assert sum(item["people"] for item in row["to"]) == pytest.approx(people[stays].sum(), abs=12)
    assert sum(row["people"] for row in answer["facilities"]) == pytest.approx(people.sum(), abs=60)


def test_a_facility_closed_for_works_is_not_there_that_year(sample: TestClient) -> None:
    shut = [r["id"] for r in sample.get(f"{API}?year=2025").json()["facilities"] if not r["open"]]
    assert len(shut) == 1
    assert all(row["open"] for row in sample.get(f"{API}?year=2026").json()["facilities"])
    page = sample.get("/facilities/closing?year=2025", headers=PAGE).text
    line = re.search(rf'data-closing-row="{shut[0]}".*?</tr>', page, re.S)
    assert line is not None and "開いていない" in line[0] and "—" in line[0]


def test_asked_again_it_is_quick(sample: TestClient, held: Prepared) -> None:
    from kyodo_geo.reach.report import Choice, ClosingAsked, limits

    choice = Choice(2020)
    asked, people = ClosingAsked.of(held, choice), held.people_in(2020)
    limit = limits(held, choice, people)[0]
    took = []
    for _ in range(7):
        began = time.perf_counter()
        asked.effects(choice, people, limit)
        took.append(time.perf_counter() - began)
    assert min(took) < 0.001


def test_table_and_files_of_the_gaps_say_the_same(sample: TestClient, held: Prepared) -> None:
    districts = rows(sample.get("/downloads/facility-gaps.csv?year=2020").text)
    areas = rows(sample.get("/downloads/facility-gaps.csv?year=2020&part=areas").text)
    shapes = sample.get("/downloads/facility-gaps.geojson?year=2020").json()
    assert len(districts) == len(shapes["features"]) == 30
    out = sum(int(row["届かない人"]) for row in districts)
    assert sum(int(row["届かない人"]) for row in areas) == pytest.approx(out, abs=400)
    assert sum(int(row["人口"]) for row in districts) == pytest.approx(285_000, abs=20)
    for row, item in zip(districts, shapes["features"], strict=True):
        assert item["properties"]["out_of_reach"] == int(row["届かない人"])
        assert row["データの品質"] == "見本データ（架空）" and row["期間"].startswith("2020年・")
    page = sample.get("/facilities/gaps?year=2020", headers=PAGE).text
    assert f">{int(districts[0]['届かない人']):,}</td>" in page


def test_gaps_compare_years_ways_and_reasons(sample: TestClient, held: Prepared) -> None:
    page = sample.get("/facilities/gaps?year=2020&compare_year=2040", headers=PAGE).text
    for words in ("2 つの年の比較", "ジニ係数", "いちばん遠い 5 %", "施設が遠い", "道のりと直線距離の違い", "直線×1.3",
                  "車で移動する地域とみなし", "2SFCA", "E2SFCA", "65歳以上", "2040年（推計）"):  # fmt: skip
        assert words in page, words
    assert "人口密度の地区" not in page
    assert "車で移動する地域とみなし" not in sample.get("/facilities/gaps?drive_below=0", headers=PAGE).text


@pytest.mark.parametrize(
    ("query", "word"),
    [("year=1951", "年は 2015 から"), ("supply=xx", "施設の種別「xx」はありません"), ("by=bus", "by"),
     ("distance=99", "distance"),
     ("use_percent=nan", "use_percent"), ("other=1", "other"), ("year=２０２０", "year"), ("supply=%00", "supply")],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_a_sentence(
    sample: TestClient, held: Prepared, query: str, word: str
) -> None:
    answer = sample.get(f"{API}?{query}")
    assert answer.status_code == 400 and word in answer.text
    assert sample.get(f"/facilities/gaps?{query}", headers=PAGE).status_code == 400


def test_kinds_ways_and_all_facilities_can_be_chosen(sample: TestClient, held: Prepared) -> None:
    kind = sample.get(f"{API}?supply=市立公民館&by=winter").json()
    assert {row["kind"] for row in kind["facilities"]} == {"市立公民館"} and kind["by"] == "winter"
    assert "Tobler の式" in "".join(kind["assumptions"])
    assert sample.get("/downloads/facility-list.csv?supply=all&by=straight").status_code == 200
    points = sample.get("/downloads/facility-list.geojson").json()
    assert sum(item["properties"]["people_nearest"] or 0 for item in points["features"]) > 280_000
    assert len(rows(sample.get("/downloads/facility-closing.csv?year=2025").text)) == 19


def test_no_group_and_no_vacant_house_is_in_the_public_arrays(
    sample: TestClient, sample_town: DatabaseUrls, held: Prepared
) -> None:
    with psycopg.connect(sample_town.superuser) as conn:
        conn.execute("UPDATE kyodo.facility_group SET name = '秘密の会'")
        body = conn.execute("SELECT body FROM kyodo.computed WHERE name = 'reach'").fetchone()
    assert body is not None
    texts = " ".join(
        str(value)
        for name in ("key", "area_name", "site", "site_name", "site_kind")
        for value in getattr(held, name)
    )
    assert "秘密" not in texts
    for path in (*PAGES, API):
        assert "秘密の会" not in sample.get(path, headers=PAGE).text


def test_another_closure_makes_other_arrays_and_failures_are_not_tried_for_ever(
    sample_town: DatabaseUrls, held: Prepared, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(sample_town.app, max_size=2)
    calls: list[str] = []
    monkeypatch.setattr(job, "run_child", lambda url, code, stop, name, **_: calls.append(name) or 9)
    try:
        with psycopg.connect(sample_town.superuser) as conn:
            conn.execute("UPDATE kyodo.facility_closure SET reopens_on = reopens_on + 400")
        tried: Counter[str] = Counter()
        assert reach_arrays.is_ready(database, CODE)[1] is False
        for _ in range(5):
            assert job.prepare_all(database, threading.Event(), tried) == 0
        assert Counter(calls) == {"reach": 3, "vacant-houses": 3}
    finally:
        with psycopg.connect(sample_town.superuser) as conn:
            conn.execute("UPDATE kyodo.facility_closure SET reopens_on = reopens_on - 400")
        database.close()


def test_the_child_is_ended_when_the_worker_is(sample_town: DatabaseUrls) -> None:
    stop = threading.Event()
    stop.set()
    began = time.monotonic()
    assert job.run_child(sample_town.app, CODE, stop) < 0
    assert time.monotonic() - began < 8


def test_a_town_without_network_ages_or_districts_has_pages(client: TestClient) -> None:
    """The town of squares: no network, no ages, hostile names."""
    for path in PAGES:
        page = client.get(path, headers=PAGE)
        assert page.status_code == 200, page.text[:500]
        assert "<img src=x" not in page.text
    assert client.get(API).status_code == 200


@pytest.fixture(scope="module")
def staff(sample: TestClient) -> dict[str, str]:
    services = sample.app.state.services
    with services.database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, CODE, "planner", "計画", {Role.PLANNER}, by="test")
        token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
    return {"cookie": f"kyodo_session={token}"}


def test_staff_see_associations_and_halls_and_nobody_else_does(
    sample: TestClient, held: Prepared, staff: dict[str, str]
) -> None:
    path = "/staff/facilities/gaps"
    assert sample.get(path, headers=PAGE).status_code in (302, 303, 401)
    assert sample.get(f"{path}.csv").status_code == 401
    page = sample.get(path, headers={**PAGE, **staff})
    assert page.status_code == 200 and "no-store" in page.headers["cache-control"]
    assert "自治公民館：登録されている" in page.text and "町内会・自治会別" in page.text
    found = rows(sample.get(f"{path}.csv?year=2020", headers=staff).text)
    assert sum(int(row["人口"]) for row in found) == pytest.approx(285_000, abs=len(found))
    assert all(int(row["それでも届かない人"]) <= int(row["届かない人"]) for row in found)
    assert any(int(row["それでも届かない人"]) < int(row["届かない人"]) for row in found)


def test_staff_see_where_groups_go(sample: TestClient, held: Prepared, staff: dict[str, str]) -> None:
    path = "/staff/facilities/groups"
    assert sample.get(f"{path}.csv").status_code == 401
    page = sample.get(path, headers={**PAGE, **staff})
    assert page.status_code == 200 and "no-store" in page.headers["cache-control"]
    found = rows(sample.get(f"{path}.csv", headers=staff).text)
    assert len(found) > 90
    assert {"部屋がある"} < {row["結果"] for row in found}
    for row in found:
        assert (row["行き先"] != "—") == (row["結果"] == "部屋がある")
        assert row["行き先"] == "—" or float(row["今の施設から（m）"]) <= 5000
    alone = rows(sample.get(f"{path}.csv?minutes=1&kmh=5", headers=staff).text)
    assert {row["結果"] for row in alone} == {"近くに施設がない"}
