"""Walking networks: parallel ways, directions, lengths, pieces; the real sample of 宇部市."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from shapely import LineString, MultiLineString, Point

from geodata.readers import read
from kyodo_geo.crs import geodesic_m, plane_epsg
from kyodo_geo.errors import FileFormatError
from tests.unit.readers.files import CITY, LAT, LON, geojson, layer, load, spot

SPOTS = {1: (0.0, 0.0), 2: (0.1, 0.0), 3: (0.1, 0.1), 4: (0.5, 0.5), 5: (0.6, 0.5)}


def way(u: int, v: int, **facts: Any) -> tuple[dict[str, Any], Any]:
    return {"u": u, "v": v, **facts}, LineString([spot(*SPOTS[u]), spot(*SPOTS[v])])


def network(tmp_path, *ways):
    return load("walk-network", geojson(tmp_path / "n.geojson", list(ways)))


def row(result, u: int, v: int) -> dict[str, Any]:
    frame = result.frame
    (found,) = frame[(frame["u"] == u) & (frame["v"] == v)].to_dict("records")
    return found


def test_of_parallel_and_opposite_ways_the_shortest_stays(tmp_path):
    result = network(
        tmp_path,
        way(1, 2, length=120, highway="residential"),
        way(2, 1, length=95.5, highway="footway", grade=0.03),
        way(1, 2, length=300, highway="steps"),
        way(2, 3, length=130),
    )
    assert len(result.frame) == 2
    kept = row(result, 1, 2)
    assert (kept["length_m"], kept["highway"], kept["winter_factor"]) == (95.5, "footway", 1.0)
    # From 2 to 1 it rises; stored from 1 to 2 it falls, and the line is turned with it.
    assert kept["slope"] == -0.03
    assert kept["geom"].coords[0] == pytest.approx((LON, LAT))
    assert any("4 行 → 2 本" in note for note in result.report.notes)


def test_one_way_streets_do_not_bind_walkers(tmp_path):
    result = network(tmp_path, way(2, 1, length=90, oneway=1), way(2, 3, length=110, oneway=1))
    assert [(r.u, r.v) for r in result.frame.itertuples()] == [(1, 2), (2, 3)]


def test_a_missing_length_comes_from_the_shape_in_metres(tmp_path):
    result = network(tmp_path, way(1, 2), way(2, 3, length=0), way(1, 3, length=""))
    expected = geodesic_m(LON, LAT, LON + 0.001, LAT)
    assert row(result, 1, 2)["length_m"] == pytest.approx(expected, rel=1e-3)
    assert any("長さのない 3 本" in note for note in result.report.notes)


def test_a_length_shorter_than_the_shape_is_told(tmp_path):
    result = network(tmp_path, way(1, 2, length=20), way(2, 3, length=200))
    assert any("図形より5%以上短い道が 1 本" in note for note in result.report.notes)
    assert row(result, 1, 2)["length_m"] == 20


def test_pieces_that_hang_together_with_nothing_are_counted_and_placed(tmp_path):
    result = network(tmp_path, way(1, 2), way(2, 3), way(1, 3), way(4, 5))
    totals = result.report.totals
    assert (totals["edges"], totals["nodes"], totals["components"]) == (4, 5, 2)
    assert totals["giant_share"] == pytest.approx(60.0)
    (piece,) = result.report.gaps
    assert piece["nodes"] == 2
    assert piece["lon"] == pytest.approx(LON + 0.0055, abs=1e-3)


def test_loops_are_passed_over(tmp_path):
    loop = ({"u": 1, "v": 1, "length": 50}, LineString([spot(0, 0), spot(0.05, 0.05), spot(0, 0)]))
    result = network(tmp_path, loop, way(1, 2))
    assert len(result.frame) == 1
    with pytest.raises(FileFormatError, match="つなぐ道がありません"):
        network(tmp_path, loop)


def test_lists_of_ways_give_the_first(tmp_path):
    result = network(
        tmp_path, way(1, 2, highway="['residential', 'steps']"), way(2, 3, highway=["path", "track"])
    )
    assert [r.highway for r in result.frame.itertuples()] == ["residential", "path"]


def test_lines_drawn_from_the_other_end_are_turned(tmp_path):
    drawn = LineString([spot(*SPOTS[3]), spot(*SPOTS[2])])
    result = network(tmp_path, way(1, 2), way(1, 3), ({"u": 2, "v": 3}, drawn))
    assert row(result, 2, 3)["geom"].coords[0] == pytest.approx((LON + 0.001, LAT))
    assert not any("より離れている" in note for note in result.report.notes)


def test_a_node_in_two_places_is_told(tmp_path):
    astray = ({"u": 2, "v": 5}, LineString([spot(0.3, 0.3), spot(*SPOTS[5])]))
    result = network(tmp_path, way(1, 2), way(2, 3), way(4, 5), astray)
    assert any("より離れている交差点が 1 か所あります（例: 2）" in note for note in result.report.notes)


def test_impossible_slopes_are_unknown_and_winter_comes_from_the_file(tmp_path):
    result = network(tmp_path, way(1, 2, grade=7.5, winter=1.4), way(2, 3, grade=-0.2))
    assert np.isnan(row(result, 1, 2)["slope"]) and row(result, 1, 2)["winter_factor"] == 1.4
    assert row(result, 2, 3)["slope"] == -0.2


@pytest.mark.parametrize(
    "facts",
    [
        {"u": "x"}, {"u": ""}, {"u": 2**64}, {"length": -5}, {"length": "nan"}, {"winter": 0}, {"winter": -1}, {"winter": "1e9"},
        {"u": "1.5"}, {"length": "<script>"},
    ],
    ids=str,
)  # fmt: skip
def test_a_row_that_cannot_be_read_is_left_out_alone(tmp_path, facts):
    bad, line = way(2, 3)
    result = network(tmp_path, way(1, 2), ({**bad, **facts}, line))
    assert len(result.frame) == 1
    assert result.report.rejected[0].row == 2


@pytest.mark.parametrize(
    "shape",
    [
        Point(LON, LAT),
        MultiLineString([[(LON, LAT), (LON + 0.1, LAT)], [(LON, LAT + 0.1), (LON + 0.1, LAT + 0.1)]]),
        LineString([(LON, LAT), (LON, LAT)]),
        LineString([(100, 10), (100, 11)]),
        None,
    ],
    ids=["point", "two lines", "no length", "far away", "none"],
)
def test_a_shape_that_is_no_way_is_left_out(tmp_path, shape):
    shown = {"type": "LineString", "coordinates": [[None, 1]]} if shape is None else shape
    result = network(tmp_path, way(1, 2), way(1, 3), ({"u": 2, "v": 3}, shown))
    assert len(result.frame) == 2
    assert len(result.report.rejected) == 1


def test_points_and_tables_are_refused_with_a_sentence(tmp_path):
    with pytest.raises(FileFormatError, match="線ではありません"):
        network(tmp_path, ({"u": 1, "v": 2}, spot(0, 0)))
    (tmp_path / "a.csv").write_text("u,v,length\n1,2,5\n", encoding="utf-8")
    with pytest.raises(FileFormatError, match="線の図形がありません"):
        load("walk-network", tmp_path / "a.csv")


def test_a_geopackage_in_the_plane_zone(tmp_path):
    rows = [way(1, 2, length=90.0), way(2, 3, length=115.0)]
    path = layer(tmp_path / "edges.gpkg", rows, crs=plane_epsg(CITY))
    result = load("walk-network", path)
    assert result.frame["length_m"].tolist() == [90.0, 115.0]
    assert result.frame["geom"].iloc[0].coords[0] == pytest.approx((LON, LAT), abs=1e-7)


def test_numbers_of_nodes_keep_all_their_digits(tmp_path):
    rows = [({"u": 11700730660, "v": 9007199254740993}, LineString([spot(0, 0), spot(0.1, 0)]))]
    result = load("walk-network", geojson(tmp_path / "n.geojson", rows))
    assert result.frame[["u", "v"]].to_numpy().tolist() == [[11700730660, 9007199254740993]]


@pytest.mark.shared
def test_the_real_network_of_ube(shared_data):
    path = shared_data / "formats/osm_walk_sample.geojson"
    result = read("walk-network", [path], municipality="35202")
    totals = result.report.totals
    assert result.report.rejected == []
    assert (result.report.rows_read, totals["nodes"]) == (6456, 2054)
    assert len(result.frame) == totals["edges"] == len(set(map(tuple, result.frame[["u", "v"]].to_numpy())))
    assert (result.frame["u"] < result.frame["v"]).all()
    assert (totals["edges"], totals["components"]) == (3285, 5)
    assert totals["giant_share"] == pytest.approx(100 * 2043 / 2054)
    assert sum(piece["nodes"] for piece in result.report.gaps) == 11
    assert not any("より離れている" in note for note in result.report.notes)
