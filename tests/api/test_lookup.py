"""The lookup by page, body and query: outcomes, borders, counters, and no address kept anywhere."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.api.conftest import HOST, PAGE
from tests.fixtures_db import DatabaseUrls

INSIDE_A11 = {"lon": 141.105, "lat": 39.702}


def ask(client: TestClient, **question) -> dict:
    answer = client.post("/api/v1/lookup", json=question)
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.json()


def test_the_shape_of_an_answer(client: TestClient) -> None:
    found = ask(client, address="盛岡市試験町一丁目5番1号")
    assert set(found) == {
        "outcome",
        "address",
        "associations",
        "neighbours",
        "district",
        "dataset",
        "message",
    }
    assert set(found["address"]) == {
        "normalised",
        "municipality",
        "town",
        "koaza",
        "block",
        "house",
        "level",
        "lon",
        "lat",
        "accuracy_m",
        "confidence",
    }
    assert set(found["associations"][0]) == {
        "id",
        "name",
        "basis",
        "confidence",
        "reason",
        "district",
        "contact",
    }
    assert found["outcome"] == "one"
    assert found["associations"][0]["id"] == "a11"
    assert 0.95 <= found["address"]["confidence"] < 1
    assert 0.95 <= found["associations"][0]["confidence"] < 1
    assert found["district"] == {"no": 1, "name": "第1"}


def test_a_point_inside_one_area(client: TestClient) -> None:
    found = ask(client, **INSIDE_A11)
    assert (found["outcome"], [item["id"] for item in found["associations"]]) == ("one", ["a11"])
    assert found["associations"][0]["basis"] == "area"


@pytest.mark.parametrize(
    ("lon", "lat", "ids"),
    [
        (141.105, 39.705, {"a11", "a12"}),
        (141.11, 39.702, {"a11", "a21"}),
        (141.11, 39.705, {"a11", "a12", "a21", "a22"}),
    ],
)
def test_a_point_on_a_border_is_never_one(client: TestClient, lon: float, lat: float, ids: set[str]) -> None:
    found = ask(client, lon=lon, lat=lat)
    assert found["outcome"] == "several"
    assert {item["id"] for item in found["associations"]} == ids


def test_outside_and_not_understood(client: TestClient) -> None:
    assert ask(client, lon=139.7, lat=35.7)["outcome"] == "outside_city"
    assert ask(client, address="東京都千代田区千代田1-1")["outcome"] == "outside_city"
    assert ask(client, address="ほげほげ")["outcome"] == "not_understood"


def test_a_query_gives_the_same_as_a_body(client: TestClient) -> None:
    by_query = client.get("/api/v1/lookup", params={"address": "盛岡市試験町一丁目5番1号"})
    assert by_query.headers["cache-control"] == "private, no-store"
    assert by_query.json() == ask(client, address="盛岡市試験町一丁目5番1号")


def test_the_page_answers_without_an_address_in_its_address(client: TestClient) -> None:
    answer = client.post(
        "/lookup", data={"address": "盛岡市試験町一丁目5番1号"}, headers={**PAGE, "origin": HOST}
    )
    assert answer.status_code == 200, "no redirect that would have to carry the question"
    assert str(answer.url) == f"{HOST}/lookup"
    assert answer.headers["cache-control"] == "private, no-store"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert answer.headers["referrer-policy"] == "same-origin"
    head = answer.text.partition("</head>")[0]
    assert "試験町一丁目" not in head, "title and script addresses"
    assert "/maps/place.js?areas=a11" in head
    assert "1-1町内会" in answer.text


def test_why_an_address_was_not_read_is_said_once(client: TestClient) -> None:
    text = client.post("/lookup", data={"address": "ほげほげ"}, headers=PAGE).text
    main = text[text.index("<main") : text.index("</main>")]
    assert main.count("で始まるものはありません。") == 1
    summary = main[main.index('class="error-summary"') :]
    assert '<a href="#address">住所の欄を直す</a>' in summary[: summary.index("</div>")]
    assert 'id="address-error">この書き方では読み取れませんでした。<' in main
    assert "実際の町内会・自治会ではありません" not in main, "no association was found that could be meant"
    assert "見本データ（架空）" in text, "the banner and the source stay"


def test_choosing_one_of_several(client: TestClient) -> None:
    question = {"lon": "141.11", "lat": "39.705"}
    several = client.post("/lookup", data=question, headers=PAGE)
    assert 'type="radio"' in several.text
    chosen = client.post("/lookup", data={**question, "association": "a12"}, headers=PAGE)
    assert ">1-2町内会</h1>" in chosen.text
    assert "<title>候補から選んだ町内会・自治会" in chosen.text
    under = chosen.text.partition(">1-2町内会</h1>")[2][:400]
    assert "候補 4 件の中から選んだものです。このサービスが決めたものではありません。" in under
    assert "決められなかった理由：区域の境界の上、または区域が重なる場所です。" in under
    sure = client.post(
        "/lookup", data={"address": "盛岡市試験町一丁目5番1号", "association": "a11"}, headers=PAGE
    )
    assert "<title>町内会・自治会がわかりました" in sure.text, "nothing was open, so nothing was chosen"
    invented = client.post("/lookup", data={**question, "association": "a41"}, headers=PAGE)
    assert 'type="radio"' in invented.text, "only one of those that were found can be chosen"


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"address": ""},
        {"address": "   "},
        {"address": "あ" * 201},
        {"lon": "x", "lat": "1"},
        {"lon": "141"},
        {"lon": "nan", "lat": "1"},
        {"lon": "1e999", "lat": "1"},
        {"lon": "181", "lat": "1"},
    ],
)
def test_a_form_that_cannot_be_used_is_shown_again(client: TestClient, form: dict[str, str]) -> None:
    answer = client.post("/lookup", data=form, headers=PAGE)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.text
    assert 'name="address"' in answer.text


def test_messy_forms_are_read(client: TestClient) -> None:
    for address in ("　盛岡市　試験町１丁目５番１号\r\n", "試験町一丁目\x005-1", "岩手県盛岡市試験町1-5-1"):
        answer = client.post("/lookup", data={"address": address}, headers=PAGE)
        assert ">1-1町内会</h1>" in answer.text, address
    wide = client.post("/lookup", data={"lon": "１４１．１０５", "lat": "39.702"}, headers=PAGE)
    assert ">1-1町内会</h1>" in wide.text


def test_a_form_from_another_site_is_refused(client: TestClient) -> None:
    answer = client.post("/lookup", data={"address": "x"}, headers={**PAGE, "origin": "https://evil.example"})
    assert answer.status_code == 403


def test_a_file_instead_of_text_is_refused(client: TestClient) -> None:
    answer = client.post("/lookup", files={"address": ("x.txt", b"x")}, headers=PAGE)
    assert answer.status_code == 400


def test_addresses_are_in_no_log(client: TestClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        ask(client, address="盛岡市試験町二丁目7番3号")
        client.get("/api/v1/lookup", params={"address": "盛岡市試験町二丁目7番3号"})
        client.get("/api/v1/lookup?address=" + "盛岡市試験町二丁目7番3号" * 40)
        client.post("/lookup", data={"address": "盛岡市試験町二丁目7番3号"}, headers=PAGE)
        client.get("/盛岡市試験町二丁目7番3号", headers=PAGE)
        client.get("/api/v1/associations/盛岡市試験町二丁目7番3号")
    ours = "\n".join(
        record.getMessage() for record in caplog.records if record.name.startswith(("kyodo", "uvicorn"))
    )
    assert "POST /api/v1/lookup 200" in ours
    for trace in ("試験町", "%E8%A9%A6", "7番3"):
        assert trace not in ours


def test_counts_hold_outcome_and_town_only(serve: Callable[..., TestClient], town: DatabaseUrls) -> None:
    client = serve()
    ask(client, address="盛岡市試験町一丁目5番1号")
    ask(client, address="盛岡市試験町一丁目6番2号")
    ask(client, address="存在しない町の秘密の住所")
    ask(client, lon=139.7, lat=35.7)
    client.post("/lookup", data={"address": "試験町二丁目15番"}, headers=PAGE)
    rows: list[tuple] = []
    for _ in range(40):
        with psycopg.connect(town.superuser) as conn:
            rows = conn.execute(
                "SELECT channel, outcome, town, key_id, lookups FROM kyodo.lookup_count ORDER BY 1, 2, 3"
            ).fetchall()
        if sum(row[-1] for row in rows) == 5:
            break
        time.sleep(0.1)
    assert rows == [
        ("api", "not_understood", "", "", 1),
        ("api", "one", "試験町一丁目", "", 2),
        ("api", "outside_city", "", "", 1),
        ("page", "one", "試験町二丁目", "", 1),
    ]


def test_what_was_counted_is_written_on_the_way_out(town: DatabaseUrls, settings_for) -> None:
    from api.app import create_app
    from tests.api.conftest import client_of

    with client_of(create_app(settings_for(town))) as client:
        ask(client, **INSIDE_A11)
    with psycopg.connect(town.superuser) as conn:
        assert conn.execute("SELECT sum(lookups) FROM kyodo.lookup_count").fetchone() == (1,)


def test_sql_and_memory_agree(client: TestClient, shared_town: DatabaseUrls) -> None:
    """The same question to PostGIS and to the index: every corner, edge and middle of the grid."""
    with psycopg.connect(shared_town.superuser) as conn:
        for column in range(17):
            for row in range(9):
                lon, lat = round(141.10 + column * 0.0025, 6), round(39.70 + row * 0.00125, 6)
                by_sql = conn.execute(
                    "SELECT array_agg(association_id ORDER BY 1) FROM kyodo.association_area "
                    "WHERE ST_Covers(geom, ST_SetSRID(ST_Point(%s, %s), 4326))",
                    (lon, lat),
                ).fetchone()
                assert by_sql is not None
                found = ask(client, lon=lon, lat=lat)
                assert sorted(item["id"] for item in found["associations"]) == (by_sql[0] or []), (lon, lat)
