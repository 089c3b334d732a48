"""The pages of siting on the town of squares: asking, following, reading, comparing; who may what; what is refused."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.jobs import siting as job
from api.siting_pages import form, words
from geodata import siting_sites
from geodata.database import Database
from kyodo_geo.roles import STAFF, VACANT_HOUSE_READERS, Role
from kyodo_geo.siting_city.question import Question
from tests.api.conftest import another
from tests.api.signing import token_of
from tests.api.test_staff_plans import audit_of
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

BASE = "/facilities/siting"
PLANTED = "植えた秘密の候補地"


@pytest.fixture
def staff(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    """A planner; the worker is the test itself."""
    monkeypatch.setattr(job, "wake", lambda settings: None)
    sign_in(visitor, Role.PLANNER)
    return visitor


@pytest.fixture
def work(town: DatabaseUrls) -> Iterator[Callable[[], int]]:
    database = Database(town.app, max_size=2)
    yield lambda: job.run_all(database, threading.Event())
    database.close()


def ask(client: TestClient, **changed: Any) -> Any:
    """Send the form as it stands with what was changed in it."""
    page = client.get(BASE)
    fields = {**form.EMPTY, "year": "2020", "by": "straight", "seconds": "20", **changed}
    sent = {name: value for name, value in fields.items() if value not in ("", [])}
    return client.post(
        BASE, data={"csrf_token": token_of(page.text), **sent}, headers={"origin": str(client.base_url)}
    )


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_question_becomes_a_run_and_the_run_an_answer(
    staff: TestClient, work: Callable[[], int], town: DatabaseUrls
) -> None:
    address = ask(staff, p="1", forbidden="町4").headers["location"]
    run_id = address.rpartition("/")[2]
    waiting = staff.get(address)
    assert waiting.status_code == 200 and "順番待ち" in waiting.text and "計算を取りやめる" in waiting.text
    assert '<noscript><meta http-equiv="refresh" content="5"></noscript>' in waiting.text
    assert staff.get(f"{address}/state").json() == {"running": True, "done": 0, "words": "順番を待っています"}
    assert work() == 1
    page = staff.get(address)
    assert page.headers["cache-control"] == "private, no-store"
    for words_ in ("最適と証明", "目的の値", "これより良くはならない値", "差の上限", "見本データ", "直線距離に迂回の係数 1.3",
                   "候補は計算の上の地点", "新しく開く場所は 1 か所", "開かない場所", "作り直す", "ジニ係数"):  # fmt: skip
        assert words_ in page.text, words_
    assert "refresh" not in page.text and "計算を取りやめる" not in page.text
    assert staff.get(f"{address}/state").json()["running"] is False
    script = re.search(r'src="(/facilities/siting/[^"]+map\.js[^"]*)"', page.text)
    assert script is not None and "places" in staff.get(script[1].replace("&amp;", "&")).text
    assert [(a, t) for a, t, _ in audit_of(town, "siting.")] == [("siting.ask", run_id)]
    assert address in staff.get(BASE).text


def test_page_csv_and_geojson_say_the_same(staff: TestClient, work: Callable[[], int]) -> None:
    address = ask(staff, p="1", model="mclp", radius="10", radius_unit="walk").headers["location"]
    work()
    page = staff.get(address).text
    table = rows(staff.get(f"{address}/table.csv").text)
    points = staff.get(f"{address}/points.geojson").json()
    assert [row["場所"] for row in table] == [item["properties"]["name"] for item in points["features"]]
    for row, item in zip(table, points["features"], strict=True):
        assert item["properties"]["people"] == int(row["最寄りの人"])
        assert f">{int(row['最寄りの人']):,}</td>" in page
        assert row["期間"].startswith("決めた数で届く人を最も多く（MCLP）・2020年") and row["データの品質"]
    assert points["status"] == "optimal" and points["gap"] == 0
    districts = rows(staff.get(f"{address}/table.csv?part=districts").text)
    assert sum(int(row["数えた人"]) for row in districts) == 10_000
    areas = staff.get(f"{address}/points.geojson?part=areas").json()
    assert sum(item["properties"]["people"] for item in areas["features"]) == 10_000
    figures = {row["数値"]: row for row in rows(staff.get(f"{address}/table.csv?part=figures").text)}
    within = figures["800 m 以内の人（%）"]
    assert float(within["答え"]) - float(within["いま"]) == pytest.approx(float(within["差"]), abs=0.11)
    assert "10 分、歩いて（80 m/分） = 800 m" in page


def test_proven_stands_nowhere_without_those_who_were_left_out(
    staff: TestClient, work: Callable[[], int]
) -> None:
    """「全員に届く最も少ない数：最適と証明」 says nothing of people whom no place reaches: they stand beside the word."""
    address = ask(staff, model="lscp", limit="free", radius="200").headers["location"]
    work()
    page = staff.get(address).text
    points = staff.get(f"{address}/points.geojson").json()
    assert points["status"] == "optimal" and 0 < points["left_out"] < 10_000
    status = page.partition('id="status-heading"')[2].partition("</section>")[0]
    assert "最適と証明" in status
    assert f"届く範囲に入らない所に住む {points['left_out']:,} 人（数えた人の" in status
    for part in ("sites", "figures", "districts", "areas"):
        (period,) = {row["期間"] for row in rows(staff.get(f"{address}/table.csv?part={part}").text)}
        assert f"最適と証明（差の上限 0 %）・届かない所の {points['left_out']:,} 人を除く" in period


REFUSED = [
    ({"model": "lscp"}, "limit", "「全員に届く最も少ない数」は、必要な数を求める問いです"),
    ({"limit": "free"}, "limit", "数か予算のどちらかを決めてください"),
    ({"model": "p-center", "capacities": "yes"}, "capacities", "p-center は定員つきでは計算できません"),
    ({"model": "mclp", "capacities": "yes", "backup": "0.3"}, "backup", "一緒には計算できません"),
    ({"backup": "0.3"}, "backup", "MCLP だけ"),
    ({"twice": "yes"}, "twice", "「全員に届く最も少ない数」だけで計算できます"),
    ({"new": "none"}, "new", "選ぶ場所がありません"),
    ({"age": "own", "w0": "0", "w1": "0", "w2": "0", "w3": "0"}, "age", "重みがすべて 0 です"),
    ({"age": "65"}, "age", "年齢別の人口が読み込まれていない"),
    ({"p": "1.5"}, "p", "整数で入力してください"),
    ({"p": ""}, "p", "整数で入力してください"),
    ({"limit": "budget", "budget": "abc"}, "budget", "0 以上の数で入力してください"),
    ({"travel": "area", "minutes": "0"}, "minutes", "1 分から 120 分まで"),
    ({"travel": "area", "radius_unit": "drive"}, "radius_unit", "歩いて届く範囲"),
    ({"travel": "area", "drive_districts": ["99"]}, "drive_districts", "地区を一覧から選んでください"),
    ({"travel": "ship"}, "travel", "一覧から選んでください"),
    ({"radius": "1"}, "radius", "50 m から 100 km"),
    ({"seconds": "9999"}, "seconds", "600 秒まで"),
    ({"required": "どこにもない町"}, "required", "「どこにもない町」はこの条件の候補にありません"),
    ({"required": "町1", "forbidden": "町１"}, "forbidden", "両方にあります"),
    ({"prices": "町1 300"}, "prices", "「名前, 万円」の形で"),
    ({"inside_zone": "yes"}, "new", "居住誘導区域が読み込まれていない"),
    ({"districts": ["99"]}, "districts", "地区を一覧から選んでください"),
    ({"year": "1950"}, "year", "一覧から選んでください"),
    ({"model": "levelling"}, "model", "一覧から選んでください"),
    ({"new": "vacant"}, "new", "一覧から選んでください"),
]


def test_what_cannot_be_asked_is_refused_with_a_sentence_and_the_form_kept(staff: TestClient) -> None:
    for changed, field, sentence in REFUSED:
        answer = ask(staff, **{"price_new": "777", **changed})
        assert answer.status_code == 400, changed
        assert f'href="#s-{field}"' in answer.text and sentence in answer.text, changed
        assert f'id="s-{field}"' in answer.text, changed
        assert 'value="777"' in answer.text
    assert "まだありません" in staff.get(BASE).text
    assert staff.get(f"{BASE}?year=2020").status_code == 400
    assert staff.get(f"{BASE}/{'0' * 24}").status_code == 404 and staff.get(f"{BASE}/x").status_code == 400


def test_all_that_the_form_can_say_is_in_the_question_and_comes_back() -> None:
    typed = form.EMPTY | {
        "model": "mclp", "year": "2030", "age": "own", "w0": "0.5", "w1": "1", "w2": "２", "w3": "0", "districts": ["3", "1"],
        "existing": "choose", "new_districts": ["2"], "limit": "budget", "budget": "1,500.5", "price_new": "300",
        "price_existing": "20", "one_per": "association", "backup": "0.25", "radius": "7", "radius_unit": "drive", "kmh": "24",
        "leave_out": "", "seconds": "5",
    }  # fmt: skip
    read = form.read(typed)
    assert read.errors == {} and read.question is not None
    asked = read.question
    assert asked.weights == (0.5, 1, 2, 0) and asked.districts == (1, 3) and asked.budget == 1500.5
    assert asked.radius_m == pytest.approx(2800) and not asked.leave_out and asked.p is None
    kept = Question.from_json(asked.to_json())
    assert kept == asked
    assert form.read(form.values_again(kept, {})).question == asked
    said = dict(words.asked_lines(asked, {1: "一"}, {}))
    assert (
        said["予算"] == "1,500.5 万円" and "×0.5" in said["数える人"] and said["重なり"].startswith("町内会")
    )


def test_two_runs_stand_beside_each_other(staff: TestClient, work: Callable[[], int]) -> None:
    one, two = (ask(staff, p=p).headers["location"].rpartition("/")[2] for p in ("1", "2"))
    assert work() == 2
    page = staff.get(f"{BASE}/compare?a={one}&b={two}").text
    assert "1 か所</td><td>2 か所</td><td>違う" in page and "いま → 答え" in page
    assert staff.get(f"{BASE}/compare").status_code == 200
    assert staff.get(f"{BASE}/compare?a=&b=").status_code == 200
    again = staff.get(f"{BASE}?again={two}").text
    assert re.search(r'name="p"[^>]*value="2"', again)


def test_a_waiting_run_is_cancelled_once_and_by_those_who_may(staff: TestClient, town: DatabaseUrls) -> None:
    address = ask(staff).headers["location"]
    token = token_of(staff.get(address).text)
    assert staff.post(f"{address}/cancel", headers={"origin": str(staff.base_url)}).status_code == 403
    sent = {"data": {"csrf_token": token}, "headers": {"origin": str(staff.base_url)}}
    assert staff.post(f"{address}/cancel", **sent).headers["location"] == address
    assert "順番を待つ間に取りやめました" in staff.get(address).text
    assert staff.post(f"{address}/cancel", **sent).status_code == 409
    assert [action for action, *_ in audit_of(town, "siting.")] == ["siting.ask", "siting.cancel"]


def test_too_many_waiting_runs_are_refused_with_the_form(staff: TestClient) -> None:
    for _ in range(10):
        assert ask(staff).status_code == 303
    refused = ask(staff)
    assert refused.status_code == 409 and "待っている計算が 10 件あります" in refused.text


def test_staff_read_askers_ask_and_nobody_else_gets_anything(
    staff: TestClient, town: DatabaseUrls, work: Callable[[], int]
) -> None:
    address = ask(staff, p="1").headers["location"]
    work()
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.siting_run SET result = replace(result::text, '町', %s)::jsonb", (f"{PLANTED}町",)
        )
    assert PLANTED in staff.get(address).text
    pages = (BASE, address, f"{address}/state", f"{address}/map.js", f"{address}/table.csv", f"{address}/points.geojson",
             f"{BASE}/compare")  # fmt: skip
    for role in Role:
        other = another(staff)
        if role is not Role.PUBLIC:
            sign_in(other, role)
        for path in pages:
            answer = other.get(path)
            if role in STAFF:
                assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store", (
                    role,
                    path,
                )
            else:
                assert answer.status_code in (303, 401, 403), (role, path)
                assert PLANTED not in answer.text and "差の上限" not in answer.text
        if role in STAFF:
            assert ("計算を頼む</button>" in other.get(BASE).text) is (role in VACANT_HOUSE_READERS)
            if role not in VACANT_HOUSE_READERS:
                assert (
                    other.post(BASE).status_code == 403 and other.post(f"{address}/cancel").status_code == 403
                )


def test_runs_with_places_that_are_not_for_all_staff_are_hidden_from_the_others(
    staff: TestClient, town: DatabaseUrls, work: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    address = ask(staff, p="1").headers["location"]
    work()
    monkeypatch.setitem(siting_sites.READERS, "areas", VACANT_HOUSE_READERS)
    assert staff.get(address).status_code == 200
    other = another(staff)
    sign_in(other, Role.CENTRE_STAFF)
    for path in (
        address,
        f"{address}/state",
        f"{address}/table.csv",
        f"{address}/points.geojson",
        f"{address}/map.js",
    ):
        assert other.get(path).status_code == 404, path
    assert address not in other.get(BASE).text
    assert address.rpartition("/")[2] not in other.get(f"{BASE}/compare").text


def test_without_small_areas_or_any_data_a_sentence_stands_there(
    staff: TestClient, town: DatabaseUrls, work: Callable[[], int]
) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "DELETE FROM kyodo.generation_dataset WHERE kind IN ('small-areas', 'district-assignment', 'facilities')"
        )
    page = staff.get(BASE)
    assert page.status_code == 200
    answer = ask(staff)
    if answer.status_code == 303:
        work()
        assert "答えなし" in staff.get(answer.headers["location"]).text
    else:
        assert answer.status_code == 400
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("DELETE FROM kyodo.generation_dataset")
        conn.execute("DELETE FROM kyodo.generation")
    nothing = another(staff)
    sign_in(nothing, Role.ADMINISTRATOR)
    assert nothing.get(BASE).status_code in (404, 503)
