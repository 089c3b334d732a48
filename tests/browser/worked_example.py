"""The worked example of docs/WORKED_EXAMPLE.md, step by step in a browser: what is pressed, and the pictures.

`make worked-example` takes the pictures anew; `make test-full` walks the same steps without keeping any.
"""

from __future__ import annotations

import re
from pathlib import Path

import psycopg

from geodata.database import Database
from kyodo_geo.roles import Role
from tests.browser.walking import Walk, add_user, pages, words
from tests.fixtures_db import DatabaseUrls

LOGIN = "keikaku"
PASSWORD = "会議の資料を作る係の長い言葉 2026"
YEAR = 2025
REASON = "令和7年度の加入世帯数の調査（練習）"
DOCUMENT = ("補助金の実績報告", "協第7-9号")


def add_planner(database: Database) -> None:
    """The planner of the example."""
    add_user(database, LOGIN, PASSWORD, "計画 花子", {Role.PLANNER})


def membership_file(urls: DatabaseUrls, folder: Path) -> Path:
    """The year's figures as they come back: most a little lower, one halved, one above 100 %, one of nobody known."""
    with psycopg.connect(urls.superuser) as conn:
        rows = conn.execute(
            "SELECT association_id, households, member_households FROM kyodo.membership WHERE fiscal_year = %s "
            "ORDER BY association_id",
            (YEAR,),
        ).fetchall()
    lines = ["町内会番号,年度,世帯数,加入世帯数,世帯数の種類"]
    for place, (key, households, members) in enumerate(rows):
        new = {3: members // 2, 7: households + 1}.get(place, max(members - place % 4, 0))
        lines.append(f"{key},R7,{households},{new},住基")
    lines.append("sample-9999,R7,100,90,住基")
    path = folder / "加入世帯数_令和7年度.csv"
    path.write_bytes("\r\n".join(lines).encode("cp932"))
    return path


def walk(way: Walk, table: Path, folder: Path) -> None:
    """From the table of the year to the printed report."""
    page = way.page
    way.type_sign_in(LOGIN, PASSWORD)
    way.shoot("01-sign-in")
    way.press("サインイン")
    way.shoot("02-staff", page.locator("h1"))
    _membership(way, table)
    _figures(way)
    _report(way, folder)


def _membership(way: Walk, table: Path) -> None:
    page = way.page
    way.press("データの読み込みと有効化")
    way.press("加入世帯数を読み込む")
    page.get_by_label("ファイル", exact=True).set_input_files(table)
    page.get_by_label("データの区分").select_option("sample")
    way.shoot("03-upload")
    way.press("アップロードして確認する")
    way.worker("読み取った内容の確認")
    page.check("#replace")
    way.shoot("04-checked")
    way.shoot("05-faults", page.locator("#faults-heading"))
    way.press("データセットとして保存する")
    way.worker("保存しました")
    way.shoot("06-saved")
    way.press("いまのデータと比べる")
    way.shoot("07-compared", page.locator("h1"))
    way.press("有効にする（確認へ）")
    page.get_by_label("理由").fill(REASON)
    way.shoot("08-before-activation", page.locator("h1"))
    way.press("有効にする")
    way.shoot("09-activated")


def _figures(way: Walk) -> None:
    page = way.page
    page.goto(f"{way.address}/maps/membership?fiscal_year={YEAR}")
    way.shoot("10-map", page.locator("h1"))
    rate = re.search(r"(\d\d\.\d) %", page.locator("main").inner_text())
    assert rate is not None
    page.goto(f"{way.address}/staff")
    way.press("指標の値と取組の実績を入力する")
    way.shoot("11-desk", page.locator("h1"))
    page.locator(f"a[href*='/membership-rate?fiscal_year={YEAR}']").click()
    page.fill("#value", rate[1])
    page.fill("#source", "令和7年度の加入世帯数の調査（練習）")
    page.select_option("#quality", "sample")
    way.shoot("12-value", page.locator("#form-heading"))
    way.press("保存する")
    way.shoot("13-history", page.locator("#history-heading"))
    page.goto(f"{way.address}/staff/progress/initiatives/9?fiscal_year={YEAR}")
    page.fill("#record", "地域づくり事業 68 件に補助しました（練習）。")
    page.fill("#evidence_title_1", DOCUMENT[0])
    page.fill("#evidence_number_1", DOCUMENT[1])
    page.select_option("#quality", "sample")
    way.shoot("14-record", page.locator("#form-heading"))
    way.press("保存する")


def _report(way: Walk, folder: Path) -> None:
    page = way.page
    page.goto(f"{way.address}/progress?fiscal_year={YEAR}")
    way.shoot("15-progress")
    made = way.fetch("進捗状況の報告（PDF）", folder / "report.pdf")
    told = words(made)
    for sentence in ("地域づくり事業68件に補助しました（練習）。", "".join(DOCUMENT[:1]), DOCUMENT[1]):
        assert sentence in told, sentence
    way.sheet("16-report", made, 1)
    way.sheet("17-report-map", made, pages(made))
