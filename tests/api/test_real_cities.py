"""Two real cities in one database: 盛岡市 over the sample, 焼津市 beside it. Skipped without the real files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import shapely
from starlette.testclient import TestClient

from api.app import create_app
from api.settings import Settings
from geodata.cluster import Cluster
from geodata.database import Database
from geodata.generations import Activation, activate
from geodata.importing import ImportOptions, import_files
from geodata.municipalities import KNOWN, ensure_municipality
from geodata.queries.generation import resolve
from geodata.queries.snapshot import lookup_snapshot
from kyodo_geo.crs import area_m2
from kyodo_geo.lookup_types import Snapshot
from kyodo_geo.quality import Quality
from tests.api.conftest import PAGE, client_of
from tests.factories import meta
from tests.fixtures_db import DatabaseUrls, copied

pytestmark = pytest.mark.shared

MORIOKA, YAIZU = "03201", "22212"
OF_THE_SERVICE = {
    "/lookup", "/about", "/api", "/login", "/staff", "/referrals/new", "/join/new", "/fax-sheet.pdf", "/partner/widget",
    "/meetings", "/progress", "/staff/maps/membership", "/staff/maps/at-risk",
}  # fmt: skip
"""Pages that exist for the service's own city alone, or for no city."""
BETWEEN = "市域の線と国勢調査の区域の線の間"


@dataclass(frozen=True)
class Cities:
    """A running service, what became of the sample, and what both lookups are built from."""

    client: TestClient
    activation: Activation
    morioka: Snapshot
    yaizu: Snapshot

    def ask(self, point: Any, **params: str) -> dict[str, Any]:
        answer = self.client.get("/api/v1/lookup", params={"lon": point.x, "lat": point.y, **params})
        assert answer.status_code == 200, answer.text
        return answer.json()


def load(db: Database, code: str, files: dict[str, tuple[Path, Quality, ImportOptions]]) -> Activation:
    ids = []
    for kind, (path, quality, options) in files.items():
        done = import_files(db, code, kind, [path], meta(quality), options)
        ids += [stored.dataset_id for stored in done.stored]
    return activate(db, code, ids, by="test")


@pytest.fixture(scope="module")
def cities(cluster: Cluster, sample_db_template: DatabaseUrls, shared_data: Path) -> Iterator[Cities]:
    morioka, yaizu = shared_data / "morioka", shared_data / "formats" / "yaizu"
    plain = ImportOptions()
    with copied(cluster, sample_db_template) as urls:
        db = Database(urls.app)
        activation = load(
            db,
            MORIOKA,
            {
                "outline": (morioka / "n03_03201.geojson", Quality.REAL, plain),
                "small-areas": (morioka / "estat_small_area_2020_03201.geojson", Quality.REAL, plain),
                "district-assignment": (
                    morioka / "small_area_district_unofficial.csv",
                    Quality.UNOFFICIAL,
                    plain,
                ),
                "towns": (morioka / "towns_03201.json", Quality.REAL, ImportOptions(format="geolonia")),
            },
        )
        ensure_municipality(db, KNOWN[YAIZU], by="test")
        load(
            db,
            YAIZU,
            {
                "districts": (
                    yaizu / "中学校区" / "中学校区.shp",
                    Quality.REAL,
                    ImportOptions(mapping={"district_no": "item1", "name": "item2"}),
                ),
                "associations": (yaizu / "自治会区域" / "自治会区域.shp", Quality.REAL, plain),
            },
        )
        with db.read() as conn:
            snapshots = [lookup_snapshot(conn, resolve(conn, code)) for code in (MORIOKA, YAIZU)]
        db.close()
        settings = Settings(database_url=urls.app, owner_database_url=urls.owner, database_pool_size=4)
        with client_of(create_app(settings)) as client:
            yield Cities(client, activation, *snapshots)


def shape_of(geom: Any) -> Any:
    """A snapshot holds areas as they came from the database."""
    return shapely.from_wkb(geom) if isinstance(geom, bytes) else geom


def inside_largest(geom: Any) -> Any:
    return max(shapely.get_parts(shape_of(geom)), key=lambda part: part.area).representative_point()


def test_the_slivers_between_the_two_outlines_belong_to_the_city(cities: Cities) -> None:
    city = cities.morioka
    slivers = shapely.symmetric_difference(city.outline, city.small_area_union)
    assert area_m2(slivers, MORIOKA) / 1e6 == pytest.approx(3.33, abs=0.01)
    for only_one in (
        shapely.difference(city.outline, city.small_area_union),
        shapely.difference(city.small_area_union, city.outline),
    ):
        found = cities.ask(inside_largest(only_one))
        assert (found["outcome"], BETWEEN in found["message"]) == ("none_here", True)
    both = shapely.intersection(city.outline, city.small_area_union).representative_point()
    found = cities.ask(both)
    assert (found["outcome"], BETWEEN in found["message"]) == ("none_here", False)
    beyond = shapely.Point(shapely.union(city.outline, city.small_area_union).bounds[:2])
    assert cities.ask(beyond)["outcome"] == "outside_city"


def test_nothing_of_the_sample_is_left_to_answer(cities: Cities) -> None:
    assert {"associations", "association-rules", "blocks", "lots", "membership"} <= set(
        cities.activation.retired
    )
    found = cities.client.get("/api/v1/lookup", params={"address": "盛岡市みたけ4丁目14-36"}).json()
    assert (found["outcome"], found["address"]["town"]) == ("none_here", "みたけ四丁目")
    assert found["dataset"]["quality"] == "unofficial"
    assert "非公式" in found["message"]
    assert "見本" not in found["message"]


def test_a_point_of_morioka_lies_in_its_district(cities: Cities) -> None:
    mitake = next(item for item in cities.morioka.districts if item.name == "みたけ")
    found = cities.ask(inside_largest(mitake.geom))
    assert found["district"] == {"no": 7, "name": "みたけ"}
    page = cities.client.get("/districts/7", headers=PAGE)
    assert page.status_code == 200
    assert "みたけ" in page.text
    assert "非公式（当サービスの推定）" in page.text
    listed = cities.client.get("/api/v1/districts").json()["features"]
    assert len(listed) == 30
    assert sum(item["properties"]["population"] for item in listed) == 289_731


def test_every_association_of_yaizu_is_found_in_its_area_and_district(cities: Cities) -> None:
    districts = {item.no: item for item in cities.yaizu.districts}
    assert (len(cities.yaizu.associations), len(districts)) == (35, 9)
    told = 0
    for item in cities.yaizu.associations:
        point = inside_largest(item.geom)
        found = cities.ask(point, municipality=YAIZU)
        assert item.association_id in {one["id"] for one in found["associations"]}
        if found["district"]:
            told += 1
            assert shape_of(districts[found["district"]["no"]].geom).covers(point)
    assert told > 25


def test_neither_city_answers_for_the_other(cities: Cities) -> None:
    of_yaizu = inside_largest(cities.yaizu.associations[0].geom)
    of_morioka = inside_largest(cities.morioka.districts[6].geom)
    assert cities.ask(of_yaizu)["outcome"] == "outside_city"
    assert cities.ask(of_morioka, municipality=YAIZU)["outcome"] == "outside_city"


def test_a_district_page_of_yaizu_speaks_of_yaizu(cities: Cities) -> None:
    page = cities.client.get("/districts/8", params={"municipality": YAIZU}, headers=PAGE)
    assert page.status_code == 200
    assert "焼津中学校" in page.text
    assert " | 焼津市 " in page.text
    assert "019-626-7535" not in page.text
    assert "みたけ" not in page.text
    gone = cities.client.get("/districts/30", params={"municipality": YAIZU}, headers=PAGE)
    assert gone.status_code == 404
    plan = cities.client.get("/maps/plan-adoption", params={"municipality": YAIZU}, headers=PAGE)
    assert plan.text.count('class="row-select"') == 9


def test_no_link_of_a_citys_pages_leads_to_another_city(cities: Cities) -> None:
    """Walks every page of 焼津市 that its links lead to; what is left are the pages of the service itself."""
    start = f"/?municipality={YAIZU}"
    todo, seen, leaving = [start], {start}, set()
    while todo:
        path = todo.pop()
        answer = cities.client.get(path, headers=PAGE)
        if answer.status_code == 303:  # a map for staff
            assert answer.headers["location"].startswith("/login?"), path
            continue
        assert answer.status_code == 200, path
        assert '<span class="brand-city">焼津市' in answer.text, path
        for href in re.findall(r'<a\b[^>]*?\shref="(/[^"#]*)', answer.text):
            target = unescape(href)
            if f"municipality={YAIZU}" not in target:
                leaving.add(target)
            elif target not in seen and not (
                target.startswith(("/api/", "/downloads/", "/opendata/", "/ogc"))
                or target.partition("?")[0].endswith((".atom", ".csv", ".ics"))  # files, no pages
            ):
                seen.add(target)
                # All districts (each leads to the next), and some of the associations.
                if not target.startswith("/associations/") or len(seen) < 40:
                    todo.append(target)
    assert {path.partition("?")[0] for path in leaving} <= OF_THE_SERVICE
    assert sum(path.startswith("/districts/") for path in seen) >= 9
    assert any(path.startswith("/maps/membership") for path in seen)
    assert any(path.startswith("/associations/") for path in seen)


def test_the_citys_own_pages_carry_no_code(cities: Cities) -> None:
    assert "municipality=" not in cities.client.get("/datasets", headers=PAGE).text
