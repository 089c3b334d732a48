"""The plan's progress: page, API, CSV, workbook and paper say the same; filters, versions, and what is unknown."""

from __future__ import annotations

import csv
import io
import re
import subprocess
import zlib
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import openpyxl
import psycopg
import pytest
from psycopg.types.json import Jsonb
from starlette.testclient import TestClient

from api.answers import reading_of
from api.app import create_app
from api.progress.paper import last_day
from api.progress.paper import report as paper_of
from api.progress.report import Indicator, YearValue, newest_year, progress
from api.progress.states import points
from api.progress.tables import amount
from api.settings import Settings
from kyodo_geo.dates import fiscal_year_label
from kyodo_geo.indicators import Goal, judge
from tests.api.city import CODE, HOSTILE
from tests.api.conftest import PAGE, client_of
from tests.api.progress_tables import Rows, tables_of
from tests.api.test_pages import rows_of_csv
from tests.fixtures_db import DatabaseUrls


@pytest.fixture(scope="module")
def sample(sample_town: DatabaseUrls) -> Iterator[TestClient]:
    """The application on the bundled sample."""
    settings = Settings(
        database_url=sample_town.app, owner_database_url=sample_town.owner, database_pool_size=4
    )
    with client_of(create_app(settings)) as client:
        yield client


@pytest.fixture(scope="module")
def page(sample: TestClient) -> dict[str, Rows]:
    return tables_of(sample.get("/progress", headers=PAGE).text)


def lines_of(sample: TestClient, name: str) -> list[dict[str, str]]:
    answer = sample.get(f"/progress/{name}.csv")
    assert answer.content.startswith(b"\xef\xbb\xbf"), "Excel needs the mark"
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(
        rf'attachment; filename="progress-{name}_r3-r7_2024_\d{{8}}\.csv"',
        answer.headers["content-disposition"],
    )
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))


LABELS = {
    "title": "指標",
    "baseline": "基準",
    "target": "目標",
    "value": "値",
    "low": "95 % 区間の下端",
    "high": "95 % 区間の上端",
    "sample_size": "回答者数",
    "expected": "目標への道筋",
    "state": "状態",
    "measured_by": "測り方",
    "source": "出典",
}


def bare(text: str) -> str:
    """A figure of the page as files hold it: without unit and separators."""
    return re.sub(r"(?<=\d),(?=\d)|(?<=\d) (?:%|件|人|地区)$", "", text)


def same(shown: str, held: str) -> bool:
    """Whether a cell of the page and one of a file are the same figure or words."""
    try:
        return float(bare(shown)) == float(held)
    except ValueError:
        return bare(shown) == held


def test_the_page_has_every_indicator_and_initiative(page: dict[str, Rows]) -> None:
    assert len(page["indicators"]) == 8
    assert list(page["initiatives"]) == [str(no) for no in range(1, 28)]
    stars = {no for no, row in page["initiatives"].items() if row.get("priority") == "★ 重点"}
    assert stars == {"1", "3", "9", "15", "26"}
    assert page["initiatives"]["15"]["record"] == "記録なし"
    assert page["indicators"]["participation"]["baseline_year"] == "令和元年度(2019年度)"


def test_every_state_of_the_sample_is_as_the_rules_say(page: dict[str, Rows]) -> None:
    assert {key: row["state"] for key, row in page["indicators"].items()} == {
        "participation": "遅れ",
        "projects": "達成",
        "membership-rate": "悪化",
        "active-groups": "改善",
        "letters": "改善",  # fewer are better
        "project-districts": "横ばい",
        "training": "悪化",
        "issue-meetings": "不明",
    }


def test_page_api_csv_workbook_and_paper_agree_on_the_indicators(
    sample: TestClient, page: dict[str, Rows], sheets: dict[str, list[dict[str, object]]], paper: str
) -> None:
    told = {row["indicator_id"]: row for row in sample.get("/api/v1/indicators").json()["indicators"]}
    by_csv = {row["指標番号"]: row for row in lines_of(sample, "indicators")}
    by_xlsx = {row["指標番号"]: row for row in sheets["指標"]}
    assert list(told) == list(by_csv) == list(by_xlsx)
    assert set(told) == set(page["indicators"])
    for key, row in page["indicators"].items():
        for column, text in row.items():
            if column in LABELS:
                assert same(text, by_csv[key][LABELS[column]]), (key, column)
                assert same(text, str(by_xlsx[key][LABELS[column]])), (key, column)
        unit = told[key]["unit"]
        value = next((v for v in told[key]["values"] if v["fiscal_year"] == 2024), None)
        assert row["state"] == told[key]["state"]
        assert row["value"] == amount(value and value["value"], unit)
        if value and value["low"] is not None:
            assert row["low"] == amount(value["low"], unit)
            assert row["high"] == amount(value["high"], unit)
            assert f"{row['low']}〜{row['high']}" in paper
        if "expected" in row:
            assert row["expected"] == amount(told[key]["expected"], unit)
        for column in ("title", "baseline", "value", "state", "measured_by"):
            assert plain(row[column]) in plain(paper), (key, column)


def test_they_agree_on_the_years_too(
    sample: TestClient, sheets: dict[str, list[dict[str, object]]], paper: str
) -> None:
    told = sample.get("/api/v1/indicators").json()["indicators"]
    by_csv = {(row["指標番号"], row["年度"]): row for row in lines_of(sample, "values")}
    by_xlsx = {(row["指標番号"], row["年度"]): row for row in sheets["指標の年度ごとの値"]}
    assert len(by_csv) == len(by_xlsx) == sum(len(row["values"]) for row in told) == 8 * 6 - 1
    for row in told:
        shown = tables_of(sample.get(f"/progress/indicators/{row['indicator_id']}", headers=PAGE).text)[
            "values"
        ]
        assert len(shown) == len(row["values"])
        for value in row["values"]:
            year = fiscal_year_label(value["fiscal_year"])
            cells = shown[f"{row['indicator_id']}-{value['fiscal_year']}"]
            assert cells["value"] == amount(value["value"], row["unit"])
            assert cells["state"] == (value["state"] or "基準")
            assert cells["expected"] == amount(value["expected"], row["unit"], missing="－")
            for file in (by_csv, by_xlsx):
                held = file[row["indicator_id"], year]
                for column in ("value", "state", "expected", "source"):
                    assert same(cells[column], str(held[LABELS[column]])), (row["indicator_id"], year, column)
            assert plain(cells["value"]) in plain(paper)


def test_they_agree_on_the_initiatives(
    sample: TestClient, page: dict[str, Rows], sheets: dict[str, list[dict[str, object]]], paper: str
) -> None:
    told = {str(r["initiative_no"]): r for r in sample.get("/api/v1/initiatives").json()["initiatives"]}
    by_csv = {row["取組番号"]: row for row in lines_of(sample, "initiatives")}
    by_xlsx = {str(row["取組番号"]): row for row in sheets["取組"]}
    assert list(told) == list(by_csv) == list(by_xlsx) == list(page["initiatives"])
    words = plain(paper)
    for no, row in page["initiatives"].items():
        record = next((r["record"] for r in told[no]["records"] if r["fiscal_year"] == 2024), "記録なし")
        assert row["record"] == by_csv[no]["実績"] == by_xlsx[no]["実績"] == record
        assert row["title"] == by_csv[no]["取組"] == by_xlsx[no]["取組"] == told[no]["title"]
        assert row["target"] == by_csv[no]["対象"] == by_xlsx[no]["対象"]
        assert row["evidence"] == by_csv[no]["資料"] == by_xlsx[no]["資料"]
        assert plain(record) in words
        assert plain(row["title"]) in words
    kept = [(str(r["取組番号"]), r["年度"], r["実績"]) for r in sheets["取組の実績"]]
    assert kept == [(r["取組番号"], r["年度"], r["実績"]) for r in lines_of(sample, "records")]
    assert len(kept) == sum(len(row["records"]) for row in told.values())
    assert tables_of(sample.get("/progress/initiatives/9", headers=PAGE).text)["records"]["9-2023"][
        "record"
    ] == next(r["record"] for r in told["9"]["records"] if r["fiscal_year"] == 2023)


@pytest.fixture(scope="module")
def sheets(sample: TestClient) -> dict[str, list[dict[str, object]]]:
    """Rows of every sheet of the workbook."""
    answer = sample.get("/progress/report.xlsx")
    assert answer.headers["content-type"].endswith("spreadsheetml.sheet")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == ["この資料について", "指標", "指標の年度ごとの値", "取組", "取組の実績"]
    about = "".join(str(row[0].value) for row in book.worksheets[0].iter_rows())
    assert "見本データ（架空）" in about and "ダイジェスト版" in about
    found = {}
    for page in book.worksheets[1:]:
        header, *rows = page.iter_rows(values_only=True)
        found[page.title] = [dict(zip(map(str, header), row, strict=True)) for row in rows]
    return found


@pytest.fixture(scope="module")
def pdf(sample: TestClient, tmp_path_factory: pytest.TempPathFactory) -> Path:
    answer = sample.get("/progress/report.pdf?fiscal_year=2024")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    assert "progress-report_2024_" in answer.headers["content-disposition"]
    target = tmp_path_factory.mktemp("pdf") / "report.pdf"
    target.write_bytes(answer.content)
    return target


@pytest.fixture(scope="module")
def paper(pdf: Path) -> str:
    done = subprocess.run(["pdftotext", "-raw", pdf, "-"], capture_output=True, check=True)
    return done.stdout.decode()


def plain(text: str) -> str:
    """Without blanks, line ends, and what repeats at the edge of each page: cells wrap on paper."""
    text = re.sub(r"盛岡市　計画の進捗状況報告.*\n|\d+ / \d+\n|\f", "", text)
    return re.sub(r"\s", "", text)


def test_the_report_is_tagged_titled_and_written_in_japanese(pdf: Path, paper: str) -> None:
    info = subprocess.run(["pdfinfo", pdf], capture_output=True, check=True).stdout.decode()
    assert re.search(r"^Tagged: +yes$", info, re.MULTILINE)
    assert re.search(r"^Title: +.*進捗状況報告 令和6年度\(2024年度\)$", info, re.MULTILINE)
    tree = subprocess.run(["pdfinfo", "-struct", pdf], capture_output=True, check=True).stdout.decode()
    for role in ("Table", "TH", "TD", "H1", "H2", "Figure"):
        assert re.search(rf"^\s*{role}\b", tree, re.MULTILINE), role
    text = plain(paper)
    for words in ("市民協働推進連絡会議", "市民協働推進アドバイザー会議", "見本データ（架空）", "状態の見方",
                  "地域づくり計画の策定状況（令和7年3月31日(2025年3月31日)時点）", "策定11地区改定2地区", "9西厨川準備中",
                  "町内会・自治会加入率（令和6年度(2024年度)）", "話し合いたいこと", "成果指標の推移",
                  "15地域担当職員制度の実施（★重点）", "出典："):  # fmt: skip
        assert words in text, words


def test_the_maps_of_the_report_are_pictures_with_words(pdf: Path) -> None:
    tree = subprocess.run(["pdfinfo", "-struct", pdf], capture_output=True, check=True).stdout.decode()
    assert tree.count("Figure") >= 2
    parts = re.findall(rb"stream\r?\n(.*?)endstream", pdf.read_bytes(), re.DOTALL)
    assert any(b"/StructTreeRoot" in unpacked(part) for part in parts)


def unpacked(stream: bytes) -> bytes:
    """Content of a compressed stream of a PDF; empty for any other."""
    try:
        return zlib.decompressobj().decompress(stream)
    except zlib.error:
        return b""


def test_a_report_of_an_earlier_year_shows_its_end_and_nothing_later(sample: TestClient) -> None:
    """Two districts of the sample revised their plans after the end of 2021, and the figures went on."""
    services = sample.app.state.services  # type: ignore[attr-defined]
    with reading_of(services) as reading:
        early, late = (plain(paper_of(reading, None, year)) for year in (2021, 2024))
    assert "（令和4年3月31日(2022年3月31日)時点）" in early
    assert "改定0地区" in early and "改定2地区" in late
    assert "うち12地区は計画書掲載時点の区分で" in early and "うち10地区は計画書掲載時点の区分で" in late
    assert "令和4年度(2022年度)" not in early and "令和4年度(2022年度)" in late
    assert "町内会・自治会加入率（令和3年度(2021年度)）" in early


def test_a_year_that_still_runs_is_told_as_of_today() -> None:
    assert last_day(2025, date(2026, 11, 26)) == date(2026, 3, 31)
    assert last_day(2026, date(2026, 11, 26)) == date(2026, 11, 26)


def test_what_falls_short_is_named_for_the_meeting(sample: TestClient) -> None:
    with reading_of(sample.app.state.services) as reading:  # type: ignore[attr-defined]
        told = {point.state: point.names for point in points(progress(reading, None, 2024))}
    assert told == {
        "指標：遅れ": ("「コミュニティ活動に参加したことがある」と答えた市民の割合",),
        "指標：悪化": ("町内会加入率", "コミュニティリーダー研修会、地域活動担い手養成講座への参加人数"),
        "指標：不明": ("地域の要望に応じて地域担当職員が出席した地域課題に関する会議等の件数",),
        "取組：記録なし": ("15 地域担当職員制度の実施（★ 重点）",),
    }
    shown = (
        sample.get("/progress", params={"fiscal_year": 2024})
        .text.split("気をつけて見るもの")[1]
        .split("</section>")[0]
    )
    for state, names in told.items():
        assert f"<dt>{state}</dt><dd>{'<br>'.join(names)}</dd>" in shown


def test_a_value_saved_by_its_interval_says_so_wherever_it_stands(sample: TestClient) -> None:
    words = "調査の誤差の範囲"
    page = tables_of(sample.get("/progress?fiscal_year=2023", headers=PAGE).text)["indicators"]
    assert {key: row.get("noise") for key, row in page.items() if row.get("noise")} == {
        "participation": words
    }
    held = {(row["指標番号"], row["年度"]): row["誤差の範囲"] for row in lines_of(sample, "values")}
    assert {key for key, text in held.items() if text == words} == {
        ("participation", fiscal_year_label(2021)),
        ("participation", fiscal_year_label(2023)),
    }


def test_the_page_names_the_policies_and_the_year(sample: TestClient) -> None:
    text = sample.get("/progress?fiscal_year=2023", headers=PAGE).text
    rows = tables_of(text)["initiatives"]
    assert rows["17"]["policy"] == "② 拠点機能等の充実"
    assert {row["policy"][0] for row in rows.values()} == set("①②③④")
    assert "<dt>時点</dt><dd>令和5年度(2023年度)</dd>" in text


def test_pages_say_sample_and_source(sample: TestClient) -> None:
    for path in ("/progress", "/progress/indicators/participation", "/progress/initiatives/9"):
        text = sample.get(path, headers=PAGE).text
        assert "見本データ（架空）" in text
        assert "ダイジェスト版" in text


@pytest.mark.parametrize("name", ["indicators", "values", "initiatives", "records"])
def test_every_line_of_a_file_is_credited_also_in_a_year_without_records(
    sample: TestClient, name: str
) -> None:
    """Lines are copied out of files: none may stand there without the mark, the day and the source of the page."""
    query = "fiscal_year=2025"
    rows = rows_of_csv(sample, f"/progress/{name}.csv?{query}")
    book = openpyxl.load_workbook(io.BytesIO(sample.get(f"/progress/report.xlsx?{query}").content))
    page = book.worksheets[1 + ["indicators", "values", "initiatives", "records"].index(name)]
    header, *lines = page.iter_rows(values_only=True)
    held = [dict(zip(map(str, header), line, strict=True)) for line in lines]
    assert rows and len(held) == len(rows)
    for row in (*rows, *held):
        assert row["この表のデータの品質"] == "見本データ（架空）"
        assert row["時点"] == fiscal_year_label(2025)
        assert "ダイジェスト版" in str(row["この表の出典"])


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("policy=2", {17, 18, 19}),
        ("policy=3&priority=yes", set()),
        ("priority=yes", {1, 3, 9, 15, 26}),
        ("body=associations&policy=3", {20, 21}),
        ("body=districts&policy=2&challenge=%E6%96%BD%E8%A8%AD", {19}),
        ("challenge=%E8%B3%87%E9%87%91", {7, 8, 9, 10}),
        ("policy=&priority=&body=&challenge=&fiscal_year=", set(range(1, 28))),
    ],
)
def test_the_list_is_narrowed_down_by_the_address_alone(
    sample: TestClient, query: str, numbers: set[int]
) -> None:
    text = sample.get(f"/progress?{query}", headers=PAGE).text
    assert {int(no) for no in tables_of(text).get("initiatives", {})} == numbers
    assert len(tables_of(text)["indicators"]) == 8, "indicators stay"
    assert f"27 の取組のうち {len(numbers)} 件" in text


@pytest.mark.parametrize(
    "path",
    ["/progress?plan=x", "/progress?fiscal_year=1990", "/progress/indicators/x", "/progress/initiatives/28",
     "/progress/x.csv", "/progress/report.xlsx?plan=x", "/progress/report.pdf?plan=x"],
)  # fmt: skip
def test_what_does_not_exist(sample: TestClient, path: str) -> None:
    assert sample.get(path).status_code == 404


@pytest.mark.parametrize(
    "query", ["policy=0", "policy=x", "body=x", "priority=1", "nosuch=1", "challenge=%00"]
)
def test_what_cannot_be_asked(sample: TestClient, query: str) -> None:
    assert sample.get(f"/progress?{query}").status_code == 400


def test_an_earlier_year_is_told_as_it_was(sample: TestClient) -> None:
    page = tables_of(sample.get("/progress?fiscal_year=2021", headers=PAGE).text)["indicators"]
    told = {
        row["indicator_id"]: row
        for row in sample.get("/api/v1/indicators?fiscal_year=2021").json()["indicators"]
    }
    assert {key: row["state"] for key, row in page.items()} == {k: v["state"] for k, v in told.items()}
    assert page["participation"]["state"] == "順調"
    noisy = next(v for v in told["participation"]["values"] if v["fiscal_year"] == 2021)
    assert noisy["within_noise"] is True, "47.6 lies below 49.72, and 50.5 above it"
    assert (noisy["interval_method"], noisy["expected"]) == ("wilson", 49.72)
    text = sample.get("/progress/indicators/participation?fiscal_year=2021", headers=PAGE).text
    assert "調査の誤差の範囲" in text


# -- on the town of squares: versions of the plan, hostile words, nothing measured yet


@pytest.fixture
def successor(town: DatabaseUrls) -> DatabaseUrls:
    """A second plan that numbers everything anew; its initiative 1 is another one."""
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        conn.execute("INSERT INTO plan VALUES (%s, 'r8-r12', '次の計画', 2026, 2030, 'r3-r7')", (CODE,))
        conn.execute(
            "INSERT INTO initiative VALUES (%s, 'r8-r12', 1, %s, 2, %s, false, NULL, false, true, '施設')",
            (CODE, HOSTILE, HOSTILE),
        )
        conn.execute(
            "INSERT INTO initiative_year (municipality_code, plan_id, initiative_no, fiscal_year, record, evidence, "
            "source) VALUES (%s, 'r8-r12', 1, 2026, %s, %s, %s)",
            (
                CODE,
                HOSTILE,
                Jsonb([{"title": HOSTILE, "url": None, "number": HOSTILE}]),
                "=cmd|' /C calc'!A0",
            ),
        )
        conn.execute(
            "INSERT INTO indicator (municipality_code, plan_id, indicator_id, chapter, kind, title, unit, direction, "
            "baseline_fiscal_year, baseline, target_fiscal_year, target, sort_order) "
            "VALUES (%s, 'r8-r12', 'new', 'districts', 'outcome', '新しい指標', '件', 'up', 2025, 70, 2030, 90, 1)",
            (CODE,),
        )
    return town


def test_the_newest_plan_is_shown_and_every_older_one_can_be(successor: DatabaseUrls, serve) -> None:
    client = serve()
    newest = client.get("/progress", headers=PAGE).text
    assert "次の計画" in newest and "新しい指標" in newest
    assert 'href="/progress?plan=r3-r7"' in newest
    older = client.get("/progress?plan=r3-r7", headers=PAGE).text
    assert "試験の取組" in older and "新しい指標" not in older
    assert "/progress/initiatives/1?plan=r3-r7" in older, "links stay within the plan"
    assert client.get("/progress/initiatives/1", headers=PAGE).text.count("試験の取組") == 0
    assert "試験の取組" in client.get("/progress/initiatives/1?plan=r3-r7", headers=PAGE).text
    assert client.get("/progress/indicators/rate").status_code == 404
    assert client.get("/progress/indicators/rate?plan=r3-r7").status_code == 200


def test_words_of_others_are_text_everywhere(successor: DatabaseUrls, serve) -> None:
    client = serve()
    for path in ("/progress", "/progress/initiatives/1"):
        text = client.get(path, headers=PAGE).text
        assert HOSTILE not in text
        assert "&lt;" in text
    line = client.get("/progress/records.csv").content.decode("utf-8-sig").splitlines()[1]
    assert "'=cmd" in line
    book = openpyxl.load_workbook(io.BytesIO(client.get("/progress/report.xlsx").content))
    cells = [cell for row in book["取組の実績"].iter_rows() for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert any(cell.value == "=cmd|' /C calc'!A0" and cell.quotePrefix for cell in cells)


def test_what_was_never_measured_is_unknown_and_not_on_the_path(town: DatabaseUrls, serve) -> None:
    client = serve()
    row = client.get("/api/v1/indicators").json()
    assert (row["fiscal_year"], row["indicators"][0]["state"]) == (2021, "不明")
    page = tables_of(client.get("/progress", headers=PAGE).text)["indicators"]["rate"]
    assert (page["value"], page["state"]) == ("不明", "不明")
    base = client.get("/api/v1/indicators?fiscal_year=2019").json()["indicators"][0]
    assert base["state"] is None and base["values"][0]["state"] is None
    assert "まだ記録されていません" in client.get("/progress/initiatives/1", headers=PAGE).text


def test_a_city_without_a_plan_has_a_page(town: DatabaseUrls, serve) -> None:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo")
        for table in ("indicator_value", "indicator", "initiative", "plan"):
            conn.execute(f"DELETE FROM {table}")
    client = serve()
    assert "計画はまだ登録されていません" in client.get("/progress", headers=PAGE).text
    for path in ("/progress/indicators.csv", "/progress/report.xlsx", "/api/v1/indicators"):
        assert client.get(path).status_code == 200
    assert client.get("/progress/report.pdf").status_code == 200


def test_the_first_value_of_a_new_year_does_not_make_it_the_year_of_the_page() -> None:
    """Else one value would turn all the others of the page and of the report into 不明."""

    def indicator(*years: int) -> Indicator:
        goal = Goal("件", "up", 2019, 10)
        return Indicator(
            {}, goal, tuple(YearValue(year, {"value": 1}, judge(1, year, goal)) for year in years)
        )

    assert newest_year((indicator(2019, 2024, 2025), indicator(2019, 2024), indicator(2019))) == 2024
    assert newest_year((indicator(2019, 2024, 2025), indicator(2019, 2024, 2025), indicator(2019))) == 2025
    assert newest_year((indicator(2019, 2024), indicator(2019), indicator(2019))) == 2024, "better than none"
    assert newest_year((indicator(2019),)) is None
