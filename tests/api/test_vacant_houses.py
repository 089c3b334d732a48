"""Vacant houses as halls on the town of squares: figures by hand, and nobody sees them but the staff who may.

Small areas 1–4 hold 1,000–4,000 people at their middles, 857 m apart (1,114 m with the factor); f1 and f2 stand in the middle of
1 and 2. With 1,200 m the people of 4 alone have nothing in reach.
"""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.access_table import ACCESS
from geodata.database import Audience
from kyodo_geo.roles import STAFF, VACANT_HOUSE_READERS, Role
from tests.api import city
from tests.api.conftest import HOST, PAGE, another
from tests.api.signing import token_of
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/facilities/vacant-houses"
ASKED = f"{BASE}?distance=1200&by=straight&room=20"
LONG = "とても長い名前の" * 25
SECRETS = ("秘密町", "秘密の家", "141.1351", "long-house", "141.1123")
GOOD: dict[str, Any] = {
    "rank": "A", "neglected": False, "owner_willing": True, "largest_room_m2": 30, "floor_area_m2": 120,
    "confirmed_on": "1990-04-01", "road_access": True, "use_district": "近隣商業地域", "certificate": True,
    "office_answer": "地区集会所扱い", "capacity": 20,
}  # fmt: skip


def again(conn: psycopg.Connection[Any]) -> city.Builder:
    """A builder that goes on from the active generation."""
    conn.execute("SET search_path = kyodo, public")
    town = city.Builder(conn)
    town.ids = dict(
        conn.execute(
            "SELECT kind, dataset_id FROM generation_dataset WHERE generation_no = (SELECT max(generation_no) FROM generation)"
        ).fetchall()
    )
    return town


def house(town: city.Builder, key: str, lon: float, lat: float, **facts: Any) -> None:
    town.row(
        "kyodo_vacant.vacant_house", dataset_id=town.ids["vacant-houses"], house_id=key, geom=city.point(lon, lat),
        **{"state": "survey", "address": f"秘密の家 {key}", **facts},
    )  # fmt: skip


@pytest.fixture(scope="module")
def planted(shared_town: DatabaseUrls) -> None:
    """Beside v1: houses in square 4 (one good, one in every respect long, one that fails) and halls."""
    with psycopg.connect(shared_town.superuser) as conn:
        town = again(conn)
        town.dataset("vacant-houses", "sample")
        town.dataset("halls", "sample")
        house(town, "v1", city.SECRET_LON, city.SECRET_LAT, rank="A", address=city.SECRET_ADDRESS)
        house(town, "good", 141.1351, 39.7051, **GOOD, price_yen=2_000_000)
        house(town, "fails", 141.1352, 39.7051, **{**GOOD, "rank": "C"})
        house(
            town, "long-house-" + "x" * 29, 141.1353, 39.7049,
            **{
                **GOOD, "floor_area_m2": 12345.67, "use_district": LONG, "hazard": f"土砂災害警戒区域{LONG}",
                "office_answer": "特建扱い", "capacity": 9999, "structure": LONG, "floors": 12, "certificate": False,
                "address": LONG, "state": "consented", "consented_to": [LONG, LONG], "consented_on": "2025-01-01",
                "seismic": "retrofitted", "largest_room_m2": 9999.99, "price_yen": 9_999_999_999,
            },
        )  # fmt: skip
        for number in range(5):
            town.row(
                "hall", dataset_id=town.ids["halls"], hall_id=f"h{number}", association_id="a41", name=LONG[:60],
                ownership="owned", geom=None,
            )  # fmt: skip
        town.activate()
        conn.execute(
            "INSERT INTO hall_terms (municipality_code, version, rate, cap_yen_month, max_years, min_households, legal_form,"
            " created_by, source) VALUES (%s, 1, 0.333, 9999999, 99, 99999, %s, 'test', %s)",
            (city.CODE, LONG[:100], LONG),
        )


@pytest.fixture
def planner(client: TestClient, planted: None) -> Iterator[TestClient]:
    found = another(client)
    sign_in(found, Role.FACILITY_STAFF)
    found.headers["accept"] = "text/html"
    yield found


def rows(text: str) -> dict[str, dict[str, str]]:
    return {row["番号"]: row for row in csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))}


def pages_of(pdf: bytes, folder: Path) -> tuple[int, str]:
    target = folder / "sheet.pdf"
    target.write_bytes(pdf)
    told = subprocess.run(["pdfinfo", target], check=True, capture_output=True, text=True).stdout
    text = subprocess.run(
        ["pdftotext", "-layout", target, "-"], check=True, capture_output=True, text=True
    ).stdout
    assert "Tagged:          yes" in told
    return int(told.split("Pages:")[1].split()[0]), text


def test_figures_are_those_by_hand(planner: TestClient) -> None:
    found = rows(planner.get(ASKED.replace("?", ".csv?") + "&show=all").text)
    assert set(found) == {"v1", "good", "fails", "long-house-" + "x" * 29}
    good, v1 = found["good"], found["v1"]
    assert (good["順位"], good["新しく届く人"], good["重なり"]) == ("1", "4000", "3000")
    assert (v1["新しく届く人"], v1["重なり"], v1["判定"]) == ("0", "3000", "不明")
    assert good["うち65歳以上"] == "不明" and good["不明なしの順位"] == "—", (
        "flood and landslide are not loaded"
    )
    assert found["fails"]["順位"] == "—" and found["fails"]["判定"] == "不可"
    # Equal weight: the id decides, and the gap to the runner-up is 0.
    assert (good["次点"], good["次点との差"]) == ("long-house-" + "x" * 29, "0")
    assert found["long-house-" + "x" * 29]["次点との差"] == "4000" and v1["順位"] == "3"
    assert good["災害の区域"].startswith("不明：土砂災害警戒区域と浸水想定区域の地図が読み込まれていない")
    assert good["期間"].endswith("庁内限り") and good["データの品質"] == "見本データ（架空）"


def test_page_and_file_say_the_same_and_all_that_is_assumed(planner: TestClient) -> None:
    page = planner.get(ASKED)
    assert page.status_code == 200 and page.headers["cache-control"] == "private, no-store"
    for words in ("4,000", "年齢別の人口が読み込まれていない", "直線距離×1.3で 1,200 m まで", "場所のわからない自治公民館 5 館",
                  "家賃の33.3 %", "集会に要る部屋の広さは 20 m²", "見本データ（架空）", "庁内限り"):  # fmt: skip
        assert words in page.text, words
    assert "秘密の家 fails" not in page.text and "秘密の家 fails" in planner.get(f"{ASKED}&show=all").text
    script = planner.get(f"{BASE}/map.js?distance=1200&by=straight")
    assert script.headers["cache-control"] == "private, no-store" and "141.1351" in script.text


def test_narrowing_and_weights(planner: TestClient) -> None:
    def ranked(query: str) -> set[str]:
        return {key for key, row in rows(planner.get(f"{BASE}.csv?distance=1200&by=straight&show=all&{query}").text).items()
                if row["順位"] != "—"}  # fmt: skip

    long = "long-house-" + "x" * 29
    assert ranked("least=1") == {"good", long}
    assert ranked("districts=2") == {"v1"} and ranked("districts=2、4") == {"v1", "good", long}
    assert ranked("associations=a41") == {long} and ranked("associations=a41,a42") == {"good", long}
    assert ranked("halls=without") == {"v1", "good"}
    assert ranked("room=31") == {"v1", long}, "the good house's room is too small for it"
    page = planner.get(f"{BASE}?distance=1200&by=straight&wx=0.5").text
    assert "重みを掛けた数" in page and "2,000" in page


@pytest.mark.parametrize(
    "query",
    ["distance=50", "distance=3001", "room=0", "w65=-1", "w65=nan", "by=car", "districts=x", "associations=<b>", "nosuch=1",
     "year=1800", "supply=nosuch", "least=-1", "show=some", "distance=800&distance=900",
     "minutes=21", "drive_below=-1", "drive_districts=a"],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_in_japanese(planner: TestClient, query: str) -> None:
    answer = planner.get(f"{BASE}?{query}")
    assert answer.status_code == 400 and "。" in answer.text
    assert planner.get(f"{BASE}.csv?{query}", headers={"accept": "application/json"}).status_code == 400


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("districts=2,99", "地区の番号 99 は、この市にありません。"),
        ("associations=a41,nosuch", "町内会・自治会の番号 nosuch は、この市にありません。"),
    ],
)
def test_places_the_city_does_not_have_are_named_instead_of_an_empty_ranking(
    planner: TestClient, query: str, words: str
) -> None:
    for path in (BASE, f"{BASE}.csv", f"{BASE}/good/sheet.pdf"):
        answer = planner.get(f"{path}?{query}")
        assert answer.status_code == 400 and words in answer.text, path
    name, value = query.split("=")
    form = {
        "csrf_token": token_of(planner.get(BASE).text),
        name: value,
        "limit": "count",
        "count": "1",
        "price": "300",
    }
    sent = planner.post(f"{BASE}/runs", data=form, headers={"origin": HOST}, follow_redirects=False)
    assert sent.status_code == 400 and words in sent.text


def test_a_sheet_is_one_page_also_with_the_longest_texts(planner: TestClient, tmp_path: Path) -> None:
    long = planner.get(f"{BASE}/long-house-{'x' * 29}/sheet.pdf?distance=1200&by=straight")
    assert (
        long.headers["cache-control"] == "private, no-store"
        and long.headers["content-type"] == "application/pdf"
    )
    pages, text = pages_of(long.content, tmp_path)
    assert pages == 1
    for words in (
        "庁内限り",
        "所有者が同意",
        "話し合いのメモ",
        "防火管理者",
        "用途を変えるには確認申請",
        "消防署",
    ):
        assert words in text.replace(" ", "").replace("\n", "") or words in text, words
    pages, text = pages_of(planner.get(f"{BASE}/good/sheet.pdf?distance=1200&by=straight").content, tmp_path)
    assert pages == 1 and "4,000 人（うち65歳以上 不明）" in text and "担当の職員だけが見られます" in text
    assert "3,000 人" in text and "家賃の33.3 %" in text
    assert planner.get(f"{BASE}/nosuch/sheet.pdf").status_code == 404


def test_every_view_is_written_down_with_what_was_seen(
    planner: TestClient, shared_town: DatabaseUrls, blank_paper: None
) -> None:
    with psycopg.connect(shared_town.superuser) as conn:
        last = conn.execute("SELECT max(entry_no) FROM kyodo.audit").fetchone()
        planner.get(ASKED)
        planner.get(f"{BASE}/map.js?show=all")
        planner.get(f"{BASE}.csv?districts=2")
        planner.get(f"{BASE}/good/sheet.pdf")
        found = conn.execute(
            "SELECT action, target, details->>'part', (details->>'rows')::int, action_kind FROM kyodo.audit "
            "WHERE entry_no > %s AND action_kind = 'view' ORDER BY entry_no", last,
        ).fetchall()  # fmt: skip
    assert found == [
        ("vacant-houses.view", None, "page", 3, "view"),
        ("vacant-houses.view", None, "map", 4, "view"),
        ("vacant-houses.view", None, "file", 1, "view"),
        ("vacant-houses.view", "good", "sheet", 2, "view"),  # it names the one next in rank
    ]


def addresses() -> list[str]:
    return [
        path.replace("{house_id}", "good").replace("{run_id}", "0" * 24)
        for method, path in ACCESS
        if path.startswith(BASE) and method == "GET"
    ]


@pytest.mark.parametrize("role", [None, *sorted(set(Role) - VACANT_HOUSE_READERS - {Role.PUBLIC})])
def test_nobody_else_gets_anything(client: TestClient, planted: None, role: Role | None) -> None:
    """Pages, map, file, sheet, runs and forms; also the staff whose work does not need them."""
    found = another(client)
    sign_in(found, role)
    assert len(addresses()) >= 6 and STAFF - VACANT_HOUSE_READERS
    for path in addresses():
        for accept in ("text/html", "application/json"):
            answer = found.get(path, headers={"accept": accept})
            assert answer.status_code in ((303, 401) if role is None else (403,)), path
            assert not any(secret in answer.text for secret in SECRETS)
    for path in (f"{BASE}/runs", f"{BASE}/terms", f"{BASE}/runs/{'0' * 24}/cancel"):
        assert found.post(path, data={}, headers={"origin": HOST}).status_code in (303, 401, 403)
    if role in STAFF:
        for page in ("/staff", "/facilities", "/staff/facilities/gaps"):
            assert not any(secret in found.get(page, headers=PAGE).text for secret in SECRETS), page
        assert BASE not in found.get("/staff", headers=PAGE).text


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.PARTNER])
def test_the_database_refuses_too(client: TestClient, planted: None, audience: Audience) -> None:
    database = client.app.state.services.database
    for table in ("kyodo.hall_terms", "kyodo.computed", "kyodo_vacant.vacant_house", "kyodo.siting_run"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), database.read(audience) as conn:
            conn.execute(f"SELECT FROM {table}")


def test_terms_are_versions_and_nobody_is_overwritten(town: DatabaseUrls, serve: Any) -> None:
    client = serve()
    sign_in(client, Role.PLANNER)
    client.headers["accept"] = "text/html"
    path = f"{BASE}/terms"
    page = client.get(path).text
    assert "まだ登録がありません" in page
    form = {"csrf_token": token_of(page), "version": "0", "source": "要綱", "note": "はじめて"}

    def send(**fields: str):
        return client.post(path, data={**form, **fields}, headers={"origin": HOST})

    assert send(rate="101").status_code == 400 and send(rate="５０", source="").status_code == 400
    assert send(max_years="0").status_code == 400
    assert send(rate="５０", cap_yen_month="30,000円").status_code == 303
    conflict = send(rate="40")
    assert conflict.status_code == 409 and "ほかの職員が先に変えました" in conflict.text
    listed = client.get(BASE).text
    assert (
        "家賃の50 %" in listed and "月 30,000 円" in listed and "不明な条件：期間、世帯数、団体の形" in listed
    )
    with psycopg.connect(town.superuser) as conn:
        kept = conn.execute("SELECT version, rate, max_years FROM kyodo.hall_terms").fetchall()
        logged = conn.execute("SELECT actor FROM kyodo.audit WHERE action = 'hall-terms.change'").fetchall()
    assert [(row[0], float(row[1]), row[2]) for row in kept] == [(1, 0.5, None)] and len(logged) == 1


def test_no_houses_no_halls_no_people(town: DatabaseUrls, serve: Any) -> None:
    """Clear sentences instead of faults."""
    with psycopg.connect(town.superuser) as conn:
        builder = again(conn)
        del builder.ids["vacant-houses"], builder.ids["small-areas"], builder.ids["district-assignment"]
        builder.activate()
    client = serve()
    sign_in(client, Role.ADMINISTRATOR)
    client.headers["accept"] = "text/html"
    page = client.get(BASE)
    assert page.status_code == 200, page.text[:300]
    assert "空き家のデータ（vacant-houses）が読み込まれていません" in page.text
    assert "人口が読み込まれていないため" in page.text
    assert client.get(f"{BASE}.csv").status_code == 200 and client.get(f"{BASE}/map.js").status_code == 200
    assert client.get(f"{BASE}/v1/sheet.pdf").status_code == 404
    assert client.get(f"{BASE}?municipality=13101").status_code == 404
