"""Page, leaflet and sheet for fax of an association: what they say, who is counted, and what they never do."""

from __future__ import annotations

import contextlib
import subprocess
import zlib
from pathlib import Path
from typing import Any

import psycopg
import pytest
import zxingcpp
from PIL import Image
from starlette.testclient import TestClient

from tests.api import city
from tests.fixtures_db import DatabaseUrls

BASE = "https://kyodo.example.lg.jp"


def text_of(pdf: bytes, folder: Path) -> str:
    """What a reader can select, in one line without spaces."""
    (folder / "sheet.pdf").write_bytes(pdf)
    done = subprocess.run(
        ["pdftotext", "-layout", folder / "sheet.pdf", "-"], capture_output=True, check=True
    )
    return "".join(done.stdout.decode().split())


def facts_of(pdf: bytes, folder: Path) -> dict[str, str]:
    (folder / "sheet.pdf").write_bytes(pdf)
    done = subprocess.run(["pdfinfo", folder / "sheet.pdf"], capture_output=True, check=True)
    lines = (line.partition(":") for line in done.stdout.decode().splitlines())
    return {name: value.strip() for name, _, value in lines}


def inflated(pdf: bytes) -> bytes:
    """The objects of a PDF, which are compressed."""
    found = []
    for part in pdf.split(b"stream\n")[1::2]:
        with contextlib.suppress(zlib.error):
            found.append(zlib.decompressobj().decompress(part))
    return b"".join(found)


def codes_on(pdf: bytes, folder: Path) -> list[str]:
    """Texts of the codes a phone would read from the printed page."""
    (folder / "sheet.pdf").write_bytes(pdf)
    subprocess.run(["pdftoppm", "-r", "150", "-png", folder / "sheet.pdf", folder / "page"], check=True)
    return [
        code.text
        for page in sorted(folder.glob("page*.png"))
        for code in zxingcpp.read_barcodes(Image.open(page))
    ]


def hand_out(client: TestClient, association: str = "a11", **form: str) -> bytes:
    answer = client.post(f"/associations/{association}/leaflet.pdf", data=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/pdf"
    return answer.content


class TestPage:
    def test_it_says_what_everybody_may_know(self, client: TestClient) -> None:
        answer = client.get("/associations/a11", headers={"accept": "text/html"})
        assert answer.status_code == 200
        for words in ("1-1町内会", "ちょうないかい", "試験町一丁目 1番〜10番", "019-000-1111", "加入は任意です",
                      "見本データ（架空）", "公表されている会費の情報はありません", "防災と助け合い"):  # fmt: skip
            assert words in answer.text, words

    def test_it_keeps_an_unpublished_contact_to_itself(self, client: TestClient) -> None:
        answer = client.get("/associations/a11", headers={"accept": "text/html"})
        assert "非公開" not in answer.text
        assert "019-999-9999" not in answer.text

    def test_its_map_needs_no_script(self, client: TestClient) -> None:
        html = client.get("/associations/a11", headers={"accept": "text/html"}).text
        assert 'class="paper-map"' in html
        assert 'class="area"' in html
        assert "leaflet.js" not in html

    def test_a_hostile_name_stays_text(self, client: TestClient) -> None:
        html = client.get("/associations/a41", headers={"accept": "text/html"}).text
        assert "<img src=x" not in html
        assert "&lt;img src=x" in html

    def test_an_unknown_association_is_not_found(self, client: TestClient) -> None:
        assert client.get("/associations/nosuch", headers={"accept": "text/html"}).status_code == 404

    def test_the_district_leads_to_it(self, client: TestClient) -> None:
        assert 'href="/associations/a11"' in client.get("/districts/1", headers={"accept": "text/html"}).text


@pytest.fixture(scope="module")
def leaflet(client: TestClient) -> bytes:
    return hand_out(client)


class TestPaper:
    def test_the_text_can_be_selected(self, leaflet: bytes, tmp_path: Path) -> None:
        text = text_of(leaflet, tmp_path)
        for words in ("1-1町内会", "加入は任意です", "試験町一丁目1番〜10番", "019-000-1111", "見本データ（架空）",
                      "公表されている会費の情報はありません", "associationsの出典", "市民協働推進課"):  # fmt: skip
            assert words in text, words
        assert "非公開" not in text
        assert "確認用" not in text

    def test_it_is_tagged_and_names_itself(self, leaflet: bytes, tmp_path: Path) -> None:
        facts = facts_of(leaflet, tmp_path)
        assert facts["Tagged"] == "yes"
        assert facts["Title"] == "町内会・自治会 加入のご案内 1-1町内会"
        assert facts["Author"].startswith("盛岡市")
        assert facts["Pages"] == "1"
        assert facts["Page size"].startswith("595")
        assert b"/Lang (ja)" in inflated(leaflet)

    def test_the_code_leads_to_the_page(self, client: TestClient, leaflet: bytes, tmp_path: Path) -> None:
        (address,) = codes_on(leaflet, tmp_path)
        assert address == "http://127.0.0.1:8000/associations/a11"
        assert client.get(address, headers={"accept": "text/html"}).status_code == 200
        assert "試験用のアドレスです" in text_of(leaflet, tmp_path)

    def test_the_code_bears_the_public_address_where_one_is_set(self, serve: Any, tmp_path: Path) -> None:
        made = hand_out(serve(base_url=BASE), form="receipt58")
        assert codes_on(made, tmp_path) == [f"{BASE}/associations/a11"]
        assert "試験用" not in text_of(made, tmp_path)

    @pytest.mark.parametrize(("form", "width"), [("receipt", 80), ("receipt58", 58)])
    def test_a_roll_is_as_wide_as_the_paper_and_as_long_as_the_text(
        self, client: TestClient, tmp_path: Path, form: str, width: int
    ) -> None:
        made = hand_out(client, form=form)
        facts = facts_of(made, tmp_path)
        wide, _, high = facts["Page size"].split()[:3]
        assert float(wide) == pytest.approx(width / 25.4 * 72, abs=0.1)
        assert 500 < float(high) < 1500
        assert facts["Pages"] == "1"
        assert codes_on(made, tmp_path) == ["http://127.0.0.1:8000/associations/a11"]

    @pytest.mark.parametrize(
        ("lang", "words"),
        [
            (
                "easy",
                (
                    "自分で決めます",
                    "じぶん",
                    "みんなで",
                    "019-000-1111",
                    "見本データ（架空）",
                    "みほん",
                    "本当の",
                ),
            ),
            (
                "en",
                ("Joiningisvoluntary.", "019-000-1111", "Sampledata(fictitious)", "notarealneighbourhood"),
            ),
        ],
    )
    def test_other_languages(
        self, client: TestClient, tmp_path: Path, lang: str, words: tuple[str, ...]
    ) -> None:
        text = text_of(hand_out(client, lang=lang), tmp_path)
        for word in words:
            assert word in text, word
        assert "実際の町内会・自治会ではありません" not in text, "the note is in the reader's words"

    def test_for_a_building(self, client: TestClient, tmp_path: Path) -> None:
        assert "お住まいのみなさまへ" in text_of(hand_out(client, form="building", copies="24"), tmp_path)

    def test_a_preview_says_so(self, client: TestClient, tmp_path: Path) -> None:
        answer = client.get("/associations/a11/leaflet.pdf?form=a4&lang=ja")
        assert answer.status_code == 200
        assert "確認用（配布の数に入りません）" in text_of(answer.content, tmp_path)
        assert answer.headers["x-robots-tag"] == "noindex"

    def test_a_hostile_name_prints_as_it_is(self, client: TestClient, tmp_path: Path) -> None:
        assert "<imgsrc=xonerror=alert(1)>" in text_of(hand_out(client, "a41"), tmp_path)

    def test_the_same_sheet_is_made_once(self, client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
        first = hand_out(client, "a21")
        monkeypatch.setattr("api.paper.serve.render", lambda html: pytest.fail("made again"))
        assert hand_out(client, "a21") == first

    @pytest.mark.parametrize("query", ["form=a3", "lang=fr", "nosuch=1"])
    def test_what_is_not_offered_is_refused(self, client: TestClient, query: str) -> None:
        assert client.get(f"/associations/a11/leaflet.pdf?{query}").status_code == 400

    def test_an_unknown_association_has_no_leaflet(self, client: TestClient) -> None:
        assert client.post("/associations/nosuch/leaflet.pdf", data={}).status_code == 404


class TestMuchAndLittle:
    """What real associations bring: long names, many rules, several contacts; or no area at all."""

    @pytest.mark.parametrize("form", ["a4", "building"])
    @pytest.mark.parametrize("lang", ["ja", "easy"])
    def test_a_full_leaflet_still_fits_on_its_page(
        self, crowded: TestClient, tmp_path: Path, form: str, lang: str
    ) -> None:
        made = hand_out(crowded, form=form, lang=lang)
        assert facts_of(made, tmp_path)["Pages"] == "1"
        text = text_of(made, tmp_path)
        assert "019-000-2222" in text
        assert "associationsの出典" in text
        assert "21" in text, "how many rules more there are"
        assert codes_on(made, tmp_path) == ["http://127.0.0.1:8000/associations/a11"]

    def test_without_an_area_there_is_no_map_and_the_rest_stands(
        self, crowded: TestClient, tmp_path: Path
    ) -> None:
        text = text_of(hand_out(crowded, "a12"), tmp_path)
        assert "試験町一丁目11番〜20番" in text
        assert "太い線" not in text
        page = crowded.get("/associations/a12", headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "paper-map" not in page.text


@pytest.fixture
def crowded(town: DatabaseUrls, serve: Any) -> TestClient:
    with psycopg.connect(town.superuser) as conn:
        conn.execute("SET search_path = kyodo, public")
        # What is active cannot be changed; to build this town without loading it anew, the guard sleeps.
        conn.execute("SET session_replication_role = replica")
        conn.execute(
            "UPDATE association_area SET name = %s WHERE association_id = 'a11'", ("長い名前の" * 8,)
        )
        conn.execute("UPDATE association_area SET geom = NULL WHERE association_id = 'a12'")
        conn.execute(
            "INSERT INTO address_rule (municipality_code, dataset_id, association_id, rule_no, kind, town, "
            "block_from, block_to) SELECT municipality_code, dataset_id, 'a11', n, 'part', town, n, n + 1 "
            "FROM address_rule, generate_series(2, 29) n WHERE association_id = 'a11'"
        )
        for number in (3, 4):
            conn.execute(
                "INSERT INTO association_contact (municipality_code, association_id, contact_no, role, name, phone, "
                "email, published) VALUES (%s, 'a11', %s, 'office', '連絡先', '019-000-2222', 'x@example.jp', true)",
                (city.CODE, number),
            )
    client: TestClient = serve()
    return client


def test_what_the_association_publishes_is_on_page_leaflet_and_answer(
    town: DatabaseUrls, serve: Any, tmp_path: Path
) -> None:
    with psycopg.connect(town.superuser) as conn:
        builder = city.Builder(conn)
        conn.execute("SET search_path = kyodo, public")
        for kind, number in conn.execute("SELECT kind, dataset_id FROM generation_dataset").fetchall():
            builder.ids[kind] = number
        builder.row(
            "association_profile",
            dataset_id=builder.dataset("association-profiles", "real"),
            association_id="a11",
            fee="月300円（年度始めに集金）",
            activities="夏まつりと防災訓練",
            website="https://example.jp/a11",
        )
        builder.activate()
    client: TestClient = serve()
    html = client.get("/associations/a11", headers={"accept": "text/html"}).text
    asked = client.post(
        "/lookup", data={"address": "試験町一丁目3番1号"}, headers={"accept": "text/html"}
    ).text
    paper = text_of(hand_out(client), tmp_path)
    for words in ("月300円（年度始めに集金）", "夏まつりと防災訓練"):
        assert words in html
        assert words in paper
    assert 'href="https://example.jp/a11"' in html
    assert "月300円（年度始めに集金）" in asked
    assert "公表されている会費の情報はありません" not in html + asked + paper
    assert "月300円" not in client.get("/associations/a12", headers={"accept": "text/html"}).text


class TestFax:
    def test_with_the_association_filled_in(self, client: TestClient, tmp_path: Path) -> None:
        made = client.get("/associations/a11/fax-sheet.pdf").content
        assert facts_of(made, tmp_path)["Pages"] == "1"
        text = text_of(made, tmp_path)
        for words in (
            "取次票",
            "019-622-6211",
            "1-1町内会",
            "同意を得ました",
            "お客様の署名",
            "上の内容に同意します",
            "市の回答欄",
            "見本データ（架空）",
        ):
            assert words in text, words

    def test_blank(self, client: TestClient, tmp_path: Path) -> None:
        made = client.get("/fax-sheet.pdf").content
        assert facts_of(made, tmp_path)["Pages"] == "1"
        text = text_of(made, tmp_path)
        assert "019-622-6211" in text
        assert "1-1町内会" not in text
