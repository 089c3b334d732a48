"""Neighbourhood halls for staff: ways on the network, what they change, their outlook; and nothing of them for anybody else."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from datetime import date

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
from geodata.queries.generation import resolve
from geodata.queries.halls import halls
from kyodo_geo.reach.halls import HallReach
from kyodo_geo.roles import Role
from tests.api.conftest import PAGE, client_of
from tests.factories import CODE
from tests.fixtures_db import DatabaseUrls

GAPS, HALLS = "/staff/facilities/gaps", "/staff/facilities/halls"
SECRET = "植えた館の名"
BASE = "base=2026&year=2020"


@pytest.fixture(scope="module")
def database(sample_town: DatabaseUrls) -> Iterator[Database]:
    with psycopg.connect(sample_town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")  # the rows of an active dataset are immutable
        conn.execute("UPDATE kyodo.hall SET name = %s WHERE hall_id = 'hall-001'", (SECRET,))
    found = Database(sample_town.app, max_size=3)
    yield found
    found.close()


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls, database: Database) -> Iterator[TestClient]:
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def users(sample: TestClient) -> dict[Role, dict[str, str]]:
    """Cookies of a member of staff and of a partner."""
    services = sample.app.state.services  # type: ignore[attr-defined]
    found = {}
    for role in (Role.PLANNER, Role.PARTNER):
        with services.database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, CODE, f"of.{role.value}", "試験", {role}, by="test")
            token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
        found[role] = {"cookie": f"kyodo_session={token}"}
    return found


@pytest.fixture(scope="module")
def staff(users: dict[Role, dict[str, str]]) -> dict[str, str]:
    return users[Role.PLANNER]


@pytest.fixture(scope="module")
def before(sample: TestClient, staff: dict[str, str]) -> str:
    return sample.get(GAPS, headers={**PAGE, **staff}).text


@pytest.fixture(scope="module")
def reach(before: str, database: Database) -> HallReach:
    assert job.prepare_all(database, threading.Event()) == 1
    hashed, _ = reach_arrays.is_ready(database, CODE)
    with database.read(Audience.STAFF) as conn:
        found = reach_arrays.held_halls(conn, CODE, hashed)
    assert found is not None
    return found


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def of(client: TestClient, path: str, staff: dict[str, str], query: str = "") -> list[dict[str, str]]:
    answer = client.get(f"{path}.csv?{query}", headers=staff)
    assert answer.status_code == 200 and "no-store" in answer.headers["cache-control"]
    return rows(answer.text)


def test_until_the_ways_are_there_the_straight_line_stands_in_and_says_so(before: str) -> None:
    assert "を直線距離×1.3 で数えました（道のりではありません）" in before
    assert "自治公民館までの道のりの計算が終わっていないか" not in before  # all is by the straight line then


def test_ways_to_halls_are_those_of_the_network_and_longer_than_the_line(
    reach: HallReach, database: Database
) -> None:
    hashed, _ = reach_arrays.is_ready(database, CODE)
    held = reach_arrays.held(database, CODE, hashed)
    with database.read(Audience.STAFF) as conn:
        known = [h for h in halls(conn, resolve(conn, CODE)) if h.x is not None]
    assert held is not None and reach.hall.tolist() == [h.hall_id for h in known]
    assert reach.network.shape == (len(held.key), len(known)) == reach.winter.shape
    finite = np.isfinite(reach.network)
    assert finite.any() and (reach.winter[finite] >= reach.network[finite] * 0.8).all()
    assert HallReach.from_bytes(reach.to_bytes()).hall.tolist() == reach.hall.tolist()


def test_city_facilities_alone_and_with_halls_differ_by_the_people_whom_only_halls_reach(
    sample: TestClient, staff: dict[str, str], reach: HallReach, database: Database
) -> None:
    hashed, _ = reach_arrays.is_ready(database, CODE)
    held = reach_arrays.held(database, CODE, hashed)
    assert held is not None
    people = held.people_in(2020).sum(axis=1)
    for by, ways in (("network", reach.network), ("winter", reach.winter)):
        city = np.where(held.open_in(2020), held.costs(by), np.inf).min(axis=1) <= 700
        either = city | (ways.min(axis=1) <= 700)
        found = of(
            sample, GAPS, staff, f"part=districts&year=2020&distance=700&drive_below=0&supply=all&by={by}"
        )
        assert found[0]["地区"] == "市全体" and len(found) == 31
        assert int(found[0]["届かない人：市の施設だけ"]) == pytest.approx(people[~city].sum(), abs=1)
        assert int(found[0]["届かない人：自治公民館も"]) == pytest.approx(people[~either].sum(), abs=1)
        assert int(found[0]["差（人）"]) == pytest.approx(people[either & ~city].sum(), abs=1)
    page = sample.get(GAPS, headers={**PAGE, **staff}).text
    assert "館を歩く道のり（道路網）で数えました" in page and "自治公民館を数えると変わること" in page


def test_register_tells_papers_size_and_grants(
    sample: TestClient, staff: dict[str, str], reach: HallReach, database: Database
) -> None:
    found = {row["番号"]: row for row in of(sample, GAPS, staff, "part=halls&year=2020")}
    with database.read(Audience.STAFF) as conn:
        known = halls(conn, resolve(conn, CODE))
    assert set(found) == {hall.hall_id for hall in known} and found["hall-001"]["自治公民館"] == SECRET
    for hall in known:
        row = found[hall.hall_id]
        assert row["建築年"] == ("不明" if hall.built_year is None else str(hall.built_year))
        assert row["所有・借家"] == {"owned": "所有", "rented": "借家"}[hall.ownership or ""]
        assert (row["建築確認の日"] == "不明") == (hall.confirmed_on is None)
        assert (row["延床面積（m²）"] == "不明") == (hall.floor_area_m2 is None)
        assert (row["補助（新しい順）"] == "記録なし") == (not hall.grants)
        assert (row["ここが最寄りの人"] == "不明") == (hall.x is None)
    held = sum(int(row["ここが最寄りの人"]) for row in found.values() if row["ここが最寄りの人"] != "不明")
    assert 200_000 < held <= 285_100


def test_associations_have_every_figure(sample: TestClient, staff: dict[str, str], reach: HallReach) -> None:
    found = of(sample, GAPS, staff, "part=figures&year=2020")
    for column in (
        "最寄りの施設", "500 m以内（%）", "800 m以内（%）", "1,200 m以内（%）",
        "千人あたりの定員（2SFCA）", "同（E2SFCA）", "ジニ係数",
        "いちばん遠い5%の平均（m）", "うち0〜14歳", "うち65歳以上", "届かない主な理由", "自治公民館",
    ):  # fmt: skip
        assert column in found[0], column
    short = of(sample, GAPS, staff, "year=2020")
    assert [row["届かない人"] for row in found] == [row["届かない人"] for row in short]


def test_outlook_counts_each_owned_hall_by_its_year(
    sample: TestClient, staff: dict[str, str], reach: HallReach, database: Database
) -> None:
    page = sample.get(f"{HALLS}?{BASE}", headers={**PAGE, **staff})
    assert page.status_code == 200 and "no-store" in page.headers["cache-control"]
    for words in (
        "見本データ（架空）",
        "額は不明です（0円ではありません）",
        "旧耐震",
        "借家 ",
        "<svg",
        "1981年6月1日より前",
    ):
        assert words in page.text, words
    with database.read(Audience.STAFF) as conn:
        known = halls(conn, resolve(conn, CODE))
    owned = [h for h in known if h.ownership != "rented" and h.built_year is not None]
    rebuilt = [h for h in owned if h.built_year is not None and 2026 <= h.built_year + 60 <= 2030]
    periods = {row["番号"]: row for row in of(sample, HALLS, staff, f"{BASE}&part=periods")}
    assert int(periods["2026-2030"]["建替え（館）"]) == len(rebuilt)
    assert int(periods["overdue"]["建替え（館）"]) == sum((h.built_year or 0) + 60 < 2026 for h in owned)
    assert {row["建替えの補助の見込み（円）"] for row in periods.values()} == {"不明"}
    years = of(sample, HALLS, staff, f"{BASE}&part=years")
    for need in ("大規模修繕（館）", "建替え（館）"):
        by_year = sum(int(row[need]) for row in years if row["番号"].isdigit())
        assert (
            by_year
            == int(periods["all"][need])
            == sum(int(row[need]) for key, row in periods.items() if "-" in key)
        )
    told = {row["番号"]: row for row in of(sample, HALLS, staff, f"{BASE}&part=halls")}
    for hall in known:
        row = told[hall.hall_id]
        if hall.ownership == "rented":
            assert row["次の建替え"] == "借家（対象外）"
        elif hall.built_year is None:
            assert row["次の建替え"] == "不明" == row["築年数"]
        if hall.confirmed_on is not None:
            assert row["耐震"] == ("旧耐震" if hall.confirmed_on < date(1981, 6, 1) else "新耐震")


def test_subsidies_follow_price_rate_and_ceiling(
    sample: TestClient, staff: dict[str, str], reach: HallReach
) -> None:
    terms = "rebuild_price=200000&rebuild_rate=50&rebuild_ceiling=8000000"
    row = of(sample, HALLS, staff, f"{BASE}&part=periods&{terms}")[-1]
    assert 0 < int(row["建替えの補助の見込み（円）"].split("（")[0]) <= 8_000_000 * int(row["建替え（館）"])
    assert row["大規模修繕の補助の見込み（円）"] == "不明"
    page = sample.get(f"{HALLS}?{BASE}&{terms}&repair_rate=", headers={**PAGE, **staff}).text
    assert "単価 200,000 円/m²、補助率 50 %、上限 8,000,000 円" in page


def test_who_has_no_hall(
    sample: TestClient, staff: dict[str, str], reach: HallReach, database: Database
) -> None:
    found = of(sample, HALLS, staff, f"{BASE}&part=without")
    with database.read(Audience.STAFF) as conn:
        own = {hall.association_id for hall in halls(conn, resolve(conn, CODE))}
    assert found and not own & {row["番号"] for row in found}
    out = [int(row["範囲に自治公民館のない人"]) for row in found if row["人口"] != "不明"]
    assert out == sorted(out, reverse=True)
    districts = of(sample, HALLS, staff, f"{BASE}&part=districts")
    assert sum(int(row["自治公民館"]) for row in districts) == len(reach.hall) + sum(
        row["ここが最寄りの人"] == "不明" for row in of(sample, GAPS, staff, "part=halls")
    )


@pytest.mark.parametrize(
    "query",
    ["years=0", "repair_after=60", "rebuild_rate=101", "repair_price=-1", "base=1999", "other=1", "part=x"],
)
def test_terms_that_cannot_be_are_refused(
    sample: TestClient, staff: dict[str, str], reach: HallReach, query: str
) -> None:
    answer = sample.get(f"{HALLS}.csv?{query}", headers={"accept": "application/json", **staff})
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")


def test_nobody_but_staff_gets_anything_of_a_hall(
    sample: TestClient, users: dict[Role, dict[str, str]], reach: HallReach, sample_town: DatabaseUrls
) -> None:
    assert (
        SECRET in sample.get(HALLS, headers={**PAGE, **users[Role.PLANNER]}).text
    )  # it is there to be found
    parts = ("", ".csv", ".csv?part=halls", ".csv?part=figures")
    for who in ({}, users[Role.PARTNER]):
        for path in (f"{base}{part}" for base in (GAPS, HALLS) for part in parts):
            answer = sample.get(path, headers={**PAGE, **who})
            assert answer.status_code in (302, 303, 401, 403, 404) and SECRET not in answer.text
        for path in (
            "/facilities", "/facilities/gaps", "/facilities/closing", "/api/v1/facilities/closing", "/api/v1/facilities/gaps",
            "/downloads/facility-gaps.csv?part=cells", "/downloads/facility-gaps.csv?part=figures",
            "/downloads/facility-list.geojson", "/maps/facility-list.js", "/maps/facility-gaps.js",
        ):  # fmt: skip
            answer = sample.get(path, headers={**PAGE, **who})
            assert answer.status_code == 200 and SECRET not in answer.text and "hall-0" not in answer.text, (
                path
            )
    with psycopg.connect(sample_town.app) as conn:
        for role in ("kyodo_public", "kyodo_partner"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), conn.transaction():
                conn.execute(f"SET LOCAL ROLE {role}")
                conn.execute("SELECT body FROM kyodo.computed WHERE name = 'reach-halls'")


def test_a_town_without_network_ages_or_halls_has_both_pages(town: DatabaseUrls) -> None:
    """The town of squares, its halls taken away: sentences instead of figures, nothing breaks."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET session_replication_role = replica")
        conn.execute("DELETE FROM kyodo.hall")
    settings = Settings(database_url=town.app, owner_database_url=town.owner, database_pool_size=4)
    with client_of(create_app(settings)) as client:
        services = client.app.state.services  # type: ignore[attr-defined]
        with services.database.write(Audience.AUTH) as conn:
            user = accounts.add_user(conn, CODE, "planner", "試験", {Role.PLANNER}, by="test")
            token = SignIn(services.database, services.settings)._open(conn, user.user_id, None)
        who = {"cookie": f"kyodo_session={token}"}
        for path in (GAPS, HALLS):
            page = client.get(path, headers={**PAGE, **who})
            assert page.status_code == 200, page.text[:500]
            assert "<img src=x" not in page.text and '<svg class="chart' not in page.text
        assert "自治公民館の名簿が読み込まれていないため" in page.text
        for part in ("associations", "figures", "districts", "halls"):
            assert client.get(f"{GAPS}.csv?part={part}", headers=who).status_code == 200
        for part in ("halls", "periods", "years", "districts", "without"):
            assert client.get(f"{HALLS}.csv?part={part}", headers=who).status_code == 200
        assert client.get(f"{HALLS}?demand=mesh", headers={**PAGE, **who}).status_code == 400
        answer = client.get("/api/v1/facilities/gaps")
        assert (
            answer.status_code == 200 and client.get("/api/v1/facilities/gaps?part=cells").status_code == 200
        )
        assert "不明" in client.get("/downloads/facility-gaps.csv?part=figures").text
