"""The worked example of docs/WORKED_EXAMPLE.md, step by step in a browser: what is pressed, and the pictures.

`make worked-example` takes the pictures anew; `make test-full` walks the same steps without keeping any.
"""

from __future__ import annotations

import io
import re
import subprocess
import threading
from pathlib import Path

import psycopg
from PIL import Image
from playwright.sync_api import Locator, Page

from api.auth.passwords import hash_password
from api.jobs.dataset_uploads import run_uploads
from geodata import accounts
from geodata.database import Audience, Database
from kyodo_geo.roles import Role
from tests.fixtures_db import DatabaseUrls

LOGIN = "keikaku"
PASSWORD = "会議の資料を作る係の長い言葉 2026"
YEAR = 2025
MAX_BYTES = 120_000
COLOURS = 64
REASON = "令和7年度の加入世帯数の調査（練習）"
DOCUMENT = ("補助金の実績報告", "協第7-9号")


def add_planner(database: Database) -> None:
    """The planner of the example."""
    with database.write(Audience.AUTH) as conn:
        user = accounts.add_user(conn, "03201", LOGIN, "計画 花子", {Role.PLANNER}, by="example")
        accounts.set_password(conn, "03201", user.user_id, LOGIN, hash_password(PASSWORD))


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


class Walk:
    """One way through the pages. `pressed` holds the words of every button and link, in order."""

    def __init__(self, page: Page, address: str, database: Database, pictures: Path | None) -> None:
        self.page, self.address, self.database, self.pictures = page, address, database, pictures
        self.pressed: list[str] = []
        self.taken: list[str] = []

    def press(self, words: str) -> None:
        """Press the button, or follow the link, that bears these words."""
        exactly = re.compile(rf"^\s*{re.escape(words)}\s*$")
        with self.page.expect_navigation():
            self.page.locator("main").locator("button, a").filter(has_text=exactly).first.click()
        self.pressed.append(words)

    def shoot(self, name: str, at: Locator | None = None) -> None:
        """What a planner sees now, from the element `at` downwards."""
        self.taken.append(name)
        if at is None:
            self.page.evaluate("() => window.scrollTo(0, 0)")
        else:
            at.evaluate("e => window.scrollTo(0, e.getBoundingClientRect().top + window.scrollY - 24)")
        if self.pictures is not None:
            self.keep(name, self.page.screenshot(animations="disabled"))

    def keep(self, name: str, png: bytes) -> None:
        """A picture in few colours: pages have no more, and the repository stays small."""
        assert self.pictures is not None
        self.pictures.mkdir(parents=True, exist_ok=True)
        picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
        picture.save(self.pictures / f"{name}.png", optimize=True)

    def worker(self, heading: str) -> None:
        """What the worker beside the service does within seconds; the page then shows its end by itself."""
        run_uploads(self.database, threading.Event())
        self.page.get_by_role("heading", name=heading).wait_for()


def walk(way: Walk, table: Path, folder: Path) -> None:
    """From the table of the year to the printed report."""
    page = way.page
    page.goto(f"{way.address}/staff")
    page.fill("#login", LOGIN)
    page.fill("#password", PASSWORD)
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
    link = page.get_by_role("link", name="進捗状況の報告（PDF）")
    way.pressed.append("進捗状況の報告（PDF）")
    made = folder / "report.pdf"
    made.write_bytes(page.request.get(f"{way.address}{link.get_attribute('href')}", timeout=90_000).body())
    words = subprocess.run(["pdftotext", "-raw", made, "-"], capture_output=True, check=True).stdout.decode()
    told = re.sub(r"\s", "", words)
    for sentence in ("地域づくり事業68件に補助しました（練習）。", "".join(DOCUMENT[:1]), DOCUMENT[1]):
        assert sentence in told, sentence
    for name, number in (("16-report", 1), ("17-report-map", int(_pages(made)))):
        way.taken.append(name)
        if way.pictures is not None:
            command = ["pdftoppm", "-png", "-r", "80", "-f", str(number), "-singlefile", made, folder / name]
            subprocess.run(command, check=True)
            way.keep(name, (folder / f"{name}.png").read_bytes())


def _pages(pdf: Path) -> str:
    found = subprocess.run(["pdfinfo", pdf], capture_output=True, check=True).stdout.decode()
    return re.search(r"^Pages: +(\d+)", found, re.MULTILINE)[1]  # type: ignore[index]
