"""Cells, districts and associations of the sample as areas."""

from __future__ import annotations

from typing import Any

import pytest
import shapely

from geodata.sample import facts
from geodata.sample.partition import grow
from kyodo_geo.areas import check_coverage
from kyodo_geo.crs import area_m2, to_plane
from tests.unit.sample_world import rows, sample

CITY = "03201"


def geoms(kind: str) -> list[Any]:
    return [row["geom"] for row in rows(kind)]


@pytest.mark.parametrize("kind", ["small-areas", "districts"])
def test_areas_tile_the_outline(kind: str) -> None:
    found = geoms(kind)
    check = check_coverage(found)
    outline = geoms("outline")[0]

    assert (check.invalid_edges, check.parts, check.holes) == (0, 1, 0)
    # Corners on the outline are rounded to 6 digits, about 0.1 m; compared in degrees, where its edges are straight.
    rest = shapely.symmetric_difference(shapely.union_all(found), outline)
    assert rest.area < 1e-5 * outline.area


@pytest.mark.parametrize(
    "kind", ["outline", "small-areas", "districts", "associations", "blocks", "towns", "halls"]
)
def test_coordinates_have_six_digits_and_are_valid(kind: str) -> None:
    found = [geom for geom in geoms(kind) if geom is not None]

    assert all(shapely.is_valid(found))
    coordinates = shapely.get_coordinates(found)
    assert (coordinates.round(6) == coordinates).all()


def test_thirty_districts_each_in_one_piece_around_its_point() -> None:
    found = {row["district_no"]: row for row in rows("districts")}

    assert sorted(found) == list(range(1, 31))
    for fact in facts.districts():
        shape = found[fact.no]["geom"]
        assert (shape.geom_type, len(shape.interiors)) == ("Polygon", 0), fact.name
        # The point has 2 decimals (about 1 km); the middle of the cell it lies in may be across the border.
        assert to_plane(shape, CITY).distance(to_plane(shapely.Point(fact.lon, fact.lat), CITY)) < 300
        assert (found[fact.no]["name"], found[fact.no]["kana"]) == (fact.name, fact.kana)


def test_districts_are_the_unions_of_their_cells() -> None:
    cells = {row["key_code"]: row["geom"] for row in rows("small-areas")}
    of_district: dict[int, list[Any]] = {}
    for row in rows("district-assignment"):
        of_district.setdefault(row["district_no"], []).append(cells.pop(row["key_code"]))

    assert cells == {}
    for row in rows("districts"):
        assert shapely.equals(shapely.union_all(of_district[row["district_no"]]), row["geom"])


def test_about_900_cells_fine_in_town_and_coarse_in_the_mountains() -> None:
    by_district: dict[int, list[float]] = {}
    areas = {row["key_code"]: row["area_m2"] for row in rows("small-areas")}
    for row in rows("district-assignment"):
        by_district.setdefault(row["district_no"], []).append(areas[row["key_code"]])

    assert 850 <= len(areas) <= 950
    assert max(by_district[1]) < 400_000
    assert max(by_district[30]) > 10_000_000
    assert sum(areas.values()) == pytest.approx(area_m2(geoms("outline")[0], CITY), rel=1e-4)


def test_people_and_households_of_the_city_are_exact() -> None:
    found = rows("small-areas")

    assert sum(row["people"] for row in found) == 285_000
    assert sum(row["households"] for row in found) == 138_000
    assert all(row["people"] >= 0 and row["households"] >= 0 for row in found)


def test_all_real_centres_lie_inside() -> None:
    outline = geoms("outline")[0]

    assert all(outline.contains(geom) for geom in geoms("facilities"))


def test_about_360_associations_each_in_one_piece_inside_its_district() -> None:
    districts = {row["district_no"]: row["geom"] for row in rows("districts")}
    of = {row["association_id"]: row["district_no"] for row in rows("association-districts")}
    found = rows("associations")

    assert 340 <= len(found) <= 380
    assert set(of) == {row["association_id"] for row in found}
    for row in found:
        if row["geom"] is not None:
            assert row["geom"].geom_type == "Polygon", row["name"]
            assert districts[of[row["association_id"]]].covers(row["geom"]), row["name"]


def test_every_district_has_several_associations() -> None:
    numbers = [row["district_no"] for row in rows("association-districts")]

    assert all(4 <= numbers.count(no) <= 30 for no in range(1, 31))


def test_areas_overlap_only_where_that_is_meant() -> None:
    first, second, _ = sample().layout.overlap
    meant = {tuple(sorted(sample().layout.sketches[i].association_id for i in (first, second)))}
    found = [row for row in rows("associations") if row["geom"] is not None]
    ordinary = [row for row in found if row["kind"] == "association"]
    shapes = [to_plane(row["geom"], CITY) for row in ordinary]
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    overlapping = {
        tuple(sorted((ordinary[i]["association_id"], ordinary[j]["association_id"])))
        for i, j in zip(left, right, strict=True)
        if i < j and shapely.area(shapely.intersection(shapes[i], shapes[j])) > 1.0
    }

    assert overlapping == meant


def test_flats_stand_inside_an_association_or_in_a_hole_of_it() -> None:
    by_id = {row["association_id"]: row for row in rows("associations")}
    flats = [row for row in by_id.values() if row["kind"] == "building"]

    assert len(flats) == len(sample().claims.flats) == 6
    for row, flat in zip(flats, sample().claims.flats, strict=True):
        around = by_id[sample().layout.sketches[flat.around].association_id]["geom"]
        assert area_m2(row["geom"], CITY) == pytest.approx(46 * 46, rel=0.02)
        if flat.excepted:
            assert not around.contains(row["geom"].centroid)
            assert shapely.Polygon(around.exterior).contains(row["geom"])
        else:
            assert around.contains(row["geom"])


def test_some_places_have_no_association() -> None:
    claimed = shapely.union_all([geom for geom in geoms("associations") if geom is not None])
    city = geoms("outline")[0]

    assert len(sample().layout.unclaimed) > 10
    for cell in sample().layout.unclaimed:
        assert not claimed.contains(sample().ground.cells[cell].representative_point())
    assert area_m2(claimed, CITY) < area_m2(city, CITY)


def test_groups_of_cells_are_connected_and_about_equal() -> None:
    ground = sample().ground
    cells = ground.of_district(1)
    groups = grow(ground, cells, 5)

    assert sorted(cell for group in groups for cell in group) == cells
    assert max(map(len, groups)) <= 3 * min(map(len, groups))
    for group in groups:
        assert shapely.union_all(ground.cells[group]).geom_type == "Polygon"


def test_more_groups_than_cells_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one cell"):
        grow(sample().ground, [0, 1], 3)
