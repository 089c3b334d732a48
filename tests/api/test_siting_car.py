"""Siting where people drive on the sample: offered first where roads are loaded, with the minutes of the pages of reach."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.jobs import siting as job
from api.settings import Settings
from api.siting_pages import form
from geodata import reach_arrays
from geodata.database import Audience, Database
from geodata.queries.generation import resolve
from geodata.siting_problem import gather
from kyodo_geo.reach.report import drives, limits
from kyodo_geo.roles import Role
from kyodo_geo.siting_city.question import Question
from tests.api.conftest import HOST, client_of
from tests.api.signing import token_of
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

BASE = "/facilities/siting"
CODE = "03201"


@pytest.fixture(scope="module")
def database(sample_town: DatabaseUrls) -> Iterator[Database]:
    found = Database(sample_town.app, max_size=3)
    yield found
    found.close()


@pytest.fixture(scope="module")
def planner(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client, pytest.MonkeyPatch.context() as patch:
        patch.setattr(job, "wake", lambda settings: None)
        sign_in(client, Role.PLANNER)
        client.headers["accept"] = "text/html"
        yield client


def ask(planner: TestClient, page: str, **changed: Any) -> str:
    fields = {**form.EMPTY, "year": "2020", "seconds": "10", "p": "1", **changed}
    sent = {name: value for name, value in fields.items() if value not in ("", [])}
    answer = planner.post(BASE, data={"csrf_token": token_of(page), **sent}, headers={"origin": HOST})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_by_area_is_offered_first_and_page_file_and_comparison_say_so(
    planner: TestClient, database: Database
) -> None:
    page = planner.get(BASE).text
    assert 'name="travel" value="area" checked' in page and "自動車の道路網が読み込まれていない" not in page
    mine = {"new_districts": ["17", "30"], "districts": ["17", "30"]}
    area = ask(planner, page, travel="area", minutes="15", drive_districts=["30"], **mine)
    foot = ask(planner, page, **mine)
    assert job.run_all(database, threading.Event()) == 2
    told = planner.get(area).text
    for words in ("指定された地区（玉山薮川、数えた人のうち", "自動車の道路網で 15 分まで（または徒歩 800 m まで）",
                  "歩く人は分速 80 m", "最寄りまでの平均（分）", "車で移動する地区は車 15 分か徒歩 800 m", "5 分未満",
                  "人・分", "車で移動する地区は車、ほかは徒歩（地区 30）"):  # fmt: skip
        assert words in told, words
    rows = list(
        csv.DictReader(
            io.StringIO(planner.get(f"{area}/table.csv?part=districts").text.removeprefix("\ufeff"))
        )
    )
    assert {row["地区"]: row["移動"] for row in rows} == {"17 米内": "徒歩", "30 玉山薮川": "車"}
    assert all("車で移動する地区は車、ほかは徒歩（地区 30）" in row["期間"] for row in rows)
    assert all("届く範囲 車で移動する地区は車 15 分か徒歩 800 m" in row["期間"] for row in rows)
    points = planner.get(f"{area}/points.geojson").json()
    assert {"farthest_min", "added_if_closed_min"} <= set(points["features"][0]["properties"])
    beside = planner.get(f"{BASE}/compare?a={area[-24:]}&b={foot[-24:]}").text
    assert "どこでも徒歩" in beside and "人・km" in beside and "人・分" in beside
    again = planner.get(f"{BASE}?again={area[-24:]}").text
    assert 'name="minutes"' in again and 'name="drive_districts" value="30" checked' in again


def test_the_minutes_are_those_of_the_pages_of_reach(database: Database) -> None:
    asked = Question("mclp", 2020, p=1, travel="area", new="none", existing="choose", radius=900)
    with database.read(Audience.STAFF) as conn:
        ref = resolve(conn, CODE)
        gathered = gather(conn, ref, asked)
        held = reach_arrays.gathered(conn, ref, with_network=True)
    problem, choice = gathered.problem, asked.choice("network")
    there = drives(held, limits(held, choice, held.people_in(2020))[1])
    assert there.any() and problem.driving.tolist() == there.tolist() and gathered.made_of["car"]
    at = {str(name): place for place, name in enumerate(held.site)}
    columns = [at[place.id] for place in problem.places]
    foot, car = held.network[:, columns] / 80, held.car[:, columns]
    expected = np.where(there[:, None], np.minimum(foot, car), foot)
    np.testing.assert_allclose(problem.ways, expected, rtol=1e-5)
    within = (held.network[:, columns] <= 900) | (there[:, None] & (car <= 10))
    assert (problem.within != within).mean() < 1e-4
