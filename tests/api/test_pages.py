"""Every page: reachable from the first one, in Japanese, with its source, and the same numbers everywhere."""

from __future__ import annotations

import csv
import io
import re

import html5lib
import pytest
from starlette.testclient import TestClient

from api.support.themes import THEMES
from tests.api.conftest import PAGE, once_more
from tests.api.test_privacy import links

PAGES = ["/", "/maps", "/maps/projects", "/maps/plan-adoption", "/maps/membership", "/maps/facility-coverage",
         "/facilities", "/facilities/gaps", "/facilities/closing", "/facilities/costs", "/facilities/scenarios", "/lookup",
         "/datasets", "/about", "/api", "/districts", "/districts/1", "/districts/4", "/login"]  # fmt: skip
MAPS = ["plan-adoption", "membership", "facility-coverage"]
NS = "{http://www.w3.org/1999/xhtml}"


def get(client: TestClient, path: str) -> str:
    answer = client.get(path, headers=PAGE)
    assert answer.status_code == 200, answer.text
    return answer.text


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_valid_japanese_html(client: TestClient, path: str) -> None:
    text = get(client, path)
    parser = html5lib.HTMLParser(strict=False)
    root = parser.parse(text)
    assert [error for error in parser.errors if error[1] != "unexpected-end-tag-treated-as"] == []
    assert root.get("lang") == "ja"
    assert len(root.findall(f".//{NS}h1")) == 1
    title = root.find(f".//{NS}title")
    assert title is not None and title.text is not None
    assert " | 盛岡市 " in title.text


def test_titles_are_unique(client: TestClient) -> None:
    titles = [re.search("<title>(.*?)</title>", get(client, path), re.S)[1] for path in PAGES]  # type: ignore[index]
    assert len(set(titles)) == len(titles)


SENDS_ON = frozenset({"/staff", "/maps/grants", "/maps/halls", "/maps/agreement", "/facilities/siting"})
"""Pages linked from public ones that lead to the sign-in."""


AS_BROWSERS = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
"""Pages first, but anything rather than nothing: what exists as JSON alone is linked too."""


def test_every_page_is_reachable_from_the_first(client: TestClient, blank_paper: None) -> None:
    came: dict[str, str] = {}
    seen, todo = set(), {"/"}
    while todo - seen:
        path = (todo - seen).pop()
        seen.add(path)
        answer = client.get(path, headers=AS_BROWSERS)
        # Pages of the staff are linked for the staff; everybody else is sent to the sign-in.
        sent_on = path in SENDS_ON or path.startswith("/staff/")
        assert answer.status_code == (303 if sent_on else 200), (path, came.get(path))
        if "html" in answer.headers.get("content-type", ""):
            came |= dict.fromkeys(links(answer.text) - came.keys(), path)
            todo |= {link for link in links(answer.text) if not once_more(link)}
    assert set(PAGES) <= seen


@pytest.mark.parametrize("path", PAGES)
def test_maps_districts_and_progress_are_two_clicks_away(client: TestClient, path: str) -> None:
    assert {"/maps", "/progress"} <= links(get(client, path).split('class="site-nav"')[1].split("</nav>")[0])
    wanted = {f"/maps/{name}" for name in (*MAPS, "projects", "grants", "halls", "agreement")}
    wanted |= {f"/staff/maps/{name}" for name in ("membership", "at-risk")}
    wanted |= {f"/maps/support?theme={theme.key}" for theme in THEMES}
    assert wanted | {f"/districts/{no}" for no in range(1, 5)} <= links(get(client, "/maps"))


FACILITIES = (
    "/facilities",
    "/facilities/gaps",
    "/facilities/closing",
    "/facilities/costs",
    "/facilities/scenarios",
)


def test_the_front_page_the_list_of_maps_and_each_other_lead_to_the_facilities(client: TestClient) -> None:
    assert "/facilities" in links(get(client, "/about").split('class="site-nav"')[1].split("</nav>")[0])
    for path in ("/", "/maps", *FACILITIES):
        assert set(FACILITIES) <= links(get(client, path)), path


def test_only_pages_that_know_the_assumptions_are_asked_with_them(client: TestClient) -> None:
    """Costs and scenarios refuse parameters they do not have: a link that carries them on would end in an error."""
    asked = get(client, "/facilities/gaps?year=2020&distance=1200")
    tabs = re.findall(r'<a href="([^"]+)"', asked.split("reach-tabs")[1].split("</nav>")[0])
    assert sum("distance=1200" in href for href in tabs) == 3
    for href in tabs:
        assert client.get(href.replace("&amp;", "&"), headers=PAGE).status_code == 200, href


@pytest.mark.parametrize("path", ["/", "/maps/membership", "/maps/plan-adoption", "/districts/1"])
def test_sample_data_is_named_on_the_page(client: TestClient, path: str) -> None:
    text = get(client, path)
    mark = "非公式（当サービスの推定）" if "plan-adoption" in path else "見本データ（架空）"
    assert mark in text
    assert "出典" in text


def test_a_districts_rate_bears_the_mark_of_its_data(client: TestClient) -> None:
    note = re.search(r"<dt>加入率</dt>.*?figure-note\">(.*?)</span>", get(client, "/districts/1"), re.S)
    assert note is not None and note[1].endswith("（見本）")


@pytest.mark.parametrize("name", MAPS)
def test_a_map_credits_the_outline_it_draws(client: TestClient, name: str) -> None:
    assert "<strong>outlineの表</strong>" in get(client, f"/maps/{name}")


@pytest.mark.parametrize(
    ("name", "chosen"), [("membership", "fiscal_year=2019"), ("facility-coverage", "radius=500")]
)
def test_choosing_anew_keeps_the_city_and_the_day(client: TestClient, name: str, chosen: str) -> None:
    query = f"municipality=03201&as_of=2200-01-01&{chosen}"
    root = html5lib.parse(get(client, f"/maps/{name}?{query}"))
    form = next(form for form in root.iter(f"{NS}form") if "chooser" in (form.get("class") or ""))
    hidden = {
        field.get("name"): field.get("value")
        for field in form.iter(f"{NS}input")
        if field.get("type") == "hidden"
    }
    assert hidden == {"municipality": "03201", "as_of": "2200-01-01"}


def rows_of_page(client: TestClient, name: str, query: str = "") -> dict[str, list[str]]:
    """Number of the district → the texts of its row in the page's table."""
    root = html5lib.parse(get(client, f"/maps/{name}{query}"))
    table = next(table for table in root.iter(f"{NS}table") if table.get("id") == "figures")
    return {
        row.get("data-key"): [cell.text or "" for cell in row.findall(f"{NS}td")]
        for row in table.iter(f"{NS}tr")
        if row.get("data-key")
    }


def rows_of_csv(client: TestClient, address: str) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_table_csv_geojson_and_api_say_the_same(client: TestClient) -> None:
    page = rows_of_page(client, "membership", "?fiscal_year=2019")
    sheet = {row["番号"]: row for row in rows_of_csv(client, "/downloads/membership.csv?fiscal_year=2019")}
    file = client.get("/downloads/membership.geojson?fiscal_year=2019").json()
    api = client.get("/api/v1/districts?fiscal_year=2019").json()
    script = client.get("/maps/membership.js?fiscal_year=2019").text
    assert len(page) == len(sheet) == len(file["features"]) == len(api["features"]) == 4
    for in_file, in_api in zip(file["features"], api["features"], strict=True):
        key = str(in_file["id"])
        rate = in_file["properties"]["membership_rate"]
        assert rate == in_api["properties"]["membership_rate"] == 0.875
        assert page[key][0] == f"{rate * 100:.1f} %"
        assert sheet[key]["加入率（％）"] == f"{rate * 100:.1f}"
        assert (
            page[key][2].replace(",", "")
            == sheet[key]["加入世帯数"]
            == str(in_file["properties"]["member_households"])
        )
    assert script.count("87.5 %") >= 4


def test_reach_is_the_same_in_table_csv_and_geojson(client: TestClient) -> None:
    page = rows_of_page(client, "facility-coverage", "?radius=500")
    sheet = {row["番号"]: row for row in rows_of_csv(client, "/downloads/facility-coverage.csv?radius=500")}
    file = client.get("/downloads/facility-coverage.geojson?radius=500").json()
    for feature in file["features"]:
        key = str(feature["id"])
        share = feature["properties"]["share_inside"]
        assert sheet[key]["到達圏内の住民の割合（％）"] == f"{share * 100:.1f}"
        assert page[key][0] == f"{share * 100:.1f} %"
    shares = [feature["properties"]["share_inside"] for feature in file["features"]]
    # A disc of 500 m (0.785 km²) lies inside districts 1 and 2 (0.952 km² each) and reaches a little over their borders.
    assert 0.7 < shares[0] < 0.85
    assert shares[0] == pytest.approx(shares[1], abs=0.02)
    assert shares[3] == 0


def test_the_year_is_chosen_by_address(client: TestClient) -> None:
    old = get(client, "/maps/membership?fiscal_year=2019")
    assert '<option value="2019" selected>令和元年度(2019年度)</option>' in old
    assert "fiscal_year=2019" in re.search(r'src="(/maps/membership\.js[^"]*)"', old)[1]  # type: ignore[index]


@pytest.mark.parametrize("name", MAPS)
def test_a_maps_script_may_be_kept_for_ever(client: TestClient, name: str) -> None:
    address = re.search(rf'src="(/maps/{name}\.js[^"]*)"', get(client, f"/maps/{name}"))[1]  # type: ignore[index]
    script = client.get(address)
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert script.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get(f"/maps/{name}.js?v=older").headers["cache-control"] == "public, no-cache"


def test_our_files_are_versioned(client: TestClient) -> None:
    for path in ("/maps/membership", "/lookup"):
        for address in links(get(client, path)):
            if address.startswith(("/static", "/map-static", "/leaflet")):
                answer = client.get(address)
                assert answer.status_code == 200, address
                assert answer.headers["cache-control"] == "public, max-age=31536000, immutable", address
    assert client.get("/static/site.css").headers["cache-control"] == "public, no-cache"
    assert client.get("/static/site.css?v=wrong").headers["cache-control"] == "public, no-cache"


def test_pages_carry_the_security_headers(client: TestClient) -> None:
    for path in (*PAGES, "/api/v1/districts", "/nosuch", "/static/site.css", "/healthz"):
        headers = client.get(path, headers=PAGE).headers
        policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
        assert policy["script-src"] == "'self'"
        assert policy["frame-ancestors"] == "'none'"
        assert "unsafe" not in headers["content-security-policy"]
        assert "http" not in headers["content-security-policy"], "no foreign host with the profile none"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "camera=()" in headers["permissions-policy"]


def test_downloads_name_themselves_and_their_day(client: TestClient) -> None:
    for address, name in {
        "/downloads/membership.csv": r"membership_2020_\d{8}\.csv",
        "/downloads/facility-coverage.geojson?radius=1200": r"facility-coverage_1200m_\d{8}\.geojson",
        "/downloads/facilities.csv": r"facilities_\d{8}\.csv",
    }.items():
        assert re.fullmatch(
            rf'attachment; filename="{name}"', client.get(address).headers["content-disposition"]
        )


def test_every_download_names_source_and_quality(client: TestClient) -> None:
    for row in rows_of_csv(client, "/downloads/membership.csv"):
        assert row["データの品質"] == "見本データ（架空）"
        assert row["出典"] and row["時点"] and row["利用条件"]
    for name in (*MAPS, "facilities"):
        credit = client.get(f"/downloads/{name}.geojson").json()["dataset"]
        assert credit["quality_label"] and credit["source"]


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@x", "\t=1", " =1", "＝1", "＠x"])
def test_no_cell_is_a_formula(cell: str) -> None:
    from api.tables import to_csv
    from maps.tables import Cell, Column, Row, Table

    table = Table("表", "名", (Column("a", "甲"),), (Row(cell, cell, (Cell.words(cell),)),))
    credit = {"quality_label": cell, "as_of": None, "source": cell, "licence": ""}
    text = to_csv(table, credit).decode("utf-8-sig")
    row = list(csv.reader(io.StringIO(text)))[1]
    assert all(value.startswith("'") for value in row if value != "不明")


def test_numbers_in_csv_are_numbers(client: TestClient) -> None:
    rows = rows_of_csv(client, "/downloads/plan-adoption.csv")
    assert [int(row["人口"]) for row in rows] == [1000, 2000, 3000, 4000], "without thousands separators"


def test_a_rate_half_way_between_two_digits_is_rounded_alike_on_page_and_in_files() -> None:
    from api.tables import properties, value
    from maps.build import build_map
    from maps.planner_specs import ProjectFigures, ProjectsSpec
    from tests.unit.maps_world import district

    spec = ProjectsSpec(
        districts=(district(1, people=8000),),
        fiscal_year=2024,
        projects={1: ProjectFigures(1, 0)},
        known=True,
    )
    table = build_map(spec).table
    column, cell = table.columns[1], table.rows[0].cells[1]
    assert (cell.text, value(column, cell)) == ("0.13", 0.13)
    assert properties(table, table.rows[0])["rate_per_1000"] == 0.13


def test_the_page_of_a_district(client: TestClient) -> None:
    text = get(client, "/districts/1")
    for words in ("1-1町内会", "1-2町内会", "中央センター", "87.5 %", "86.0 %"):
        assert words in text
    assert 'href="/districts/2"' in text
    assert "非公開" not in text


def test_signed_out_pages_set_no_cookie(client: TestClient) -> None:
    for path in PAGES:
        if path != "/login":
            assert "set-cookie" not in client.get(path, headers=PAGE).headers, "or caches would share it"


def test_a_single_candidate_is_not_called_the_answer(client: TestClient) -> None:
    """A circle that reaches out of the only area it touches."""
    asked = {"lon": "141.1002", "lat": "39.7025", "accuracy": "20"}
    page = client.post("/lookup", data=asked).text
    assert "<title>候補は1件ですが、確かではありません" in page
    assert "候補は 1 件ですが、確かではありません</h1>" in page
    assert page.count('name="association"') == 1
