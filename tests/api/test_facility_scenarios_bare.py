"""Scenarios where something is missing: no scenario, no building, no network, no age, records that do not fit any more."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.api import city
from tests.api.conftest import PAGE
from tests.fixtures_db import DatabaseUrls

BASE, API = "/facilities/scenarios", "/api/v1/facilities/scenarios"


def publish(
    conn: psycopg.Connection[Any], key: str, *actions: dict[str, Any], code: str = city.CODE, years: int = 20
) -> None:
    conn.execute("SET search_path TO kyodo, public")
    town = city.Builder(conn, code)
    town.row(
        "scenario", scenario_id=key, version=1, title=f"案{key}{city.HOSTILE}", author="試験課", reason="試すため",
        base_year=2026, horizon=years, created_by="x", quality="real",
    )  # fmt: skip
    for number, action in enumerate(actions, start=1):
        town.row("scenario_action", scenario_id=key, version=1, action_no=number, **action)
    conn.execute(
        "UPDATE scenario SET state = 'published', published_at = now(), published_by = 'x' "
        "WHERE municipality_code = %s AND scenario_id = %s", (code, key),
    )  # fmt: skip


@pytest.fixture(scope="module")
def before(client: TestClient) -> dict[str, Any]:
    """What is said while there is no scenario."""
    return {path: client.get(path, headers=PAGE) for path in (BASE, f"{BASE}/compare", API, f"{BASE}/a")}


@pytest.fixture(scope="module")
def world(before: dict[str, Any], shared_town: DatabaseUrls, client: TestClient) -> TestClient:
    """Scenarios on a town of squares without buildings, ages or network; and a city of which only the name is loaded."""
    with psycopg.connect(shared_town.superuser) as conn:
        publish(
            conn, "a",
            {"year": 2030, "facility_id": "f1", "action": "廃止・除却"},
            {"year": 2031, "facility_id": "f2", "action": "大規模改修"},
        )  # fmt: skip
        publish(conn, "stale", {"year": 2030, "facility_id": "f1", "action": "集約化"})
        publish(conn, "still")
        publish(conn, "z-other-years", years=30)
        conn.execute(
            "INSERT INTO municipality VALUES ('22212', '焼津市', '静岡県', 6676, '課', '0', 'x@example.jp')"
        )
        other = city.Builder(conn, "22212")
        other.dataset("outline", "real")
        other.activate()
        conn.execute("INSERT INTO facility VALUES ('22212', 'y1')")
        publish(conn, "a", {"year": 2030, "facility_id": "y1", "action": "建替"}, code="22212")
        publish(conn, "still", code="22212")
    client.app.state.services.live.wait(city.CODE)  # type: ignore[attr-defined]
    return client


def html_of(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_without_a_scenario_the_pages_say_so(before: dict[str, Any]) -> None:
    for path in (BASE, f"{BASE}/compare"):
        assert before[path].status_code == 200 and "公開されている案は、今はありません" in before[path].text
    assert before[API].json()["scenarios"] == []
    assert before[f"{BASE}/a"].status_code == 404


def test_without_buildings_costs_are_unknown_and_not_0(world: TestClient) -> None:
    html = html_of(world, f"{BASE}/a")
    assert "費用は不明です（0円ではありません）" in html and "建物の記録がないため" in html
    assert "遠くなる人は" in html, "reach is there all the same"
    body = world.get(f"{API}/a").json()
    assert body["scenario"]["cost_yen"] is None and body["years"][0]["scenario"]["total_yen"] is None
    assert all(row["cost_yen"] is None and row["unknown"] for row in body["actions"])
    assert "直線距離" in "".join(body["assumptions"])


def test_a_scenario_that_fits_the_records_no_more_says_why(world: TestClient) -> None:
    html = html_of(world, f"{BASE}/stale")
    assert "今の施設の記録に合わないため" in html and "移す先の施設を選んでください" in html
    body = world.get(f"{API}/stale").json()
    assert body["scenario"]["faults"] and body["years"] == []
    assert "計算できません" in html_of(world, f"{BASE}/compare?ids=stale,a,base")
    assert world.get(f"{BASE}/stale/figures.csv").status_code == 404
    assert world.get(f"{BASE}/stale/map.js").status_code == 200


def test_a_scenario_without_actions_is_the_base_case(world: TestClient) -> None:
    html = html_of(world, f"{BASE}/still")
    assert "遠くなる人はいません" in html
    for pair in world.get(f"{API}/still").json()["years"]:
        assert pair["scenario"] == pair["base"]


def test_hostile_words_are_text_everywhere(world: TestClient) -> None:
    for path in (BASE, f"{BASE}/a", f"{BASE}/compare?ids=a,base"):
        assert "<img src=x" not in html_of(world, path)


def test_a_city_without_any_data_has_a_page(world: TestClient) -> None:
    assert "案a" in html_of(world, f"{BASE}?municipality=22212")
    html = html_of(world, f"{BASE}/still?municipality=22212")
    assert "人口または施設のデータがないため" in html
    assert "今の記録に、この番号の施設はありません" in html_of(world, f"{BASE}/a?municipality=22212")
    assert "地図はありません" in html_of(world, f"{BASE}/compare?ids=still,base&municipality=22212")
    for part in ("years", "actions"):
        answer = world.get(f"{BASE}/still/figures.csv?municipality=22212&part={part}")
        assert answer.status_code == 200
    assert world.get(f"{BASE}/still/figures.csv?municipality=22212&part=moves").status_code == 404
    assert world.get(f"{API}/still?municipality=22212").json()["districts"] == []
    assert world.get(f"{BASE}?municipality=99999").status_code == 404


def test_only_scenarios_of_the_same_years_are_put_side_by_side(world: TestClient) -> None:
    answer = world.get(f"{BASE}/compare?ids=a,z-other-years", headers=PAGE)
    assert answer.status_code == 400 and "並べて比べられません" in answer.text
    links = html_of(world, BASE)
    assert "ids=a,stale,still" in links and "同じ期間の 3 つの案" in links
    assert "z-other-years" not in html_of(world, f"{BASE}/compare")
    assert "z-other-years" not in html_of(world, f"{BASE}/compare?ids=a")
    assert html_of(world, f"{BASE}/compare?ids=z-other-years")


def test_without_ages_the_old_are_unknown_and_not_0(world: TestClient) -> None:
    html, body = html_of(world, f"{BASE}/a"), world.get(f"{API}/a").json()
    assert "65歳以上の人数は不明です" in html and "うち65歳以上 不明" in html
    assert body["years"][0]["scenario"]["out_of_reach_65"] is None
    assert all(row["longer_65"] is None for row in body["districts"]) and body["districts"]
    assert "うち65歳以上,不明" in world.get(f"{BASE}/compare.csv?ids=a,base").text
