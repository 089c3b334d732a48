"""The one sheet of an answer, and the optional layers on it and on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
from starlette.testclient import TestClient

from api.answers import reading_of
from api.layers import NEAR_BORDER, layers_at
from tests.api import city
from tests.api.test_leaflets import codes_on, facts_of, text_of
from tests.fixtures_db import DatabaseUrls

MIDDLE = (141.105, 39.7025)
"""Of the school district 北小, and of association a11."""


def sheet(client: TestClient, **form: str) -> bytes:
    answer = client.post("/lookup/sheet.pdf", data=form)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["content-disposition"] == 'inline; filename="kekka.pdf"'
    return answer.content


def with_layers(urls: DatabaseUrls) -> None:
    """Two school districts side by side, a flood on half of the first, four shelters; the rest is not loaded."""
    step = city.STEP
    with psycopg.connect(urls.superuser) as conn:
        town = city.Builder(conn)
        conn.execute("SET search_path = kyodo, public")
        for row in conn.execute("SELECT kind, dataset_id FROM generation_dataset").fetchall():
            town.ids[row[0]] = row[1]
        rows: list[tuple[str, str, str, str | None]] = [
            ("school-elementary", "北小", city.square(141.10, 39.70), "通学区域の線には誤差があります"),
            ("school-elementary", "南小", city.square(141.11, 39.70), None),
            ("flood", "0.5m以上3.0m未満", city.square(141.10, 39.70, step / 2, step), None),
            ("shelters", "遠い体育館", city.point(141.135, 39.705), None),
            ("shelters", "近い体育館", city.point(141.106, 39.7025), None),
            ("shelters", "中の体育館", city.point(141.115, 39.7025), None),
            ("shelters", "次の体育館", city.point(141.125, 39.7025), None),
        ]
        for kind in dict.fromkeys(row[0] for row in rows):
            town.dataset(kind, "real", f"{kind}の表")
        for number, (kind, name, geom, detail) in enumerate(rows, start=1):
            town.row(
                "area_layer", dataset_id=town.ids[kind], area_no=number, name=name, detail=detail, geom=geom
            )
        town.activate()


class TestSheet:
    def test_one_association(self, client: TestClient, tmp_path: Path) -> None:
        made = sheet(client, address="盛岡市試験町一丁目3番1号")
        text = text_of(made, tmp_path)
        for words in ("1-1町内会", "試験町一丁目3番", "019-000-1111", "加入は任意です", "見本データ（架空）",
                      "確かでないこと", "associationsの出典"):  # fmt: skip
            assert words in text, words
        facts = facts_of(made, tmp_path)
        assert (facts["Pages"], facts["Tagged"], facts["Title"]) == ("1", "yes", "町内会・自治会を調べた結果")
        assert codes_on(made, tmp_path) == ["http://127.0.0.1:8000/associations/a11"]

    def test_several_are_all_named_and_none_is_chosen(self, client: TestClient, tmp_path: Path) -> None:
        text = text_of(sheet(client, address="盛岡市試験町一丁目"), tmp_path)
        assert "候補が" in text
        assert "1-1町内会" in text and "1-2町内会" in text

    def test_a_choice_among_several_says_that_it_was_one(self, client: TestClient, tmp_path: Path) -> None:
        text = text_of(sheet(client, address="盛岡市試験町一丁目", association="a12"), tmp_path)
        assert "候補から選んだ町内会・自治会" in text
        assert "件の中から選んだものです" in text and "決められなかった理由" in text
        sure = text_of(sheet(client, address="盛岡市試験町一丁目3番1号", association="a11"), tmp_path)
        assert "選んだ" not in sure

    def test_what_one_assumes_is_on_the_paper(self, client: TestClient, tmp_path: Path) -> None:
        text = text_of(sheet(client, address="盛岡市試験一丁目3番1号"), tmp_path)
        assert "1-1町内会" in text
        assert "「試験」は試験町として読みました。" in text

    def test_a_point(self, client: TestClient, tmp_path: Path) -> None:
        text = text_of(sheet(client, lon=str(MIDDLE[0]), lat=str(MIDDLE[1])), tmp_path)
        assert "1-1町内会" in text
        assert "地図の区域から判断しました" in text

    @pytest.mark.parametrize(
        "form", [{"address": "仙台市青葉区本町1-1"}, {"address": ""}, {"lon": "x", "lat": "1"}]
    )
    def test_no_place_no_sheet(self, client: TestClient, form: dict[str, str]) -> None:
        assert client.post("/lookup/sheet.pdf", data=form).status_code == 400

    def test_another_sites_page_cannot_ask(self, client: TestClient) -> None:
        answer = client.post(
            "/lookup/sheet.pdf", data={"address": "x"}, headers={"sec-fetch-site": "cross-site"}
        )
        assert answer.status_code == 403

    def test_the_address_leaves_no_trace(self, client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
        before = len(client.app.state.services.cache._items)
        with caplog.at_level("DEBUG"):
            sheet(client, address="盛岡市試験町二丁目3番1号")
        assert "試験町" not in caplog.text
        assert len(client.app.state.services.cache._items) == before


class TestLayers:
    @pytest.fixture
    def town_with_layers(self, town: DatabaseUrls, serve: Any) -> TestClient:
        with_layers(town)
        client: TestClient = serve()
        return client

    def at(self, client: TestClient, lon: float, lat: float, accuracy: float | None = 0.0) -> dict[str, Any]:
        with reading_of(client.app.state.services) as reading:
            return {layer["kind"]: layer for layer in layers_at(reading, lon, lat, accuracy)}

    def test_only_what_is_loaded_is_spoken_of(self, client: TestClient, town_with_layers: TestClient) -> None:
        assert self.at(client, *MIDDLE) == {}
        assert list(self.at(town_with_layers, *MIDDLE)) == ["school-elementary", "shelters", "flood"]

    def test_inside_one_area_it_is_certain(self, town_with_layers: TestClient) -> None:
        school = self.at(town_with_layers, *MIDDLE)["school-elementary"]
        assert [item["name"] for item in school["items"]] == ["北小"]
        assert school["check"] is None
        assert (school["source"], school["as_of"]) == ("school-elementaryの出典", "2020-10-01")

    @pytest.mark.parametrize("lon", [141.11, 141.1099, 141.1101])
    def test_on_and_near_a_border_both_are_named(self, town_with_layers: TestClient, lon: float) -> None:
        school = self.at(town_with_layers, lon, 39.705)["school-elementary"]
        assert {item["name"] for item in school["items"]} == {"北小", "南小"}
        assert school["check"] == NEAR_BORDER

    def test_a_place_known_roughly_is_said_to_be(self, town_with_layers: TestClient) -> None:
        found = self.at(town_with_layers, 141.106, 39.705, 600.0)
        assert {item["name"] for item in found["school-elementary"]["items"]} == {"北小", "南小"}
        assert "およそ 600 m の幅" in found["school-elementary"]["check"]
        assert "およそ 600 m の幅" in found["shelters"]["check"]
        assert {item["distance"] for item in found["shelters"]["items"]} == {None}

    def test_outside_every_area_nothing_is_claimed(self, town_with_layers: TestClient) -> None:
        found = self.at(town_with_layers, 141.125, 39.705)
        assert (found["school-elementary"]["items"], found["school-elementary"]["none"]) == (
            [],
            "この場所の区域は、資料にありません。",
        )
        assert "想定を超える浸水もあります" in found["flood"]["none"]

    def test_the_nearest_shelters_come_with_their_distance(self, town_with_layers: TestClient) -> None:
        shelters = self.at(town_with_layers, *MIDDLE)["shelters"]["items"]
        assert [item["name"] for item in shelters] == ["近い体育館", "中の体育館", "次の体育館"]
        # 0.001° and 0.01° of longitude here are 86 m and 857 m
        assert [item["distance"] for item in shelters[:2]] == ["直線でおよそ 100 m", "直線でおよそ 900 m"]

    def test_they_are_on_the_page_and_on_the_sheet(
        self, town_with_layers: TestClient, tmp_path: Path
    ) -> None:
        asked = {"lon": str(MIDDLE[0]), "lat": str(MIDDLE[1])}
        page = town_with_layers.post("/lookup", data=asked, headers={"accept": "text/html"}).text
        text = text_of(sheet(town_with_layers, **asked), tmp_path)
        for words in ("小学校区", "北小", "近い体育館", "浸水想定区域", "通学区域の線には誤差があります"):
            assert words in page, words
            assert words in text, words
        assert "中学校区" not in page
