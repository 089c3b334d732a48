"""Sets of areas as coverages, on squares a hundredth of a degree wide (about 860 m by 1,110 m)."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import MultiPolygon, Polygon, box

from kyodo_geo import areas
from kyodo_geo.crs import WGS84, area_m2, to_plane

CITY = "03201"


def cell(x: float, y: float, width: float = 1, height: float = 1) -> Polygon:
    """A box in hundredths of a degree from 141.0 E, 39.6 N."""
    return box(141 + x / 100, 39.6 + y / 100, 141 + (x + width) / 100, 39.6 + (y + height) / 100)


class TestAsMultipolygon:
    def test_a_polygon_becomes_a_multipolygon_of_one(self):
        assert len(areas.as_multipolygon(cell(0, 0)).geoms) == 1

    def test_lines_and_points_are_left_out(self):
        mixed = shapely.GeometryCollection(
            [cell(0, 0), shapely.Point(141, 39), shapely.LineString([(0, 0), (1, 1)])]
        )
        assert areas.as_multipolygon(mixed).equals(cell(0, 0))

    def test_nothing_with_an_area_is_empty(self):
        assert areas.as_multipolygon(shapely.Point(141, 39)).is_empty
        assert areas.as_multipolygon(shapely.Point()).is_empty


class TestMergeSmallAreas:
    def frame(self, rows):
        return gpd.GeoDataFrame(
            rows, columns=["key_code", "name", "people", "households", "geom"], geometry="geom", crs=WGS84
        )

    def test_rows_of_one_key_become_one_area_with_summed_figures(self):
        merged = areas.merge_small_areas(
            self.frame(
                [
                    ("0320100101", "上田", 0, 0, cell(0, 0)),
                    ("0320100200", "内丸", 7, 3, cell(5, 5)),
                    ("0320100101", "上田", 103, 42, cell(2, 0)),
                ]
            )
        )
        assert merged["key_code"].tolist() == ["0320100101", "0320100200"]
        assert merged["people"].tolist() == [103, 7]
        assert merged["households"].tolist() == [42, 3]
        assert [len(geom.geoms) for geom in merged["geom"]] == [2, 1]

    def test_touching_parts_grow_together(self):
        merged = areas.merge_small_areas(
            self.frame([("1", None, 1, 1, cell(0, 0)), ("1", None, 1, 1, cell(1, 0))])
        )
        assert merged["geom"].iloc[0].equals(cell(0, 0, 2))

    def test_figures_missing_in_every_row_stay_missing(self):
        merged = areas.merge_small_areas(
            self.frame([("1", None, None, 4, cell(0, 0)), ("1", None, None, None, cell(1, 0))])
        )
        assert merged["people"].isna().tolist() == [True]
        assert merged["households"].tolist() == [4]


class TestCheckCoverage:
    def test_squares_side_by_side_are_clean(self):
        found = areas.check_coverage([cell(0, 0), cell(1, 0)])
        assert found == areas.CoverageCheck(invalid_edges=0, parts=1, holes=0)
        assert found.is_clean

    def test_a_gap_is_seen_although_every_edge_is_valid(self):
        ring = [cell(0, 0, 3), cell(0, 1), cell(2, 1), cell(0, 2, 3)]
        ring = [shapely.segmentize(square, 0.01) for square in ring]
        found = areas.check_coverage(ring)
        assert found.holes == 1
        assert not found.is_clean

    def test_a_border_whose_vertices_do_not_match_is_seen(self):
        bulging = Polygon(
            [(141.01, 39.6), (141.00999, 39.605), (141.01, 39.61), (141.02, 39.61), (141.02, 39.6)]
        )
        assert areas.check_coverage([cell(0, 0), bulging]).invalid_edges == 2

    def test_islands_are_parts_not_faults(self):
        found = areas.check_coverage([cell(0, 0), cell(5, 5)])
        assert (found.parts, found.is_clean) == (2, True)


class TestCleanCoverage:
    def test_a_hairline_between_neighbours_is_closed(self):
        left = cell(0, 0)
        right = box(141.01 + 1e-12, 39.6, 141.02, 39.61)
        cleaned = areas.clean_coverage([left, right])
        assert areas.check_coverage(cleaned).is_clean
        assert areas.check_coverage(cleaned).parts == 1
        assert (
            max(areas.displacement_m(a, b, CITY) for a, b in zip([left, right], cleaned, strict=True)) < 1e-6
        )

    def test_the_result_is_multipolygons_in_the_given_order(self):
        cleaned = areas.clean_coverage([cell(1, 0), cell(0, 0)])
        assert [geom.geom_type for geom in cleaned] == ["MultiPolygon", "MultiPolygon"]
        assert cleaned[0].equals(cell(1, 0))


class TestRounded:
    def test_coordinates_have_six_decimals(self):
        (geom,) = areas.rounded([Polygon([(141.12345678, 39.6), (141.2, 39.6), (141.2, 39.7)])])
        assert geom.exterior.coords[0] == (141.123457, 39.6)


class TestDissolve:
    def test_areas_are_united_by_key_in_order_of_appearance(self):
        found = areas.dissolve([cell(0, 0), cell(5, 5), cell(1, 0)], [2, 1, 2])
        assert list(found) == [2, 1]
        assert found[2].equals(cell(0, 0, 2))
        assert isinstance(found[1], MultiPolygon)

    def test_no_area_is_lost(self):
        squares = [cell(x, y) for x in range(4) for y in range(4)]
        found = areas.dissolve(squares, [number % 3 for number in range(16)])
        assert sum(geom.area for geom in found.values()) == pytest.approx(
            sum(s.area for s in squares), rel=1e-12
        )


class TestDisplacement:
    def test_nothing_moved(self):
        assert areas.displacement_m(cell(0, 0), cell(0, 0), CITY) == 0

    def test_a_border_moved_by_a_hundredth_of_a_degree_of_latitude(self):
        assert areas.displacement_m(cell(0, 0), cell(0, 0, 1, 2), CITY) == pytest.approx(1110, rel=0.01)

    def test_a_bow_tie_can_be_compared_with_its_repair(self):
        bow_tie = Polygon([(141, 39.6), (141.01, 39.61), (141.01, 39.6), (141, 39.61)])
        assert areas.displacement_m(bow_tie, shapely.make_valid(bow_tie), CITY) < 700

    def test_something_that_vanished_is_infinitely_far(self):
        assert areas.displacement_m(cell(0, 0), Polygon(), CITY) == float("inf")


class TestOverlapsAndGaps:
    def test_shared_ground_is_named_once_with_its_area(self):
        (found,) = areas.find_overlaps([cell(0, 0, 2), cell(1, 0, 2), cell(9, 9)], ["東", "西", "北"], CITY)
        assert (found.first, found.second) == ("東", "西")
        assert found.area_m2 == pytest.approx(area_m2(cell(1, 0), CITY), rel=1e-4)

    def test_neighbours_do_not_overlap(self):
        assert areas.find_overlaps([cell(0, 0), cell(1, 0)], [1, 2], CITY) == []

    def test_slivers_are_not_mentioned(self):
        hair = box(141.01 - 1e-9, 39.6, 141.02, 39.61)
        assert areas.find_overlaps([cell(0, 0), hair], [1, 2], CITY) == []
        assert areas.find_overlaps([cell(0, 0), hair], [1, 2], CITY, at_least_m2=0)

    def test_a_hole_in_the_union_is_a_gap_with_a_point_inside(self):
        (gap,) = areas.find_gaps([cell(0, 0, 3), cell(0, 1), cell(2, 1), cell(0, 2, 3)], CITY)
        assert cell(1, 1).contains(shapely.Point(gap.lon, gap.lat))
        assert gap.area_m2 == pytest.approx(area_m2(cell(1, 1), CITY))

    def test_no_gap_no_entry(self):
        assert areas.find_gaps([cell(0, 0)], CITY) == []


class TestCompareAreas:
    def test_same_sets_have_no_difference(self):
        before = {1: cell(0, 0), 2: cell(1, 0)}
        assert areas.compare_areas(before, before, CITY) == areas.AreaChanges((), (), (), ())

    def test_a_moved_border_moves_ground_and_people(self):
        before = {1: cell(0, 0, 2), 2: cell(2, 0)}
        after = {1: cell(0, 0), 2: cell(1, 0, 2)}
        crowd = [(shapely.Point(141.005, 39.605), 10, 4), (shapely.Point(141.015, 39.605), 7, 3)]
        changes = areas.compare_areas(before, after, CITY, crowd)
        assert changes.changed == (1, 2)
        (move,) = changes.moves
        assert (move.before, move.after, move.people, move.households) == (1, 2, 7, 3)
        assert move.area_m2 == pytest.approx(area_m2(cell(1, 0), CITY), rel=1e-6)

    def test_added_and_removed_areas_move_from_and_to_outside(self):
        changes = areas.compare_areas({1: cell(0, 0)}, {2: cell(5, 0)}, CITY)
        assert (changes.added, changes.removed, changes.changed) == ((2,), (1,), ())
        assert {(move.before, move.after) for move in changes.moves} == {(1, None), (None, 2)}

    def test_a_renamed_area_hands_over_all_its_ground(self):
        changes = areas.compare_areas({1: cell(0, 0)}, {2: cell(0, 0)}, CITY)
        assert [(move.before, move.after) for move in changes.moves] == [(1, 2)]

    def test_a_person_on_a_common_border_stays_where_they_were(self):
        both = {1: cell(0, 0), 2: cell(1, 0)}
        assert areas.compare_areas(both, both, CITY, [(shapely.Point(141.01, 39.605), 1, 1)]).moves == ()


def test_areas_are_measured_in_the_plane_zone():
    plane = to_plane(np.array([cell(0, 0)], dtype=object), CITY)
    assert shapely.area(plane)[0] == pytest.approx(area_m2(cell(0, 0), CITY))
