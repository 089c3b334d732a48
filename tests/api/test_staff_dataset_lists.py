"""Long lists in full, years that are replaced, datasets that go together, and the record of who did what."""

from __future__ import annotations

import json

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.api.dataset_pages import BASE, checked, enter, kept, one, press, work
from tests.fixtures_db import DatabaseUrls

HEAD = "施設番号,名称,種別,経度,緯度\n"


RING = [[141.10, 39.70], [141.11, 39.70], [141.11, 39.71], [141.10, 39.71], [141.10, 39.70]]
AREAS = (
    "区域.geojson",
    json.dumps(
        {
            "type": "FeatureCollection",
            "features": [
                {
                    "type": "Feature",
                    "properties": {"町内会番号": key, "町内会名": name},
                    "geometry": {"type": "Polygon", "coordinates": [RING]},
                }
                for key, name in (("r1", "一番町内会"), ("r2", "二番町内会"))
            ],
        }
    ).encode(),
)


@pytest.fixture
def keeper(serve, town: DatabaseUrls) -> TestClient:
    return enter(serve())


def lines(client: TestClient, address: str) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == 200 and answer.headers["cache-control"] == "private, no-store", answer.text
    assert answer.headers["content-disposition"].startswith("attachment")
    return answer.content.decode("utf-8-sig").splitlines()


def test_a_page_lists_the_first_200_and_says_where_all_of_them_are(keeper: TestClient) -> None:
    bad = "".join(f"b{n},館{n},公民館,141.105,あ\n" for n in range(230))
    good = "".join(f"g{n},館{n},公民館,141.105,39.705\n" for n in range(215))
    file = ("施設.csv", (HEAD + bad + good).encode())
    path = checked(keeper, "facilities", file)
    html = keeper.get(path).text
    assert html.count("「緯度」") == 200 and "全部で 230 件、ほか 30 件" in html
    table = lines(keeper, f"{path}/faults.csv")
    assert len(table) == 231 and table[-1].startswith("230,読み込まなかった行,施設.csv の 231 行目「緯度」")
    number = kept(keeper, "facilities", file)
    assert len(lines(keeper, f"{BASE}/{number}/faults.csv")) == 231
    html = keeper.get(f"{BASE}/{number}/compare").text
    assert "ほか 15 件" in html and f"{BASE}/{number}/changes.csv" in html
    changes = lines(keeper, f"{BASE}/{number}/changes.csv")
    added = [line for line in changes if line.startswith("追加,")]
    assert len(added) == 215 and all(",公表データ,施設.csv," in line for line in changes[1:])


def test_a_year_that_is_there_already_is_replaced_only_on_a_persons_word(
    keeper: TestClient, town: DatabaseUrls
) -> None:
    content = "町内会番号,年度,世帯数,加入世帯数\na11,R2,200,100\na12,令和2,200,100\n".encode("cp932")
    path = checked(keeper, "membership", ("加入.csv", content), quality="sample")
    html = keeper.get(path).text
    assert "すでにある年度（令和2年度(2020年度)）の値を、このファイルの値に置き換える" in html
    assert "地区ごとの前と後" in html and "→" in html
    refused = press(keeper, path, "keep")
    assert refused.status_code == 400 and "チェックを入れてから保存" in refused.text
    assert one(town, "SELECT state FROM kyodo.dataset_upload") == "checked"
    assert press(keeper, path, "keep", replace="yes").status_code == 303


def test_what_stands_on_one_another_becomes_active_together(keeper: TestClient, town: DatabaseUrls) -> None:
    base = kept(keeper, "associations", AREAS)
    figures = kept(
        keeper, "membership", ("加入.csv", "町内会名,年度,世帯数,加入世帯数\n一番,R2,10,9\n".encode())
    )
    alone = keeper.get(f"{BASE}/{figures}/activate").text
    assert "上に重ねることはできません" in alone and f'name="also" value="{base}"' in alone
    both = f"{BASE}/{figures}/activate?also={base}"
    page = keeper.get(both).text
    assert "このままでは有効にできません" not in page and f"{base} " in page
    done = press(keeper, f"{BASE}/{figures}/activate", also=str(base), generation="1")
    assert done.status_code == 303, done.text
    active = "SELECT dataset_id FROM kyodo.generation_dataset WHERE generation_no = 2 AND kind = %s"
    assert (one(town, active, "associations"), one(town, active, "membership")) == (base, figures)
    assert keeper.get(f"{BASE}/{figures}/activate?also=x").status_code == 400
    assert keeper.get(f"{BASE}/{figures}/activate?also=99999").status_code == 404


def test_rules_that_collide_or_leave_land_open_are_told_before_they_are_active(keeper: TestClient) -> None:
    base = kept(keeper, "associations", AREAS)
    content = "町内会番号,範囲の種類,町名\nr1,全域,本町\nr2,全域,本町\n".encode()
    number = kept(keeper, "association-rules", ("範囲.csv", content))
    html = keeper.get(f"{BASE}/{number}/activate?also={base}").text
    assert "新しく重なる住所（1 件）" in html and "本町 全域：" in html
    assert "どの町内会・自治会にも入らなくなる住所" in html


def test_the_history_tells_who_did_what_with_a_link_to_each_report(keeper: TestClient) -> None:
    file = ("施設.csv", (HEAD + "n1,北館,公民館,141.105,39.705\n").encode())
    number = kept(keeper, "facilities", file)
    other = enter(keeper, name="other")
    path = checked(other, "facilities", file)
    press(other, path, "discard")
    press(keeper, f"{BASE}/{number}/activate", note="試し")
    press(other, f"{BASE}/rollback", note="戻す")
    html = keeper.get(f"{BASE}/history").text
    log = html.partition('id="deeds-heading"')[2]
    for words in (
        "アップロードした",
        "保存することにした",
        "取りやめて、ファイルを消した",
        "有効にした",
        "前の内容に戻した",
    ):
        assert words in log, words
    assert log.index("前の内容に戻した") < log.index("有効にした") < log.index("データセットを保存した")
    assert f'href="{BASE}/{number}"' in log and "（試し）" in log and "第 1 世代の内容（戻す）" in log
    assert "keeper-" in log and "other-" in log


def test_findings_of_an_older_version_are_made_anew(keeper: TestClient, town: DatabaseUrls) -> None:
    path = checked(keeper, "facilities", ("施設.csv", (HEAD + "n1,北館,公民館,141.105,39.705\n").encode()))
    with psycopg.connect(town.superuser) as conn:
        conn.execute(
            "UPDATE kyodo.dataset_upload_piece SET content = '{\"kind\": \"facilities\"}' WHERE part = 'findings'"
        )
    page = keeper.get(path)
    assert page.status_code == 200 and "確認の結果が残っていません" in page.text
    assert keeper.get(f"{path}/faults.csv").status_code == 404
    assert press(keeper, path, "check", kind="facilities", quality="real").status_code == 303
    work(keeper)
    assert "北館" in keeper.get(path).text
