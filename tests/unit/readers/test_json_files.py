"""GeoJSON and lists in JSON, whole and damaged."""

from __future__ import annotations

import json

import pytest

from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import cell, csv, geojson, load, spot

CENTRE = {"名称": "城北センター", "種別": "地区活動センター"}


def test_without_a_crs_member_it_is_taken_as_jgd2011_and_said(tmp_path):
    result = load("facilities", geojson(tmp_path / "a.geojson", [(CENTRE, spot(0, 0))]))
    assert result.frame.geometry.iloc[0].equals(spot(0, 0))
    assert any("JGD2011" in note for note in result.report.notes)


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::6668", "EPSG:4612", "urn:ogc:def:crs:OGC:1.3:CRS84"])
def test_a_crs_member_is_followed(tmp_path, name):
    member = {"type": "name", "properties": {"name": name}}
    result = load("facilities", geojson(tmp_path / "a.geojson", [(CENTRE, spot(0, 0))], crs=member))
    assert result.frame.geometry.iloc[0].distance(spot(0, 0)) < 1e-9
    assert not any("JGD2011" in note for note in result.report.notes)


@pytest.mark.parametrize("member", [{"type": "name"}, "EPSG:6668", 7, {"properties": {"name": ["x"]}}])
def test_a_crs_member_that_says_nothing_is_refused(tmp_path, member):
    with pytest.raises(FileFormatError, match="座標系"):
        load("facilities", geojson(tmp_path / "a.geojson", [(CENTRE, spot(0, 0))], crs=member))


def test_an_unknown_crs_is_refused(tmp_path):
    member = {"type": "name", "properties": {"name": "EPSG:999999"}}
    with pytest.raises(FileFormatError, match="--crs"):
        load("facilities", geojson(tmp_path / "a.geojson", [(CENTRE, spot(0, 0))], crs=member))


def test_a_cut_file_names_the_line(tmp_path):
    path = geojson(tmp_path / "a.geojson", [(CENTRE, spot(0, 0))])
    path.write_text(path.read_text(encoding="utf-8")[:-10], encoding="utf-8")
    with pytest.raises(FileFormatError, match="1 行目") as refused:
        load("facilities", path)
    assert refused.value.details["row"] == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "FeatureCollection"),
        ("[]", "FeatureCollection"),
        ("[1, 2]", "FeatureCollection"),
        ('"text"', "FeatureCollection"),
        ("null", "FeatureCollection"),
        ('{"type": "FeatureCollection"}', "features"),
        ('{"type": "FeatureCollection", "features": {}}', "features"),
        ('{"type": "FeatureCollection", "features": []}', "1件もありません"),
        ('{"type": "FeatureCollection", "features": [3]}', "1 件目"),
        ("[" * 100_000, "深すぎ"),
        ("{" + '"a":' * 3 + "}", "JSONとして読めなく"),
        ("\x00\x01", "JSON|文字"),
    ],
)
def test_json_of_another_kind_is_refused(tmp_path, content, message):
    with pytest.raises(FileFormatError, match=message):
        load("facilities", csv(tmp_path / "a.geojson", content))


def test_another_encoding_is_named(tmp_path):
    path = geojson(tmp_path / "a.geojson", [(CENTRE, spot(0, 0))])
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp932"))
    with pytest.raises(FileFormatError, match="UTF-8"):
        load("facilities", path)


@pytest.mark.parametrize(
    "geometry",
    [
        None,
        {},
        {"type": "Point"},
        {"type": "Point", "coordinates": []},
        {"type": "Point", "coordinates": ["a", "b"]},
        {"type": "Point", "coordinates": [None, None]},
        {"type": "Point", "coordinates": [float("nan"), 39.7]},
        {"type": "Point", "coordinates": [float("inf"), 39.7]},
        {"type": "Polygon", "coordinates": [[[141.1, 39.7], [141.2, 39.7]]]},
        {"type": "Kreis", "coordinates": [141.1, 39.7]},
        {"type": "Polygon", "coordinates": 5},
        {"type": "GeometryCollection"},
    ],
)
def test_a_feature_without_usable_coordinates_is_named_and_left_out(tmp_path, geometry):
    path = geojson(tmp_path / "a.geojson", [(CENTRE, spot(0, 0)), ({**CENTRE, "名称": "乙"}, geometry)])
    result = load("facilities", path)
    assert result.frame["name"].tolist() == ["城北センター"]
    assert result.report.rejected[0].row == 2


def test_height_is_dropped(tmp_path):
    tall = {"type": "Point", "coordinates": [141.1, 39.7, 123.0]}
    assert not load(
        "facilities", geojson(tmp_path / "a.geojson", [(CENTRE, tall)])
    ).frame.geometry.has_z.any()


def test_numbers_in_properties_are_read_as_text_without_a_decimal_point(tmp_path):
    row = {"KEY_CODE": "032010010", "JINKO": 207.0, "SETAI": 130}
    result = load("small-areas", geojson(tmp_path / "a.geojson", [(row, cell(0, 0))]))
    assert (result.frame["people"].iloc[0], result.frame["households"].iloc[0]) == (207, 130)


def test_nested_properties_do_not_disturb(tmp_path):
    path = geojson(tmp_path / "a.geojson", [({**CENTRE, "備考": {"a": [1, 2]}}, spot(0, 0))])
    assert len(load("facilities", path).frame) == 1


def test_properties_may_be_missing(tmp_path):
    path = tmp_path / "a.geojson"
    features = [{"type": "Feature", "geometry": {"type": "Point", "coordinates": [141.1, 39.7]}}]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    with pytest.raises(FileFormatError, match="「名称」の列が見つかりません"):
        load("facilities", path)
