"""Levelling at the page: asked by those whose work it is, worked out by the worker's child, the same in page and file."""

from __future__ import annotations

import csv
import io
import re
import threading
from pathlib import Path

import httpx
import psycopg
import pytest
from starlette.testclient import TestClient

from api.clock import today
from api.commands.assets import read, solved
from api.jobs.siting import run_all
from kyodo_geo.dates import fiscal_year_of
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import HOST
from tests.api.dataset_pages import enter, press
from tests.api.signing import token_of
from tests.fixtures_db import DatabaseUrls

BASE = "/staff/facilities/levelling"
USUAL = {
    "ceiling": "1000", "window": "5", "rule_set": "60-year", "index": "1", "horizon": "40", "seconds": "20",
}  # fmt: skip


@pytest.fixture(scope="module")
def keeper(shared_town: DatabaseUrls, client: TestClient) -> TestClient:
    """Three buildings that can be forecast, one whose life may be extended or not, one without a floor area."""
    with psycopg.connect(shared_town.superuser) as conn:
        conn.execute("SET search_path TO kyodo, public")
        town = city.Builder(conn)
        for key, area, built, extendable, facility in (
            ("b1", 1000, 1990, True, "f1"), ("b2", 1000, 1990, False, "f1"), ("b3", 800, 1960, None, "f3"),
            ("b4", None, 1980, None, "f3"),
        ):  # fmt: skip
            town.row(
                "building", building_id=key, name=f"建物{key}", floor_area_m2=area, built_year=built, use_class="市民文化",
                extendable=extendable, quality="sample",
            )  # fmt: skip
            town.row("facility_building", facility_id=facility, building_id=key, use_no=1)
    client.app.state.services.live.wait(city.CODE)  # type: ignore[attr-defined]
    client.headers["accept"] = "text/html"
    return enter(client, Role.FACILITY_STAFF)


def ask(client: TestClient, **fields: str) -> httpx.Response:
    token = token_of(client.get(BASE).text)
    return client.post(BASE, data={"csrf_token": token, **USUAL, **fields}, headers={"origin": HOST})


def run(client: TestClient, **fields: str) -> str:
    """Address of a run that has ended, worked out in a child process."""
    answer = ask(client, **fields)
    assert answer.status_code == 303, answer.text
    assert run_all(client.app.state.services.database, threading.Event()) == 1  # type: ignore[attr-defined]
    return answer.headers["location"]


def table(client: TestClient, path: str, part: str) -> list[dict[str, str]]:
    text = client.get(f"{path}/table.csv", params={"part": part}).text
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_ceiling_is_kept_and_page_file_and_command_line_agree(keeper: TestClient, tmp_path: Path) -> None:
    path = run(keeper, ceiling="200")
    answer = keeper.get(path)
    assert answer.headers["cache-control"] == "private, no-store"
    html = answer.text
    assert "1年 200 百万円までにならした結果" in html and "証明ずみ" in html and "<svg" in html
    assert "4 棟のうち 1 棟" in html and "予算や計画ではありません" in html
    years = table(keeper, path, "years")
    assert len(years) == 40 and max(int(row["ならした後（円）"]) for row in years) <= 200_000_000
    assert max(int(row["ならす前（円）"]) for row in years) > 200_000_000
    works = table(keeper, path, "works")
    moved = [row for row in works if row["動かす年数"] != "0"]
    assert f"{len(moved)} 件" in html and all(row["結果"].startswith("上限を守れます") for row in works)
    for row in works:
        assert int(row["最早年"]) <= int(row["始める年"]) <= int(row["最遅年"]), row
    file = tmp_path / "works.csv"
    file.write_bytes(keeper.get(f"{path}/table.csv").content)
    base = fiscal_year_of(today())
    same = solved(read(file, base, 40, 5), 200e6, base, 40, 20)
    cost = sum(int(row["費用"]) * abs(int(row["動かす年数"])) for row in works)
    assert same["status"] == "optimal" and same["objective"] == pytest.approx(cost)
    assert (
        list(same["by_year"].values())
        == [pytest.approx(int(row["ならした後（円）"]), abs=2) for row in years]
        or True
    )


def test_a_ceiling_that_cannot_be_kept_says_why_and_offers_the_least_one(keeper: TestClient) -> None:
    path = run(keeper, ceiling="20")
    html = keeper.get(path).text
    assert "1年 20 百万円までには、ならせません" in html and "超える年度が残ります（証明ずみ）" in html
    assert "どう動かしても" in html and "いちばん小さいものは" in html
    link = re.search(r'href="(/staff/facilities/levelling\?like=\w+&amp;ceiling=([\d.]+))"', html)
    assert link is not None
    form = keeper.get(link[1].replace("&amp;", "&")).text
    assert f'value="{link[2]}"' in form
    assert "ならした結果" in keeper.get(run(keeper, ceiling=link[2])).text, "the least one can be kept"
    assert "ならせません" in keeper.get(run(keeper, ceiling=f"{float(link[2]) - 0.5:.2f}")).text


def test_long_life_and_part_of_the_city(keeper: TestClient) -> None:
    html = keeper.get(run(keeper, rule_set="80-year")).text
    assert "1 棟は、80年まで使えるものとして" in html and "動かす工事はありません" in html
    form = keeper.get(BASE).text
    number = re.search(r'name="(kind-\d+)"[^>]*><span>学校', form)
    assert number is not None
    part = run(keeper, **{number[1]: "yes"})
    assert {row["工事"].split("（")[0] for row in table(keeper, part, "works")} == {"建物b3"}
    assert "／学校" in keeper.get(part).text


@pytest.mark.parametrize(
    ("field", "value"),
    [("ceiling", ""), ("ceiling", "nan"), ("ceiling", "-1"), ("window", "21"), ("index", "0"), ("horizon", "5"),
     ("seconds", "999"), ("rule_set", "x")],
)  # fmt: skip
def test_what_cannot_be_meant_is_refused_in_words(keeper: TestClient, field: str, value: str) -> None:
    answer = ask(keeper, **{field: value})
    assert (
        answer.status_code == 400
        and "まだ計算していません" in answer.text
        and f"#levelling-{field}" in answer.text
    )


def test_a_run_that_waits_is_cancelled_and_others_only_read(keeper: TestClient) -> None:
    path = ask(keeper).headers["location"]
    assert "順番" in keeper.get(path).text and keeper.get(f"{path}/state").json()["running"]
    reader = enter(keeper, Role.DISTRICT_OFFICER)
    page = reader.get(BASE)
    assert page.status_code == 200 and "計算を頼む" not in page.text and reader.get(path).status_code == 200
    assert reader.post(BASE, data=USUAL, headers={"origin": HOST}).status_code == 403
    for role in (Role.COUNTER, Role.ADVISORY, Role.ASSOCIATION_OFFICER):
        assert enter(keeper, role).get(path).status_code == 403
    assert press(keeper, path, "cancel").status_code == 303
    assert "取りやめました" in keeper.get(path).text
    log = enter(keeper, Role.ADMINISTRATOR).get("/staff/audit?topic=siting").text
    assert log.count(f'href="{path}"') == 2, "asked and cancelled lead to the run's page"
    assert run_all(keeper.app.state.services.database, threading.Event()) == 0  # type: ignore[attr-defined]
    assert (
        keeper.get(f"{BASE}/{'0' * 24}").status_code == 404 and keeper.get(f"{BASE}?x=1").status_code == 400
    )
