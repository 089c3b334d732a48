"""The worked example of docs/FACILITY_EXAMPLE.md, step by step in a browser: from a walking network to the printed scenario.

`make worked-example` takes the pictures anew; `make test-full` walks the same steps without keeping any.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import psycopg
from playwright.sync_api import expect

from api.jobs import reach, siting
from geodata.database import Database
from kyodo_geo.roles import Role
from tests.browser.walking import Walk, add_user, words
from tests.fixtures_db import DatabaseUrls

LOGIN = "shisetsu"
PASSWORD = "施設の案をつくる係の長い言葉 2026"
YEAR, METRES = 2040, 1200
BRIDGES = {
    (173, 186), (190, 194), (204, 207), (230, 244), (253, 274), (263, 277), (291, 324), (302, 310), (330, 338),
    (338, 362), (350, 393), (374, 376),
}  # fmt: skip
"""Streets of the sample that lead into one part of the town: without them 51 crossings hang together with nothing else."""
TITLE = "橋のない間の案（練習）"
AUTHOR = "施設担当（練習）"
AIM = "橋を架け替える間、近い施設を 1 つ減らし、残す施設を長く使うと、費用と距離がどうなるかを見る。"
CLOSED = "西部公民館"
TABLE = "年度\t施設\t行動\t実施後の延床面積（m²）\n2029\t河南公民館\t長寿命化\t\n2034\tみたけ地区活動センター\t建替（縮小）\t600"


def add_keeper(database: Database) -> None:
    """Facility staff who may also load datasets (planner)."""
    add_user(database, LOGIN, PASSWORD, "施設 太郎", {Role.FACILITY_STAFF, Role.PLANNER})


def network_file(urls: DatabaseUrls, folder: Path) -> Path:
    """The sample's streets as osmnx writes them for walking: each way in both directions, without the bridges."""
    with psycopg.connect(urls.superuser) as conn:
        rows = conn.execute(
            "SELECT u, v, length_m, highway, slope, winter_factor, ST_AsGeoJSON(geom, 7)::json "
            "FROM kyodo.network_edge ORDER BY u, v"
        ).fetchall()
    features = []
    kept = [row for row in rows if (row[0], row[1]) not in BRIDGES]
    assert len(kept) == len(rows) - len(BRIDGES)
    for number, (u, v, length, highway, slope, winter, line) in enumerate(kept, start=1):
        there = {
            "osmid": number,
            "key": 0,
            "highway": highway,
            "length": length,
            "oneway": False,
            "winter": winter,
        }
        back = {"type": "LineString", "coordinates": line["coordinates"][::-1]}
        for start, end, shape, sign in ((u, v, line, 1), (v, u, back, -1)):
            grade = None if slope is None else slope * sign
            told = {"u": start, "v": end, **there, "reversed": sign < 0, "grade": grade}
            features.append({"type": "Feature", "properties": told, "geometry": shape})
    path = folder / "歩行者の道路_橋の工事中.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False))
    return path


def prepare(database: Database) -> None:
    """What the worker does within a few minutes of new data: all ways of all people."""
    assert reach.prepare_all(database, threading.Event()) == 1


def walk(way: Walk, network: Path, folder: Path) -> None:
    """From the network to the report for a residents' meeting."""
    prepare(way.database)
    way.type_sign_in(LOGIN, PASSWORD)
    way.press("サインイン")
    _before(way)
    _network(way, network)
    _reach(way)
    _siting(way)
    _scenario(way)
    _publish(way)
    _report(way, folder)


def _staff(way: Walk) -> None:
    way.page.goto(f"{way.address}/staff")


def _gaps(way: Walk) -> None:
    page = way.page
    _staff(way)
    way.press("施設が届かない人")
    page.get_by_label("年", exact=True).select_option(str(YEAR))
    page.get_by_label("徒歩で届く距離（m）").fill(str(METRES))
    way.press("表示する")
    page.wait_for_selector(".map path[aria-label]")


def _before(way: Walk) -> None:
    page = way.page
    way.shoot("01-staff", page.locator(".door").first, height=1180)
    _gaps(way)
    way.shoot("02-gaps-before", page.locator("h1"), height=1180)


def _network(way: Walk, network: Path) -> None:
    page = way.page
    _staff(way)
    way.press("データの読み込みと有効化")
    way.press("ファイルを読み込む")
    page.get_by_label("データの種類").select_option("walk-network")
    page.get_by_label("ファイル", exact=True).set_input_files(network)
    page.get_by_label("データの区分").select_option("sample")
    page.get_by_label("出典", exact=True).fill("見本の道路から作った練習用の道路（架空）")
    way.shoot("03-upload", page.locator("h1"), height=900)
    way.press("アップロードして確認する")
    way.worker("読み取った内容の確認")
    way.shoot("04-checked")
    way.shoot("05-parts", page.locator("#faults-heading"), height=640)
    way.press("データセットとして保存する")
    way.worker("保存しました")
    way.press("いまのデータと比べる")
    way.shoot("06-compared", page.locator("h1"), height=1120)
    way.press("有効にする（確認へ）")
    page.get_by_label("理由").fill("橋の架け替えの間の道路網（練習）")
    way.shoot("07-before-activation", page.locator("h1"), height=830)
    way.press("有効にする")


def _reach(way: Walk) -> None:
    page = way.page
    prepare(way.database)
    _gaps(way)
    way.shoot("08-gaps-after", page.locator("h1"), height=1180)
    way.shoot("09-reasons", page.locator("#reasons-heading"), height=590)
    _staff(way)
    way.press("施設を閉じたときの影響")
    page.get_by_label("徒歩で届く距離（m）").fill(str(METRES))
    way.press("表示する")
    slider = page.get_by_label("年を動かす")
    slider.press("End")
    while f"{YEAR}年" not in (slider.get_attribute("aria-valuetext") or ""):
        slider.press("ArrowLeft")
    expect(page.locator("[data-closing-status]")).to_contain_text(f"{YEAR}年")
    heading = page.locator("#closing thead th", has_text="届かなくなる人").first
    heading.locator("button").click()
    heading.locator("button").click()
    way.shoot("10-closing", page.locator(".reach-slide"), height=1180)


def _siting(way: Walk) -> None:
    page = way.page
    _staff(way)
    way.press("施設の配置を考える（庁内限り）")
    page.get_by_label("（MCLP）").check()
    page.get_by_label("年", exact=True).select_option(str(YEAR))
    page.fill("[name=p]", "1")
    page.fill("[name=radius]", str(METRES))
    way.shoot("11-question", page.locator("#s-model"), height=1180)
    way.press("計算を頼む")
    assert siting.run_all(way.database, threading.Event()) == 1
    page.wait_for_selector(".siting-status")
    page.wait_for_selector(".map .leaflet-places-pane path")
    way.shoot("12-answer")
    way.shoot("13-place", page.locator(".lead").last, height=880)


def _scenario(way: Walk) -> None:
    page = way.page
    _staff(way)
    way.press("公共施設の案をつくる（庁内限り）")
    form = page.locator("form.edit-form").first
    for name, value in (
        ("title", TITLE),
        ("author", AUTHOR),
        ("reason", AIM),
        ("base_year", "2026"),
        ("horizon", "40"),
    ):
        form.locator(f"[name={name}]").fill(value)
    way.shoot("14-new", page.locator("#new-heading"), height=810)
    way.press("下書きを作る")
    add = page.locator("form[action$='/actions']")
    add.locator("[name=year]").select_option("2030")
    offered = add.locator("[name=facility_id] option", has_text=CLOSED)
    add.locator("[name=facility_id]").select_option(value=offered.get_attribute("value"))
    add.locator("[name=action]").select_option("廃止・除却")
    way.shoot("15-action", page.locator("#add-heading"), height=680)
    way.press("加える")
    page.locator("[name=rows]").fill(TABLE)
    way.press("読み取りを確かめる")
    way.shoot("16-table", page.locator("#table-heading"), height=890)
    way.press("この内容で保存する")
    way.press("費用と、だれが遠くなるかを見る")
    way.shoot("17-effects", page.locator(".outcome-kicker"), height=1045)
    way.shoot("18-costs", page.locator("#cost-heading"), height=560)
    page.get_by_label("年度", exact=True).select_option(str(YEAR))
    page.get_by_label("歩いて届く距離（m）").fill(str(METRES))
    way.press("表示する")
    page.wait_for_selector(".map path[aria-label]")
    way.shoot("19-where", page.locator("#where-heading"), height=870)


def _publish(way: Walk) -> None:
    page = way.page
    way.press("この案を編集する")
    way.press("第3版の公開を確かめる")
    page.get_by_label("公開される内容を確かめました").check()
    way.shoot("20-publish", page.locator("h1"), height=1150)
    way.press("公開する")
    way.press("公開のページ")


def _report(way: Walk, folder: Path) -> None:
    page = way.page
    public = page.url
    way.press("ほかの案と並べて比べる")
    way.press("「見本の案A（架空）: 近い施設をまとめる」も並べる")
    page.get_by_label("年度", exact=True).select_option(str(YEAR))
    page.get_by_label("歩いて届く距離（m）").fill(str(METRES))
    way.press("表示する")
    way.shoot("21-compared", page.locator("h1"), height=1220)
    way.shoot("22-side", page.locator("#side-heading"), height=710)
    page.goto(public)
    made = way.fetch("説明会のための資料（PDF）", folder / "scenario.pdf")
    told = words(made)
    for sentence in (TITLE, CLOSED, "閉じて、建物を取り壊します。"):
        assert sentence in told, sentence
    way.sheet("23-report", made, 1)
    way.sheet("24-report-costs", made, 2)
    way.sheet("25-report-map", made, 3)
