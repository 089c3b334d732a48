"""The datasets pages do what the command line does: upload, look, keep, compare, activate, roll back."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
import zipfile

import openpyxl
import psycopg
import pytest
from starlette.testclient import TestClient

from api.jobs import dataset_uploads as jobs
from geodata import dataset_uploads as uploads
from geodata.database import Audience
from kyodo_geo.roles import Role
from tests.api.conftest import HOST
from tests.api.dataset_pages import BASE, checked, enter, hidden, kept, one, press, upload, work
from tests.api.signing import token_of
from tests.api.test_live import within
from tests.conftest import ROOT
from tests.fixtures_db import DatabaseUrls

HEAD = "施設番号,名称,種別,経度,緯度\n"


def centres(*rows: str) -> bytes:
    return (HEAD + "".join(f"{row}\n" for row in rows)).encode("cp932")


@pytest.fixture
def keeper(serve, town: DatabaseUrls) -> TestClient:
    return enter(serve())


FILE = ("施設.csv", centres("n1,北センター,地区活動センター,141.105,39.705", "n2,南館,公民館,141.115,39.702"))


def test_from_the_file_to_the_public_page_and_back(keeper: TestClient, town: DatabaseUrls) -> None:
    public = _facilities(keeper)
    path = checked(keeper, "facilities", FILE, source="市の一覧", as_of="2024-04-01")
    preview = keeper.get(path)
    assert preview.headers["cache-control"] == "private, no-store"
    for words in ("読み取った内容の確認", "北センター", "文字コードは cp932", "追加", "削除"):
        assert words in preview.text, words
    assert one(town, "SELECT count(*) FROM kyodo.dataset WHERE kind = 'facilities'") == 1, (
        "nothing is stored yet"
    )

    assert press(keeper, path, "keep").headers["location"] == path
    assert work(keeper) == 1
    done = keeper.get(path).text
    assert "保存しました" in done and "公開のページはまだ変わっていません" in done
    assert one(town, "SELECT count(*) FROM kyodo.dataset_upload_piece") == 0, "the files are deleted at once"
    number = one(town, "SELECT max(dataset_id) FROM kyodo.dataset WHERE kind = 'facilities'")
    assert _facilities(keeper) == public

    page = f"{BASE}/{number}"
    assert "直すところは見つかりませんでした" in keeper.get(page).text
    compare = keeper.get(f"{page}/compare").text
    assert "北センター" in compare and "map-twins" in compare
    confirm = keeper.get(f"{page}/activate").text
    assert "有効にする前の確認" in confirm
    answer = press(keeper, f"{page}/activate", note="試しに")
    assert answer.headers["location"].startswith(f"{BASE}/history?done=")
    assert within(5, lambda: _facilities(keeper) == {"n1", "n2"}), "without a restart"
    history = keeper.get(answer.headers["location"]).text
    assert "試しに" in history and "keeper-" in history and "追加 2" in history
    details = one(
        town,
        "SELECT details FROM kyodo.audit WHERE action = 'generation.activate' ORDER BY entry_no DESC LIMIT 1",
    )
    assert details["figures"]["facilities"]["added"] == 2 and details["note"] == "試しに"

    assert press(keeper, f"{BASE}/rollback", note="戻します").status_code == 303
    assert within(5, lambda: _facilities(keeper) == public)
    assert "世代に戻しました" in keeper.get(f"{BASE}/history").text


def _facilities(client: TestClient) -> set[str]:
    answer = client.get("/api/v1/facilities", headers={"accept": "application/json"})
    return {feature["id"] for feature in answer.json()["features"]}


def test_two_people_activate_at_once_and_one_is_told(keeper: TestClient, town: DatabaseUrls) -> None:
    first = kept(keeper, "facilities", FILE)
    second = kept(keeper, "facilities", ("別.csv", centres("n9,別館,公民館,141.105,39.705")))
    other = enter(keeper, Role.ADMINISTRATOR, "other")
    opened = other.get(f"{BASE}/{second}/activate").text
    assert press(keeper, f"{BASE}/{first}/activate", note="一番目").status_code == 303
    late = other.post(
        f"{BASE}/{second}/activate",
        data={"csrf_token": token_of(opened), **hidden(opened), "note": "私の理由"},
        headers={"origin": HOST},
    )
    assert late.status_code == 409
    assert "有効にしませんでした" in late.text and "keeper-" in late.text and "一番目" in late.text
    assert 'value="私の理由"' in late.text, "nothing that was typed is lost"
    assert one(town, "SELECT count(*) FROM kyodo.generation WHERE note = '私の理由'") == 0
    stale = press(other, f"{BASE}/rollback", generation="1")
    assert stale.status_code == 409 and "keeper-" in stale.text


def test_two_people_keep_one_upload_once(keeper: TestClient, town: DatabaseUrls) -> None:
    path = checked(keeper, "facilities", FILE)
    assert press(keeper, path, "keep").status_code == 303
    late = press(enter(keeper, name="late"), path, "keep", version="2")
    assert late.status_code == 409 and "ほかの人が先に進めた" in late.text
    assert work(keeper) == 1
    assert one(town, "SELECT count(*) FROM kyodo.dataset WHERE kind = 'facilities'") == 2


BAD = {
    "empty": ("facilities", ("空.csv", b""), 422, "空のファイルです"),
    "no kind": ("nosuch", FILE, 400, "データの種類を選んでください"),
    "cut zip": ("facilities", ("切れた.zip", b"PK\x03\x04" + b"x" * 50), 422, "壊れているか"),
}


@pytest.mark.parametrize("case", list(BAD))
def test_what_cannot_be_taken_is_told_and_the_form_is_kept(keeper: TestClient, case: str) -> None:
    kind, file, status, words = BAD[case]
    answer = upload(keeper, kind, file, source="私の出典", mapping="name=名")
    assert answer.status_code == status
    assert words in answer.text and "私の出典" in answer.text and "name=名" in answer.text
    assert 'aria-invalid="true"' in answer.text


def test_a_swollen_zip_is_refused_before_it_is_stored(keeper: TestClient, town: DatabaseUrls) -> None:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
        made.open("a.csv", "w", force_zip64=True) as big,
    ):
        for _ in range(520):
            big.write(b"0" * (1 << 20))
    answer = upload(keeper, "facilities", ("爆弾.zip", out.getvalue()))
    assert answer.status_code == 422 and "展開すると" in answer.text
    assert one(town, "SELECT count(*) FROM kyodo.dataset_upload") == 0


REFUSED = {
    "a picture": ("facilities", ("写真.csv", b"\x89PNG\r\n\x1a\n\0\0\0"), "文字の表（CSV）ではありません"),
    "wrong kind": ("membership", FILE, "「世帯数」の列が見つかりません"),
    "points for areas": (
        "districts",
        (
            "点.geojson",
            json.dumps(
                {
                    "type": "FeatureCollection",
                    "features": [
                        {
                            "type": "Feature",
                            "properties": {"地区番号": 1, "地区名": "第1"},
                            "geometry": {"type": "Point", "coordinates": [141.1, 39.7]},
                        }
                    ],
                }
            ).encode(),
        ),
        "面（ポリゴン）",
    ),
}


@pytest.mark.parametrize("case", list(REFUSED))
def test_a_file_the_worker_cannot_read_stays_to_be_read_in_another_way(keeper: TestClient, case: str) -> None:
    kind, file, words = REFUSED[case]
    path = checked(keeper, kind, file)
    html = keeper.get(path).text
    assert "このままでは読み込めません" in html and words in html
    assert "--map" not in html and "--crs" not in html, "the page names its own fields"
    assert "もう一度確認する" in html


def test_a_heading_nobody_knows_is_told_on_the_page(keeper: TestClient) -> None:
    content = "番号,なまえ,種別,経度,緯度\nn1,北センター,公民館,141.105,39.705\n".encode()
    path = checked(keeper, "facilities", ("施設.csv", content))
    assert "このままでは読み込めません" in keeper.get(path).text
    assert press(keeper, path, "check", kind="facilities", mapping="name=なまえ").status_code == 303
    assert work(keeper) == 1
    html = keeper.get(path).text
    assert "読み取った内容の確認" in html and "北センター" in html, "the same file, uploaded once"


def test_hostile_names_of_files_and_places_are_shown_as_text(keeper: TestClient) -> None:
    name = "../../etc/<img src=x onerror=alert(1)>.csv"
    content = centres("n1,<script>alert(1)</script>,公民館,141.105,39.705", "n2,壊れ,公民館,141.105,xyz")
    path = checked(keeper, "facilities", (name, content))
    html = keeper.get(path).text
    assert "<img src=x" not in html and "<script>alert" not in html
    assert "&lt;script&gt;" in html
    number = kept(keeper, "facilities", (name, content))
    for page in ("", "/compare", "/activate"):
        html = keeper.get(f"{BASE}/{number}{page}").text
        assert "<script>alert" not in html and "<img src=x" not in html, page


def areas(*rows: tuple[int, str, list]) -> bytes:
    features = [
        {
            "type": "Feature",
            "properties": {"町内会番号": f"a{no}", "町内会名": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]},
        }
        for no, name, ring in rows
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def ring(west: float, south: float, size: float = 0.01) -> list:
    east, north = west + size, south + size
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


BOW = [[141.12, 39.70], [141.13, 39.71], [141.13, 39.70], [141.12, 39.71], [141.12, 39.70]]


def test_faults_stand_in_table_map_and_csv_under_the_same_numbers(keeper: TestClient) -> None:
    content = areas(
        (11, "東町内会", ring(141.10, 39.70)),
        (12, "西町内会", ring(141.105, 39.70)),
        (21, "蝶町内会", BOW),
        (99, "遠い町内会", ring(139.7, 35.6)),
    )
    number = kept(keeper, "associations", ("区域.geojson", content))
    html = keeper.get(f"{BASE}/{number}").text
    script = keeper.get(f"{BASE}/{number}/faults.js").text
    table = keeper.get(f"{BASE}/{number}/faults.csv").content.decode("utf-8-sig").splitlines()
    rows = {line.split(",")[1]: line for line in table[1:]}
    assert set(rows) == {"読み込まなかった行", "直した形", "重なり"}
    for label, line in rows.items():
        no = line.split(",")[0]
        assert f'<tr data-key="{no}">' in html
        assert f'"id": {no}' in script or f'"id": "{no}"' in script, label
    assert "東町内会 と 西町内会" in html and "境界の自己交差" in html
    assert '"grounds"' in script or "geo_json_grounds" in script, "the ground itself is drawn"
    overlap = rows["重なり"].split(",")
    assert abs(float(overlap[6]) - 141.1075) < 0.001, "a point inside the shared ground"


def test_values_of_rows_of_lists_with_persons_are_shown_nowhere(
    keeper: TestClient, town: DatabaseUrls
) -> None:
    content = "町内会番号,年度,世帯数,加入世帯数\na11,R2,200,盛岡太郎\na12,R2,100,90\n".encode()
    path = checked(keeper, "membership", ("加入.csv", content), quality="sample")
    number = kept(keeper, "membership", ("加入.csv", content), quality="sample")
    for address in (path, f"{BASE}/{number}", f"{BASE}/{number}/faults.csv", f"{BASE}/{number}/faults.js"):
        text = keeper.get(address).text
        assert "盛岡太郎" not in text, address
    assert "2 行目「加入世帯数」" in keeper.get(f"{BASE}/{number}").text


def test_membership_preview_shows_jumps_and_who_is_missing(keeper: TestClient, town: DatabaseUrls) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["町内会番号", "年度", "世帯数", "加入世帯数", "世帯数の種類"],
        ["a11", "R3", 200, 100, "住基"],
        ["a12", "R3", 200, 173, "住基"],
        ["a21", "R3", 100, 101, "住基"],
        ["a99", "R3", 100, 90, "住基"],
    ):
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    path = checked(keeper, "membership", ("加入率.xlsx", out.getvalue()), quality="sample")
    html = keeper.get(path).text
    assert "大きく動きます" in html and ">-36.0<" in html
    assert "加入世帯数が世帯数より多くなっています" in html, "a rate above 100 %"
    assert "登録されている町内会・自治会にありません" in html and "a99" in html
    assert html.count("ファイルにありません") == 6, "the other six of eight associations"
    assert "引き継ぎます" in html
    number = kept(keeper, "membership", ("加入率.xlsx", out.getvalue()), quality="sample")
    assert "大きく動きます" in keeper.get(f"{BASE}/{number}/compare").text, (
        "the same comparison of what is stored"
    )
    assert one(town, "SELECT count(*) FROM kyodo.membership WHERE dataset_id = %s", number) == 18
    assert press(keeper, f"{BASE}/{number}/activate").status_code == 303
    visitor = TestClient(keeper.app, base_url=HOST)
    page = "/maps/membership?fiscal_year=2021"
    assert within(5, lambda: visitor.get(page).status_code == 200), "the new year is there at once"
    shown = visitor.get(page, headers={"accept": "text/html"}).text
    assert "68.3 %" in shown and "50.0 %" not in shown, "the district's rate, and no association's"


def test_invented_data_never_replace_real_ones(keeper: TestClient) -> None:
    answer = upload(keeper, "facilities", FILE, quality="sample")
    assert answer.status_code == 409 and "実データが有効" in answer.text
    invented = upload(keeper, "associations", ("区域.geojson", b"{}"), quality="sample")
    assert invented.status_code == 409 and "コミュニティ推進地区には" in invented.text, "nor stand on them"


def test_a_worker_that_dies_is_followed_and_the_file_becomes_one_dataset(
    keeper: TestClient, town: DatabaseUrls
) -> None:
    path = checked(keeper, "facilities", FILE)
    press(keeper, path, "keep")
    database = keeper.app.state.services.database
    with database.write(Audience.LOADER) as conn:
        dead = uploads.claim(conn)
    assert dead is not None and work(keeper) == 0, "it is somebody's"
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.dataset_upload SET touched_at = now() - interval '3 minutes'")
    assert work(keeper) == 1
    assert one(town, "SELECT count(*) FROM kyodo.dataset WHERE kind = 'facilities'") == 2
    # The one thought dead wakes up: what it stores is undone with its transaction.
    assert not jobs.run_one(database, dead, threading.Event())
    assert one(town, "SELECT count(*) FROM kyodo.dataset WHERE kind = 'facilities'") == 2
    assert "保存しました" in keeper.get(path).text


STORING = """
import sys, threading, time
from api.jobs import dataset_uploads as jobs
from geodata import dataset_uploads as uploads
from geodata.database import Database

def hang(conn, taken, numbers):
    print(len(numbers), flush=True)
    time.sleep(600)

uploads.kept = hang
jobs.run_uploads(Database(sys.argv[1], max_size=3), threading.Event())
"""


def test_a_worker_killed_while_it_stores_leaves_nothing_and_the_next_one_stores_all(
    keeper: TestClient, town: DatabaseUrls
) -> None:
    path = checked(keeper, "facilities", FILE)
    press(keeper, path, "keep")
    with subprocess.Popen(
        [sys.executable, "-c", STORING, town.app], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as worker:
        assert worker.stdout is not None and worker.stdout.readline() == "1\n", (
            "the rows are in its transaction"
        )
        worker.kill()
    assert one(town, "SELECT count(*) FROM kyodo.dataset WHERE kind = 'facilities'") == 1
    assert "ファイルを読み取っています" in keeper.get(path).text
    with psycopg.connect(town.superuser) as conn:
        conn.execute("UPDATE kyodo.dataset_upload SET touched_at = now() - interval '3 minutes'")
    assert work(keeper) == 1
    assert one(town, "SELECT count(*) FROM kyodo.dataset WHERE kind = 'facilities'") == 2
    assert one(town, "SELECT count(*) FROM kyodo.facility_site WHERE facility_id IN ('n1', 'n2')") == 2


def test_discarding_deletes_the_bytes(keeper: TestClient, town: DatabaseUrls) -> None:
    path = checked(keeper, "facilities", FILE)
    assert press(keeper, path, "discard").headers["location"] == BASE
    assert one(town, "SELECT count(*) FROM kyodo.dataset_upload_piece") == 0
    assert keeper.get(path).status_code == 404


def test_only_keepers_come_in(keeper: TestClient) -> None:
    for role in (Role.COUNTER, Role.DISTRICT_OFFICER, Role.FACILITY_STAFF, Role.PARTNER):
        assert enter(keeper, role, role.value).get(BASE).status_code == 403, role
