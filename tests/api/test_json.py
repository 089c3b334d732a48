"""The JSON routes on the town of squares: right answers, and what every answer carries."""

from __future__ import annotations

import orjson
import pytest
from starlette.testclient import TestClient

from tests.api import city


def test_districts_carry_what_the_issue_names(client: TestClient) -> None:
    answer = client.get("/api/v1/districts", params={"fiscal_year": 2019})
    assert answer.headers["content-type"] == "application/geo+json"
    body = answer.json()
    assert body["type"] == "FeatureCollection"
    assert [feature["id"] for feature in body["features"]] == [1, 2, 3, 4]
    first = body["features"][0]["properties"]
    expected = {"no": 1, "name": "第1", "plan_adopted": True, "population": 1000, "households": 400}
    assert {key: first[key] for key in expected} == expected
    assert first["membership_rate"] == 0.875
    assert body["features"][2]["properties"]["plan_adopted"] is None, "nobody has said, so it is unknown"


def test_the_newest_year_is_the_default(client: TestClient) -> None:
    body = client.get("/api/v1/districts").json()
    assert body["fiscal_year"] == 2020
    assert body["fiscal_years"] == [2019, 2020]
    assert body["city"]["membership_rate"] == 0.86


def test_one_sample_part_marks_the_whole_answer(client: TestClient) -> None:
    credit = client.get("/api/v1/districts").json()["dataset"]
    assert credit["quality"] == "sample"
    assert credit["quality_label"] == "見本データ（架空）"
    assert {part["kind"]: part["quality"] for part in credit["parts"]}["small-areas"] == "real"
    assert client.get("/api/v1/small-areas").json()["dataset"]["quality"] == "unofficial"


def test_values_say_how_far_each_may_be_believed(client: TestClient) -> None:
    marks = client.get("/api/v1/districts/1").json()["properties"]["quality"]
    assert marks == {
        "geometry": "unofficial",
        "population": "unofficial",
        "membership_rate": "sample",
        "plan_adopted": "real",
    }


def test_pages_of_associations_join_up(client: TestClient) -> None:
    seen: list[str] = []
    address = "/api/v1/associations?limit=3"
    while True:
        body = client.get(address).json()
        seen += [feature["id"] for feature in body["features"]]
        if body["next"] is None:
            break
        address = body["links"][0]["href"]
    assert seen == [f"a{no}{half}" for no in range(1, 5) for half in (1, 2)]


def test_associations_by_district_and_box(client: TestClient) -> None:
    by_district = client.get("/api/v1/associations?district=2").json()
    assert [feature["id"] for feature in by_district["features"]] == ["a21", "a22"]
    inside = "141.101,39.701,141.102,39.702"
    assert [f["id"] for f in client.get(f"/api/v1/associations?bbox={inside}").json()["features"]] == ["a11"]
    from_the_border = "141.11,39.702,141.112,39.703"
    found = client.get(f"/api/v1/associations?bbox={from_the_border}").json()["features"]
    assert [f["id"] for f in found] == ["a11", "a21"], "a box that only touches a border finds both sides"


def test_only_published_contacts_are_shown(client: TestClient) -> None:
    answer = client.get("/api/v1/associations/a11")
    assert [contact["phone"] for contact in answer.json()["properties"]["contacts"]] == ["019-000-1111"]
    assert "999-9999" not in answer.text


def test_membership_of_an_association_is_nowhere(client: TestClient) -> None:
    assert "households" not in client.get("/api/v1/associations/a11").text


def test_facilities_by_kind_and_use(client: TestClient) -> None:
    def ids(query: str) -> list[str]:
        return [feature["id"] for feature in client.get(f"/api/v1/facilities?{query}").json()["features"]]

    assert ids("") == ["f1", "f2", "f3"]
    assert ids("activity=true") == ["f1", "f2"]
    assert ids("kind=学校") == ["f3"]


def test_plan_records(client: TestClient) -> None:
    assert client.get("/api/v1/initiatives").json()["initiatives"][0]["title"] == "試験の取組"
    for name in ("initiatives", "indicators"):
        found = client.get(f"/api/v1/{name}").json()
        assert found["dataset"]["source"]
        assert found["dataset"]["quality"] == found["quality"]
    indicator = client.get("/api/v1/indicators?plan=r3-r7").json()["indicators"][0]
    assert indicator["values"][0]["value"] == 87.5


def test_datasets_leave_out_vacant_houses(client: TestClient) -> None:
    body = client.get("/api/v1/datasets?active=true").json()
    assert {row["kind"] for row in body["datasets"]} == set(city.KINDS) - {"vacant-houses"}
    assert "vacant-houses" not in body["generations"][0]["datasets"]


def test_the_day_before_the_first_generation_knows_nothing(client: TestClient) -> None:
    answer = client.get("/api/v1/districts?as_of=2001-01-01")
    assert answer.status_code == 404
    assert "2001-01-01" in answer.json()["detail"]


def test_hostile_names_are_data(client: TestClient) -> None:
    name = client.get("/api/v1/districts/4").json()["properties"]["name"]
    assert name == city.HOSTILE


@pytest.mark.parametrize("path", ["/api/v1/districts", "/api/v1/datasets", "/api/v1/indicators"])
def test_an_unchanged_answer_is_not_sent_again(client: TestClient, path: str) -> None:
    first = client.get(path)
    etag = first.headers["etag"]
    assert etag.startswith('"'), "strong"
    assert first.headers["cache-control"] == "public, no-cache"
    again = client.get(path, headers={"if-none-match": f'"other", {etag}'})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == etag
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_each_encoding_is_its_own_bytes_and_tag(client: TestClient) -> None:
    answers = {
        name: client.get("/api/v1/districts", headers={"accept-encoding": name})
        for name in ("identity", "gzip", "br")
    }
    assert len({answer.headers["etag"] for answer in answers.values()}) == 3
    assert len({answer.content for answer in answers.values()}) == 1, "the same when unpacked"
    assert answers["br"].headers["content-encoding"] == "br"
    assert "Accept-Encoding" in answers["identity"].headers["vary"]


def test_other_parameters_are_another_answer(client: TestClient) -> None:
    tags = [
        client.get(path).headers["etag"]
        for path in (
            "/api/v1/districts",
            "/api/v1/districts?fiscal_year=2019",
            "/api/v1/districts/1",
            "/api/v1/districts/2",
        )
    ]
    assert len(set(tags)) == 4
    assert client.get("/api/v1/districts?municipality=03201").headers["etag"] == tags[0], (
        "the default, spelled out"
    )


def test_head_answers_like_get_without_a_body(client: TestClient) -> None:
    head, get = client.head("/api/v1/districts"), client.get("/api/v1/districts")
    assert head.content == b""
    assert head.headers["etag"] == get.headers["etag"]


def test_geojson_holds_no_crs_and_counter_clockwise_rings(client: TestClient) -> None:
    import shapely

    body = orjson.loads(client.get("/api/v1/districts").content)
    assert "crs" not in body
    for feature in body["features"]:
        shape = shapely.geometry.shape(feature["geometry"])
        assert all(part.exterior.is_ccw for part in shape.geoms), "RFC 7946, 3.1.6"
