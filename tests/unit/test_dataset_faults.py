"""Findings of a report as the pages list them, and what they keep to themselves."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import shapely

from api.staff_datasets.faults import WITH_PERSONS, WITHHELD, counts_of, faults_of
from api.staff_datasets.forms import for_page
from api.staff_datasets.reading import faults_map
from geodata.readers.grounds import MAX_VERTICES, where
from geodata.readers.result import LoadReport
from maps.basemaps import NONE

NAME = "盛岡太郎"
PLAIN: Any = SimpleNamespace(pages=SimpleNamespace(basemap=NONE))
"""As much of the services as a map of findings asks for."""


def rejected(value: str = NAME) -> LoadReport:
    report = LoadReport()
    report.reject("名簿.csv", 3, "加入世帯数", value, f"「{value[:40]}」は整数として読めません。")
    return report


@pytest.mark.parametrize("kind", sorted(WITH_PERSONS))
def test_the_value_of_a_refused_row_stands_nowhere_in_lists_with_persons(kind: str) -> None:
    (fault,) = faults_of(kind, rejected().as_dict())
    assert NAME not in str(fault) and WITHHELD in fault.what
    assert "3 行目" in fault.place and "加入世帯数" in fault.place


def test_a_long_value_is_withheld_too() -> None:
    (fault,) = faults_of("membership", rejected(NAME * 20).as_dict())
    assert NAME not in str(fault)


def test_elsewhere_the_value_helps_to_find_the_cell() -> None:
    (fault,) = faults_of("facilities", rejected("十二").as_dict())
    assert "十二" in fault.what


def test_findings_are_numbered_through_and_places_come_along() -> None:
    report = rejected()
    report.add("overlaps", first="東", second="西", area_m2=5.0, ground=shapely.box(141.1, 39.7, 141.2, 39.8))
    report.repair("蝶", "直しました。", 0.5, shapely.box(141.1, 39.7, 141.2, 39.8))
    found = faults_of("associations", report.as_dict())
    assert [(fault.no, fault.kind) for fault in found] == [(1, "rejected"), (2, "repaired"), (3, "overlaps")]
    assert found[1].shift_m == 0.5 and found[2].area_m2 == 5.0
    assert found[2].lon == pytest.approx(141.15) and found[2].shape is not None


def test_a_part_of_a_network_is_no_gap_between_areas() -> None:
    report = LoadReport()
    report.totals["components"] = 2.0
    report.add("gaps", nodes=51, file="道.geojson", ground=shapely.LineString([(141.1, 39.7), (141.2, 39.8)]))
    (fault,) = faults_of("walk-network", report.as_dict())
    assert fault.label == "離れた部分" and "51" in fault.place and "つながって" in fault.what
    assert "離れた部分" in faults_map(PLAIN, [fault], None, "点検").legend
    assert [item["label"] for item in counts_of(report.as_dict()) if item["count"]] == ["離れた部分"]


def test_a_private_report_tells_no_place() -> None:
    report = LoadReport(private=True)
    report.reject("空き家.csv", 2, None, "x", "離れています。", shapely.Point(141.1, 39.7))
    report.add("outside_city", file="空き家.csv", row=3, ground=shapely.Point(141.1, 39.7))
    for fault in faults_of("vacant-houses", report.as_dict()):
        assert (fault.lon, fault.lat, fault.shape) == (None, None, None)


def test_a_place_outside_japan_is_no_place() -> None:
    assert where(shapely.Point(39.7, 141.1)) == {} == where(shapely.Point()) == where(None)


def test_a_shape_of_many_vertices_is_kept_thin() -> None:
    circle = shapely.Point(141.1, 39.7).buffer(0.1, quad_segs=500)
    kept = shapely.geometry.shape(where(circle)["shape"])
    assert shapely.get_num_coordinates(kept) <= MAX_VERTICES and kept.area == pytest.approx(
        circle.area, rel=0.02
    )


def test_messages_name_the_fields_of_the_page() -> None:
    told = for_page("別の名前の列であれば --map name=列名 で指定してください。座標系（--crs）、--encoding")
    assert "--" not in told and "「列の対応」の欄に name=列名" in told and "「座標系」の欄" in told
