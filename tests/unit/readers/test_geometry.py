"""Shapes that are not what they should be: repaired with what moved, or left out with the reason."""

from __future__ import annotations

import pytest
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon

from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import BOW_TIE, cell, csv, geojson, layer, load, spot

NAMED = {"町内会名": "城北町内会"}


def associations(tmp_path, *geoms, **options):
    rows = [({"町内会名": f"町内会{number}"}, geom) for number, geom in enumerate(geoms, start=1)]
    return load("associations", geojson(tmp_path / "a.geojson", rows), **options)


def test_areas_become_multipolygons(tmp_path):
    result = associations(tmp_path, cell(0, 0), MultiPolygon([cell(5, 5), cell(7, 7)]))
    assert [(geom.geom_type, len(geom.geoms)) for geom in result.frame.geometry] == [
        ("MultiPolygon", 1),
        ("MultiPolygon", 2),
    ]


def test_a_self_intersection_is_repaired_and_reported_with_its_displacement(tmp_path):
    result = associations(tmp_path, cell(5, 5), BOW_TIE)
    (repair,) = result.report.repaired
    assert repair.key == "町内会2"
    assert "自己交差" in repair.reason_ja
    assert 0 <= repair.displacement_m == result.report.largest_displacement_m < 800
    assert shapely.is_valid(result.frame.geometry).all()


def test_height_is_dropped_and_said(tmp_path):
    tall = shapely.force_3d(cell(0, 0), 5.0)
    path = layer(tmp_path / "a.gpkg", [(NAMED, tall)])
    result = load("associations", path)
    assert not result.frame.geometry.has_z.any()
    assert any("高さ" in note for note in result.report.notes)


@pytest.mark.parametrize("bad", [None, {"type": "Polygon", "coordinates": []}])
def test_a_row_without_shape_is_left_out_by_number(tmp_path, bad):
    result = associations(tmp_path, cell(0, 0), bad, cell(1, 0))
    assert result.frame["name"].tolist() == ["町内会1", "町内会3"]
    assert [(r.row, r.value) for r in result.report.rejected] == [(2, "町内会2")]


def test_a_line_among_areas_is_left_out(tmp_path):
    result = associations(tmp_path, cell(0, 0), LineString([(141.1, 39.7), (141.2, 39.7)]))
    assert result.report.rejected[0].reason_ja == "図形が面（ポリゴン）ではありません。"


def test_an_area_without_ground_is_left_out(tmp_path):
    flat = Polygon([(141.1, 39.7), (141.2, 39.7), (141.1, 39.7)])
    assert associations(tmp_path, cell(0, 0), flat).report.rejected[0].reason_ja == "図形の面積がありません。"


@pytest.mark.parametrize(
    ("geom", "word"), [(LineString([(141.1, 39.7), (141.2, 39.7)]), "線"), (Point(141.1, 39.7), "点")]
)
def test_a_layer_of_another_kind_is_refused(tmp_path, geom, word):
    with pytest.raises(FileFormatError, match=f"図形は{word}です"):
        associations(tmp_path, geom)


def test_areas_from_a_table_without_shapes_are_refused(tmp_path):
    with pytest.raises(FileFormatError, match="区域の図形がありません"):
        load("outline", csv(tmp_path / "a.csv", "名称\n盛岡市\n"))


def test_an_area_counts_as_the_point_of_a_facility(tmp_path):
    path = geojson(tmp_path / "a.geojson", [({"名称": "学校"}, cell(0, 0))])
    assert cell(0, 0).contains(load("facilities", path).frame.geometry.iloc[0])


def test_overlaps_of_associations_are_told_and_kept(tmp_path):
    result = associations(tmp_path, cell(0, 0, 2), cell(1, 0, 2))
    (overlap,) = result.report.overlaps
    assert (overlap["first"], overlap["second"]) == ("町内会1", "町内会2")
    assert overlap["area_m2"] == pytest.approx(953_000, rel=0.01)
    assert len(result.frame) == 2


def test_an_area_outside_the_outline_is_reported(tmp_path):
    result = associations(tmp_path, cell(0, 0), cell(12, 0), context={"outline": cell(-5, -5, 15, 15)})
    assert [item["name"] for item in result.report.outside_city] == ["町内会2"]


def test_points_may_be_missing_where_they_are_optional(tmp_path):
    path = csv(tmp_path / "a.csv", "名称,経度,緯度\n甲公民館,141.1,39.7\n乙公民館,,\n丙公民館,141.1,\n")
    result = load("halls", path)
    assert [point is None for point in result.frame.geometry] == [False, True, True]
    assert any("4 行目" in note for note in result.report.notes)


def test_points_must_be_there_where_they_are_required(tmp_path):
    path = csv(tmp_path / "a.csv", "名称,経度,緯度\n甲センター,141.1,39.7\n乙センター,,\n")
    result = load("facilities", path)
    assert [(r.row, r.value) for r in result.report.rejected] == [(3, "乙センター")]


def test_multipoints_and_points_mix(tmp_path):
    path = geojson(
        tmp_path / "a.geojson",
        [({"名称": "甲"}, spot(0, 0)), ({"名称": "乙"}, shapely.MultiPoint([spot(1, 1)]))],
    )
    assert load("facilities", path).frame.geometry.geom_type.tolist() == ["Point", "Point"]
