"""Scenarios on the bundled sample: page = file = interface = paper, drafts for staff alone, parameters, comparison."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.app import create_app
from api.scenario_edit.reading import faults_of, known
from api.scenario_pages.report import report_html
from api.settings import Settings
from geodata.database import Audience, Database
from geodata.queries.generation import resolve
from geodata.scenarios import scenario
from kyodo_geo.roles import Role
from tests.api import city
from tests.api.conftest import PAGE, another, client_of
from tests.api.ticket_world import sign_in
from tests.fixtures_db import DatabaseUrls

BASE, API, STAFF = "/facilities/scenarios", "/api/v1/facilities/scenarios", "/staff/facilities/scenarios"
ONE = f"{BASE}/sample-gather"
SECRETS = ("秘密の案の題名", "秘密の案のねらい", "秘密の行動の注記", "秘密の第二版")
VACANT = (141.154321, 39.723456)


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    """The sample with a secret draft, a newer secret draft of the published scenario, and a planted vacant house."""
    with psycopg.connect(sample_town.superuser) as conn:
        conn.execute("SET search_path TO kyodo, public")
        town = city.Builder(conn)
        some = conn.execute("SELECT facility_id FROM scenario_action ORDER BY facility_id LIMIT 1").fetchone()
        assert some is not None
        for key, version, title in (("secret", 1, SECRETS[0]), ("sample-gather", 2, SECRETS[3])):
            town.row(
                "scenario", scenario_id=key, version=version, title=title, author="試験課", reason=SECRETS[1],
                base_year=2026, horizon=40, created_by="秘密の職員", quality="sample",
            )  # fmt: skip
            town.row(
                "scenario_action", scenario_id=key, version=version, action_no=1, year=2030, facility_id=some[0],
                action="廃止・除却", note=SECRETS[2],
            )  # fmt: skip
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "UPDATE kyodo_vacant.vacant_house SET geom = ST_SetSRID(ST_MakePoint(%s, %s), 4326), address = %s "
            "WHERE ctid = (SELECT ctid FROM kyodo_vacant.vacant_house LIMIT 1)",
            (*VACANT, city.SECRET_ADDRESS),
        )
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


def lines(client: TestClient, address: str, **params: Any) -> list[dict[str, str]]:
    answer = client.get(address, params=params or None)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))


def html_of(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


def cell(html: str, table: str, row: str, place: int) -> str:
    """Text of a cell of the page's table, by the row's key."""
    part = html.split(f'id="{table}"', 1)[1].split("</table>", 1)[0]
    cells = re.findall(r"<td[^>]*>(.*?)</td>", part.split(f'data-key="{row}"', 1)[1].split("</tr>", 1)[0])
    return re.sub(r"<[^>]+>", "", cells[place])


def test_the_list_says_who_why_and_what_it_costs(sample: TestClient) -> None:
    html, one = html_of(sample, BASE), sample.get(f"{API}/sample-gather").json()["scenario"]
    assert (
        "見本の案A（架空）" in html
        and "見本の検討会（架空）" in html
        and "第1版" in html
        and "公開中" in html
    )
    assert f"{one['cost_yen'] / 1e6:,.1f}" in html and f"{one['cost_base_yen'] / 1e6:,.1f}" in html
    assert sample.get(API).json()["scenarios"] == [one]
    assert one["effect_yen"] == pytest.approx(one["cost_base_yen"] - one["cost_yen"], abs=1)


def test_page_file_and_interface_say_the_same_of_every_year(sample: TestClient) -> None:
    html, body = html_of(sample, ONE), sample.get(f"{API}/sample-gather").json()
    rows = {line["番号"]: line for line in lines(sample, f"{ONE}/figures.csv")}
    assert len(rows) == len(body["years"]) == 40
    for key, whole in (("scenario", "cost_yen"), ("base", "cost_base_yen")):
        years = [pair[key] for pair in body["years"]]
        assert sum(year["total_yen"] for year in years) == pytest.approx(body["scenario"][whole], abs=20), (
            "half a yen a year"
        )
    assert "表の数を足すと、計と少し違うことがあります" in html
    for pair in body["years"]:
        mine, other = pair["scenario"], pair["base"]
        row, year = rows[str(mine["year"])], str(mine["year"])
        assert float(row["費用：この案（百万円）"]) == pytest.approx(mine["total_yen"] / 1e6, abs=0.051)
        assert float(row["費用：今のまま（百万円）"]) == pytest.approx(other["total_yen"] / 1e6, abs=0.051)
        assert int(row["届かない65歳以上（人）"]) == mine["out_of_reach_65"]
        assert int(row["最寄りまでの平均（m）"]) == mine["mean_m"]
        assert float(row["範囲に施設がある人（%）"]) == pytest.approx(100 * mine["share_within"], abs=0.06)
        assert cell(html, "years", year, 0) == f"{float(row['費用：この案（百万円）']):,.1f}"
        assert cell(html, "years", year, 12).replace(",", "") == row["届かない65歳以上（人）"]
        assert (
            "見本の案A" in row["期間"]
            and "第1版" in row["期間"]
            and row["データの品質"] == "見本データ（架空）"
        )
    assert body["scenario"]["cost_yen"] == pytest.approx(
        sum(p["scenario"]["total_yen"] for p in body["years"]), abs=40
    )


def test_the_base_case_is_the_simple_renewal_of_the_cost_pages(sample: TestClient) -> None:
    years = sample.get("/downloads/facility-costs.csv", params={"part": "years"})
    page = list(csv.DictReader(io.StringIO(years.text.removeprefix("\ufeff"))))
    ours = [pair["base"]["works_yen"] for pair in sample.get(f"{API}/sample-gather").json()["years"]]
    assert ours == [int(row["60年で建替え（円）"]) for row in page]


def test_moves_and_districts_agree_with_the_sentence(sample: TestClient) -> None:
    body = sample.get(f"{API}/sample-gather", params={"year": 2031}).json()
    html = html_of(sample, f"{ONE}?year=2031")
    longer = sum(row["longer"] for row in body["districts"])
    said = int(re.search(r"遠くなる人は ([0-9,]+) 人", html)[1].replace(",", ""))  # type: ignore[index]
    assert said == pytest.approx(longer, abs=len(body["districts"]))
    gone = {row["facility_id"] for row in body["actions"] if row["action"] in ("集約化", "複合化")}
    assert body["moves"] and {row["from_id"] for row in body["moves"]} == gone
    assert sum(row["people"] for row in body["moves"]) >= longer - 30
    assert {row["facility_id"] for row in body["shelters"]} <= gone
    rows = lines(sample, f"{ONE}/figures.csv", part="moves", year=2031)
    assert [int(row["人数"]) for row in rows] == [row["people"] for row in body["moves"]]


def test_the_year_is_chosen_without_a_script_and_changes_map_and_tables(sample: TestClient) -> None:
    before, after = html_of(sample, f"{ONE}?year=2026"), html_of(sample, f"{ONE}?year=2036")
    assert "遠くなる人はいません" in before and "遠くなる人はいません" not in after
    assert '<option value="2036" selected>' in after and 'method="get"' in after
    script = re.search(r'src="([^"]+map\.js[^"]*)"', after)
    assert script is not None
    answer = sample.get(script[1].replace("&amp;", "&"))
    assert answer.status_code == 200 and "map_facility_scenario" in answer.text
    assert (
        "閉じる・移る施設" in answer.text.encode().decode("unicode_escape", "ignore")
        or "places" in answer.text
    )


@pytest.mark.parametrize(
    ("path", "says"),
    [
        (f"{ONE}?year=1999", "2026 から 2065"),
        (f"{ONE}?year=abc", "整数"),
        (f"{ONE}?supply=なにか", "使える値"),
        (f"{ONE}?distance=1", "100"),
        (f"{ONE}?other=1", "other"),
        (f"{BASE}?year=2030", "year"),
        (f"{BASE}/compare?ids=a,b,c,d", "3 つまで"),
        (f"{BASE}/compare?ids=base", "1 つ以上"),
        (f"{BASE}/compare?ids=<x>", "使えません"),
        (f"{BASE}/compare?ids=sample-gather,base&year=1999", "2026 から 2065"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_with_a_sentence(sample: TestClient, path: str, says: str) -> None:
    page = sample.get(path, headers=PAGE)
    assert page.status_code == 400 and says in page.text
    problem = sample.get(path, headers={"accept": "application/json"})
    assert problem.headers["content-type"] == "application/problem+json"


def test_drafts_and_vacant_houses_reach_nobody_but_staff(
    sample: TestClient, sample_town: DatabaseUrls
) -> None:
    """Pages, files, interface, map and paper, as a visitor and as a partner; the newer draft of what is published too."""
    paths = [
        BASE, ONE, f"{ONE}/map.js", API, f"{API}/sample-gather", f"{BASE}/compare", f"{BASE}/compare.csv",
        f"{BASE}/compare.csv?part=years", *(f"{ONE}/figures.csv?part={p}" for p in ("years", "districts", "actions", "moves")),
    ]  # fmt: skip
    partner = another(sample)
    sign_in(partner, Role.PARTNER)
    secrets = (*SECRETS, "秘密の職員", city.SECRET_ADDRESS, *(str(value) for value in VACANT))
    for who in (sample, partner):
        for path in paths:
            answer = who.get(path)
            assert answer.status_code == 200, path
            assert not [word for word in secrets if word in answer.text], path
        for path in (f"{BASE}/secret", f"{BASE}/sample-keep", f"{API}/secret", f"{BASE}/secret/figures.csv",
                     f"{BASE}/secret/map.js", f"{BASE}/secret/report.pdf", f"{BASE}/compare?ids=secret,base"):  # fmt: skip
            assert who.get(path).status_code == 404, path
        for path in (*(f"{STAFF}/secret/{ending}" for ending in ("view", "map.js", "figures.csv", "report.pdf")),
                     f"{STAFF}/compare?ids=secret,base", f"{STAFF}/compare.csv?ids=secret,base", f"{STAFF}/compare"):  # fmt: skip
            refused = who.get(path, follow_redirects=False)
            assert refused.status_code in (303, 401, 403), path
            assert not [word for word in secrets if word in refused.text], path
    paper = paper_of(sample, "sample-gather", Audience.PUBLIC)
    assert not [word for word in secrets if word in paper]


def paper_of(
    client: TestClient, key: str, audience: Audience, version: int | None = None, **asked: Any
) -> str:
    """HTML of the report as the reader's audience gets it."""
    from api.answers import Reading
    from api.clock import today
    from api.scenario_pages.params import ScenarioParams
    from geodata import scenarios as stored
    from geodata.queries.generation import resolve

    services = client.app.state.services  # type: ignore[attr-defined]
    held = services.reach.get(services, city.CODE)
    with services.database.read(audience) as conn:
        reading = Reading(conn, resolve(conn, city.CODE), today(), services)
        return report_html(
            reading, held, stored.scenario(conn, city.CODE, key, version), ScenarioParams(**asked)
        )


def test_staff_see_drafts_as_everybody_would_and_nothing_of_it_is_kept(sample: TestClient) -> None:
    staff = another(sample)
    sign_in(staff, Role.PLANNER)
    staff.headers["accept"] = "text/html"
    page = staff.get(f"{STAFF}/secret/view")
    assert page.status_code == 200 and SECRETS[0] in page.text and "下書き" in page.text
    script = re.search(r'src="([^"]+map\.js[^"]*)"', page.text)
    assert script is not None
    for path in (f"{STAFF}/secret/view", script[1].replace("&amp;", "&"), f"{STAFF}/secret/figures.csv"):
        answer = staff.get(path)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "private, no-store", path
    newest = staff.get(f"{STAFF}/sample-gather/view")
    assert SECRETS[3] in newest.text and "第2版" in newest.text
    first = staff.get(f"{STAFF}/sample-gather/view?version=1")
    assert SECRETS[3] not in first.text and "見本の案A" in first.text
    assert staff.get(f"{STAFF}/sample-gather/view?version=9").status_code == 404
    assert "会議の外に出さないでください" in paper_of(sample, "secret", Audience.STAFF)
    # And after staff have looked, the public's answer is what it was.
    assert SECRETS[3] not in html_of(sample, ONE)


def test_side_by_side_with_the_base_case_and_as_a_file(sample: TestClient) -> None:
    path = f"{BASE}/compare?ids=sample-gather,base"
    html, body = html_of(sample, path), sample.get(f"{API}/sample-gather").json()["scenario"]
    assert html.count('role="img"') >= 3, "two maps and a chart"
    assert "今のまま続ける場合" in html and 'id="differences"' in html
    rows = {row["番号"]: row for row in lines(sample, f"{BASE}/compare.csv?ids=sample-gather,base")}
    assert float(rows["total"]["今のまま続ける場合"]) == pytest.approx(body["cost_base_yen"] / 1e6, abs=0.051)
    assert f"{float(rows['total'][body['title']]):,.1f}" in html
    assert float(rows["longer"]["今のまま続ける場合"]) == 0
    years = lines(sample, f"{BASE}/compare.csv?ids=sample-gather,base&part=years")
    assert len(years) == 80 and {row["案"] for row in years} == {body["title"], "今のまま続ける場合"}


def test_staff_compare_drafts_before_they_are_published(sample: TestClient) -> None:
    """The same figures as everybody's comparison; the draft is named as one, and nothing of it is kept."""
    staff = another(sample)
    sign_in(staff, Role.PLANNER)
    staff.headers["accept"] = "text/html"
    asked = "?ids=secret,sample-gather,base"
    page = staff.get(f"{STAFF}/compare{asked}")
    assert page.status_code == 200 and page.headers["cache-control"] == "private, no-store"
    assert SECRETS[0] in page.text and SECRETS[3] in page.text and "庁内限り" in page.text
    assert "第2版（下書き" in page.text and 'name="robots" content="noindex"' in page.text
    assert f'href="{STAFF}/secret/view"' in page.text and f'href="{BASE}/compare' not in page.text
    for ids in ("", "?ids=sample-gather,base"):  # after staff have looked, the public's answer is what it was
        assert not [word for word in SECRETS if word in html_of(sample, f"{BASE}/compare{ids}")]
    file = staff.get(f"{STAFF}/compare.csv{asked}")
    assert file.headers["cache-control"] == "private, no-store"
    rows = {row["番号"]: row for row in csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff")))}
    public = {
        row["番号"]: row for row in lines(sample, f"{BASE}/compare.csv?ids=sample-gather,base&year=2030")
    }
    assert rows["total"]["今のまま続ける場合"] == public["total"]["今のまま続ける場合"]
    assert f"{SECRETS[0]}（第1版・下書き" in rows["total"]["期間"]
    assert f'href="{STAFF}/compare"' in staff.get(STAFF).text
    assert f'href="{STAFF}/compare?ids=secret,base"' in staff.get(f"{STAFF}/secret/view?version=1").text
    assert staff.get(f"{STAFF}/compare?ids=none,base").status_code == 404
    assert staff.get(f"{STAFF}/compare?ids=base").status_code == 400


def test_the_report_says_in_plain_words_what_the_page_says(sample: TestClient, tmp_path: Path) -> None:
    body = sample.get(f"{API}/sample-gather").json()
    asked = "year=2036&amp;supply=all&amp;distance=1200"
    assert f'href="{ONE}/report.pdf?{asked}"' in html_of(sample, f"{ONE}?{asked.replace('&amp;', '&')}")
    answer = sample.get(f"{ONE}/report.pdf?{asked.replace('&amp;', '&')}")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    (tmp_path / "report.pdf").write_bytes(answer.content)
    words = run("pdftotext", "-raw", str(tmp_path / "report.pdf"), "-").replace("\n", "")
    for heading in ("なぜ考えるのか", "何をするのか", "だれの、何が変わるのか", "いくらかかるのか", "避難所はどうなるのか",
                    "まだわかっていないこと", "聞きたいこと、言いたいことがあるとき", "計算の前提"):  # fmt: skip
        assert heading in words, heading
    assert f"{body['scenario']['cost_yen'] / 1e8:,.1f}億円" in words.replace(" ", "")
    assert (
        "近くの施設にまとめます" in words
        and "決まった計画ではありません" in words
        and "見本データ（架空）" in words
    )
    assert "2036年度・すべての施設" in words and "徒歩1,200m" in words.replace(" ", "")
    for wrong in ("distance=1", "year=1999", "municipality=22212", "other=1"):
        assert sample.get(f"{ONE}/report.pdf?{wrong}").status_code == 400, wrong
    info = run("pdfinfo", str(tmp_path / "report.pdf"))
    assert re.search(r"Tagged:\s+yes", info) and "説明資料" in info
    assert re.search(r"Table|TH", run("pdfinfo", "-struct", str(tmp_path / "report.pdf")))


def test_the_report_counts_as_the_page_does(sample: TestClient) -> None:
    """Who gets farther, in the year and within the distance that the page was asked for."""
    page = html_of(sample, f"{ONE}?year=2036&distance=1200")
    sentence = re.search(r"<p>([^<]+遠くなる人は[^<]+)</p>", page)
    assert sentence is not None
    assert sentence[1] in paper_of(sample, "sample-gather", Audience.PUBLIC, year=2036, distance=1200)
    assert sentence[1] not in paper_of(sample, "sample-gather", Audience.PUBLIC, year=2031, distance=800)


def run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def test_asking_imports_no_scipy() -> None:
    code = (
        "import sys, api.scenario_pages.view, api.scenario_pages.compare, api.scenario_pages.report, "
        "kyodo_geo.scenarios.effects, maps.paper_places; sys.exit('scipy' in sys.modules or 'geopandas' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_another_year_takes_little_processor_time(sample: TestClient) -> None:
    """A generous watchdog; the figures measured are in docs/SCENARIOS.md."""
    html_of(sample, ONE)
    start = time.process_time()
    html_of(sample, f"{ONE}?year=2033")
    assert time.process_time() - start < 2
    start = time.process_time()
    html_of(sample, f"{ONE}?year=2033")
    assert time.process_time() - start < 0.2


def test_a_copy_of_the_samples_scenarios_can_be_published(sample_town: DatabaseUrls) -> None:
    """What an editor refuses must not stand in what newcomers begin from."""
    database = Database(sample_town.app, max_size=1)
    with database.read(Audience.STAFF) as conn:
        ref = resolve(conn, "03201")
        held = known(conn, ref)
        for scenario_id in ("sample-gather", "sample-keep"):
            assert faults_of(scenario(conn, "03201", scenario_id, 1), held) == [], scenario_id
    database.close()
