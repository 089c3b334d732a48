"""「この施設を閉じる」 and the 3-year plan on the bundled sample: figures of other pages, one page of A4, staff's groups."""

from __future__ import annotations

import csv
import io
import re
import subprocess
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from kyodo_geo.roles import STAFF, Role
from tests.api.conftest import PAGE, another, client_of
from tests.api.test_staff_plans import HOSTILE
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

CENTRE = "f-00850322cd37"
PLAN = "/staff/facilities/scenarios/sample-gather/plan"
SECRET_GROUP = "ヒミツ体操の会"


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    with psycopg.connect(sample_town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.facility_group SET name = %s WHERE facility_id = %s AND group_no = 1",
            (SECRET_GROUP, CENTRE),
        )
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture
def staff(sample: TestClient) -> TestClient:
    client = another(sample)
    client.headers["accept"] = "text/html"
    sign_in(client, Role.DISTRICT_OFFICER)
    return client


def plain(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


def numbers(text: str, pattern: str) -> list[int]:
    found = re.search(pattern, text)
    assert found is not None, pattern
    return [int(group.replace(",", "")) for group in found.groups()]


def test_the_sheet_has_the_figures_of_the_table_of_closing(sample: TestClient, staff: TestClient) -> None:
    rows = sample.get("/api/v1/facilities/closing?year=2035").json()["facilities"]
    row = next(item for item in rows if item["id"] == CENTRE)
    for text in (plain(sample.get(f"/facilities/{CENTRE}/close?year=2035", headers=PAGE).text),
                 plain(staff.get(f"/staff/facilities/{CENTRE}/close?year=2035").text)):  # fmt: skip
        assert numbers(text, r"最寄りの ([\d,]+) 人（うち65歳以上 ([\d,]+) 人）") == [
            row["people"],
            row["people_65"],
        ]
        assert numbers(text, r"平均 ([\d,]+) m 長く") == [row["longer_m"]]
        assert numbers(text, r"外れる人は ([\d,]+) 人 ?（うち65歳以上 ([\d,]+) 人）") == [
            row["pushed_out"],
            row["pushed_out_65"],
        ]
        for item in row["to"]:
            assert f"{item['name']} {item['people']:,} 人" in text
        assert f"{row['shelters'][0]['capacity']:,} 人" in text


def test_money_is_that_of_a_scenario_of_one_action(sample: TestClient) -> None:
    text = plain(sample.get(f"/facilities/{CENTRE}/close?year=2031", headers=PAGE).text)
    costs = csv.DictReader(
        io.StringIO(sample.get(f"/downloads/facility-costs.csv?part=years&only={CENTRE}").text)
    )
    # what would be done in the ten years before is not done either: here that is all of it
    rest = sum(int(row["60年で建替え（円）"]) for row in costs)
    (shown,) = re.findall(r"なくなる更新費用（大規模改修・建替え） ([\d.,]+) 億円", text)
    assert float(shown) == pytest.approx(rest / 1e8, abs=0.01)
    (gone,) = re.findall(r"除却（建物を壊す費用） ([\d,]+) 万円", text)
    (area,) = re.findall(r"延床面積 ([\d,]+) m²", text)
    assert int(gone.replace(",", "")) == round(int(area.replace(",", "")) * 23_000 / 10_000)


def test_groups_are_the_staffs_alone(sample: TestClient, staff: TestClient) -> None:
    page = staff.get(f"/staff/facilities/{CENTRE}/close")
    assert page.headers["cache-control"] == "private, no-store" and SECRET_GROUP in page.text
    guest = another(sample)
    for role in Role:
        sign_in(guest, role)
        for path in (f"/staff/facilities/{CENTRE}/close", f"/staff/facilities/{CENTRE}/close.pdf"):
            if role in STAFF and path.endswith("pdf"):
                continue
            answer = guest.get(path)
            assert (answer.status_code == 200) == (role in STAFF), (role, path)
            assert (SECRET_GROUP in answer.text) == (role in STAFF)
        public = guest.get(f"/facilities/{CENTRE}/close").text
        assert "登録団体（庁内限り）" not in public and SECRET_GROUP not in public


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("year=2020", 400),
        ("year=2099", 400),
        ("year=x", 400),
        ("by=bus", 400),
        ("distance=5", 400),
        ("what=1", 400),
    ],
)
def test_what_cannot_be_asked(sample: TestClient, query: str, status: int) -> None:
    assert sample.get(f"/facilities/{CENTRE}/close?{query}", headers=PAGE).status_code == status
    assert sample.get("/facilities/none/close", headers=PAGE).status_code == 404


def pages_of(pdf: bytes) -> tuple[int, str]:
    info = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return int(re.findall(r"Pages:\s+(\d+)", info)[0]), text


def test_the_sheets_are_one_page(sample: TestClient, staff: TestClient) -> None:
    public = sample.get(f"/facilities/{CENTRE}/close.pdf?year=2031")
    own = staff.get(f"/staff/facilities/{CENTRE}/close.pdf?year=2031")
    assert own.headers["cache-control"] == "private, no-store"
    for answer, groups in ((public, False), (own, True)):
        count, text = pages_of(answer.content)
        assert count == 1 and "上田公民館を令和13年度(2031年度)に閉じると" in text.replace("\n", "")
        assert ("登録団体（庁内限り）" in text) == groups and "見本データ" in text


def test_one_page_also_with_the_longest_texts(
    town_of_long_names: TestClient,
) -> None:
    count, text = pages_of(town_of_long_names.get(f"/staff/facilities/{CENTRE}/close.pdf?year=2031").content)
    assert count == 1 and "わからないこと" in text and "出典" in text
    assert HOSTILE not in town_of_long_names.get(f"/staff/facilities/{CENTRE}/close?year=2031").text


LONG = "とても長い名前の地区活動センターと公民館の複合施設" * 7


@pytest.fixture
def town_of_long_names(cluster: Any, sample_db_template: DatabaseUrls) -> Iterator[TestClient]:
    from tests.fixtures_db import copied

    with copied(cluster, sample_db_template) as town:
        with psycopg.connect(town.superuser) as conn:
            conn.execute("SET session_replication_role = replica; SET search_path = kyodo")
            conn.execute(
                "UPDATE facility_site SET name = %s || facility_id, address = %s",
                (HOSTILE + LONG[:140], LONG[:150]),
            )
            conn.execute("UPDATE facility_group SET name = %s", (LONG[:100],))
            conn.execute(
                "INSERT INTO facility_group (municipality_code, facility_id, group_no, weekday, starts, ends, people, name) "
                "SELECT '03201', %s, 900 + n, 1 + n %% 7, '10:00', '12:00', 9999 - n, %s FROM generate_series(1, 40) n",
                (CENTRE, LONG[:100]),
            )
            conn.execute(
                "UPDATE facility_year SET cost_yen = 98765432109, upkeep_yen = 98765432109, income_yen = 98765432109"
            )
            conn.execute("UPDATE room SET name = %s", (LONG[:100],))
            conn.execute("UPDATE district_area SET name = %s || district_no", (LONG[:30],))
            conn.execute("UPDATE dataset SET source = %s, licence = %s", (LONG[:170], LONG[:170]))
        settings = Settings(database_url=town.app, owner_database_url=town.owner, database_pool_size=4)
        with client_of(create_app(settings)) as client:
            sign_in(client, Role.PLANNER)
            client.headers["accept"] = "text/html"
            yield client


# -- the 3-year plan -------------------------------------------------------------------------------------------


def test_the_plan_on_page_csv_and_workbook_adds_up_to_the_scenarios_costs(
    sample: TestClient, staff: TestClient
) -> None:
    import openpyxl

    body = staff.get(f"{PLAN}.csv?from=2029")
    assert body.headers["cache-control"] == "private, no-store"
    rows = list(csv.DictReader(io.StringIO(body.text.removeprefix("\ufeff"))))
    years = [
        f"{label}の事業費（円）"
        for label in ("令和11年度(2029年度)", "令和12年度(2030年度)", "令和13年度(2031年度)")
    ]
    by_name = {row["事業名"]: row for row in rows}
    total, upkeep, sums = (
        by_name[name] for name in ("合計（案の費用）", "維持管理費の目安（全施設）", "事業費の合計")
    )
    projects = rows[:-3]
    for year in years:
        known = [int(row[year]) for row in projects if row[year] != "未定"]
        assert sum(known) == int(sums[year]) and int(sums[year]) + int(upkeep[year]) == int(total[year])
    figures = sample.get("/facilities/scenarios/sample-gather/figures.csv?part=years").text.removeprefix(
        "\ufeff"
    )
    stream = {
        row["番号"]: float(row["費用：この案（百万円）"]) for row in csv.DictReader(io.StringIO(figures))
    }
    for year, fiscal in zip(years, ("2029", "2030", "2031"), strict=True):
        assert int(total[year]) / 1e6 == pytest.approx(stream[fiscal], abs=0.051)
    html = plain(staff.get(f"{PLAN}?from=2029").text)
    for year in years:
        assert f"{int(total[year]):,}" in html and f"{int(sums[year]):,}" in html
    book = openpyxl.load_workbook(io.BytesIO(staff.get(f"{PLAN}.xlsx?from=2029").content))
    sheet = [[cell.value for cell in row] for row in book["実施計画"].iter_rows()]
    assert sheet[0][:3] == ["事業名", "施設", "内容"] and len(sheet) == len(rows) + 1
    assert sheet[-1][3:6] == [int(total[year]) for year in years]
    assert {row["担当課"] for row in projects} == {"不明"}


def test_the_plan_is_the_staffs(sample: TestClient, staff: TestClient) -> None:
    guest = another(sample)
    for role in Role:
        sign_in(guest, role)
        for path in (PLAN, f"{PLAN}.csv", f"{PLAN}.xlsx"):
            assert (guest.get(path).status_code == 200) == (role in STAFF), (role, path)
    assert (
        staff.get(f"{PLAN}?from=1999").status_code == 400 and staff.get(f"{PLAN}?from=x").status_code == 400
    )
    assert staff.get(f"{PLAN}?version=9").status_code == 404
