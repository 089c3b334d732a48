"""Roads for cars: directions, speeds, parallel ways, parts one cannot come back from."""

from __future__ import annotations

from typing import Any

import pytest
from shapely import LineString

from kyodo_geo.errors import FileFormatError
from kyodo_geo.reach.driving import DEFAULT_KMH, default_kmh, signposted_kmh
from tests.unit.readers.files import LAT, LON, csv, geojson, load, spot

SPOTS = {1: (0.0, 0.0), 2: (0.1, 0.0), 3: (0.1, 0.1), 4: (0.5, 0.5)}


def way(u: int, v: int, **facts: Any) -> tuple[dict[str, Any], Any]:
    facts = {"length": 1000, "highway": "residential", "oneway": False} | facts
    return {"u": u, "v": v, "key": 0, **facts}, LineString([spot(*SPOTS[u]), spot(*SPOTS[v])])


def roads(tmp_path, *ways, **more):
    return load("drive-network", geojson(tmp_path / "n.geojson", list(ways)), **more)


def driven(result) -> dict[tuple[int, int], float]:
    return {(r.u, r.v): round(r.minutes, 6) for r in result.frame.itertuples()}


def test_one_way_streets_are_one_way_and_the_others_both(tmp_path):
    result = roads(
        tmp_path,
        way(1, 2, oneway=True),
        way(2, 3, oneway="no"),
        way(3, 1, oneway="-1"),
        way(3, 4, oneway="[True, False]"),
    )
    # 1 km at 20 km/h.
    assert driven(result) == {(1, 2): 3, (2, 3): 3, (3, 2): 3, (1, 3): 3, (3, 4): 3}
    (back,) = result.frame[(result.frame.u == 1) & (result.frame.v == 3)].itertuples()
    assert back.geom.coords[0] == pytest.approx((LON, LAT)), "the line runs with the cars"


def test_rows_for_each_direction_as_osmnx_writes_them_are_not_doubled(tmp_path):
    result = roads(tmp_path, way(1, 2, reversed=False), way(2, 1, reversed=True))
    assert driven(result) == {(1, 2): 3, (2, 1): 3}


def test_of_parallel_ways_the_fastest_not_the_shortest(tmp_path):
    result = roads(
        tmp_path, way(1, 2, length=900, highway="service"), way(1, 2, length=1200, highway="trunk", key=1)
    )
    assert driven(result)[1, 2] == pytest.approx(1.2 / 40 * 60)
    assert set(result.frame["highway"]) == {"trunk"}


def test_where_a_speed_comes_from(tmp_path):
    result = roads(
        tmp_path,
        way(1, 2, oneway=True, travel_time=72, speed_kph=40, maxspeed="30"),
        way(2, 3, oneway=True, speed_kph=25, maxspeed="30"),
        way(3, 4, oneway=True, maxspeed="['60', '50']"),
        way(4, 1, oneway=True, maxspeed="JP:urban", highway="['tertiary', 'residential']"),
    )
    found = {(r.u, r.v): (r.kmh, r.speed_from) for r in result.frame.itertuples()}
    assert found == {
        (1, 2): (50, "given"), (2, 3): (25, "given"), (3, 4): (50, "maxspeed"), (4, 1): (30, "class"),
    }  # fmt: skip
    told = "\n".join(result.report.notes)
    assert "ファイルの速さ・所要時間 50.0 %、制限速度 25.0 %、道路の種類ごとの速さ 25.0 %" in told
    assert "すべて 1.0 です" in told


def test_a_travel_time_that_no_car_drives_is_not_believed(tmp_path):
    result = roads(tmp_path, way(1, 2, oneway=True, travel_time=1))
    assert result.frame["speed_from"].tolist() == ["class"]
    assert any("所要時間を使いませんでした" in note for note in result.report.notes)


def test_the_citys_own_speeds_and_factors(tmp_path):
    table = csv(
        tmp_path / "speeds.csv", "highway,kmh,混雑の係数,冬の係数\nresidential,30,1.5,\ntertiary,45,,1.3\n"
    )
    ways = geojson(
        tmp_path / "n.geojson",
        [
            way(1, 2, oneway=1),
            way(2, 3, oneway=1, highway="tertiary", maxspeed=60),
            way(3, 1, oneway=1, congestion=1.0, winter=2),
        ],
    )
    result = load("drive-network", ways, table)
    rows = {
        (r.u, r.v): (r.kmh, r.congestion, r.winter_factor, round(r.minutes, 6))
        for r in result.frame.itertuples()
    }
    assert rows == {(1, 2): (30, 1.5, 1, 3), (2, 3): (60, 1, 1.3, 1), (3, 1): (30, 1, 2, 2)}
    with pytest.raises(FileFormatError, match="速さの表だけ"):
        load("drive-network", table)
    wrong = csv(tmp_path / "wrong.csv", "highway,kmh\nresidential,速い\n")
    with pytest.raises(FileFormatError, match="2 行目「kmh」"):
        load("drive-network", ways, wrong)


def test_parts_one_cannot_come_back_from_are_told_with_their_place(tmp_path):
    result = roads(tmp_path, way(1, 2), way(2, 3), way(3, 4, oneway=True))
    assert result.report.totals["strong_components"] == 2
    assert result.report.totals["giant_share"] == 75
    assert result.report.totals["directed_edges"] == 5
    assert [gap["nodes"] for gap in result.report.gaps] == [1]
    assert any("互いに行き来できる部分が 2 個" in note for note in result.report.notes)


def test_without_a_column_of_one_way_streets_both_ways_are_open_and_it_is_said(tmp_path):
    plain = [({k: v for k, v in facts.items() if k != "oneway"}, line) for facts, line in (way(1, 2),)]
    result = load("drive-network", geojson(tmp_path / "n.geojson", plain))
    assert set(driven(result)) == {(1, 2), (2, 1)}
    assert any("一方通行の列（oneway）がない" in note for note in result.report.notes)


@pytest.mark.parametrize("wrong", [{"oneway": "たぶん"}, {"speed_kph": 900}, {"travel_time": -3}])
def test_rows_that_cannot_be_read_are_rejected_with_their_reason(tmp_path, wrong):
    result = roads(tmp_path, way(1, 2), way(2, 3, **wrong))
    assert result.report.count("rejected") == 1 and set(driven(result)) == {(1, 2), (2, 1)}


def test_words_of_maxspeed():
    assert signposted_kmh(["40"]) == signposted_kmh(["40 km/h"]) == signposted_kmh(["60;40"]) == 40
    assert signposted_kmh(["30 mph"]) == pytest.approx(48.28, abs=0.01)
    assert (
        signposted_kmh(["walk"]) is None
        and signposted_kmh(["none", ""]) is None
        and signposted_kmh(["900"]) is None
    )


def test_every_class_has_a_speed_and_the_citys_own_goes_first():
    assert all(5 <= kmh <= 100 for kmh in DEFAULT_KMH.values())
    assert default_kmh("residential", {"residential": 15}) == 15
    assert default_kmh("no such class") == default_kmh(None) == 20
