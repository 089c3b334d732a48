"""Shelters and centres as one list."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from geodata.fetch.collect import Collected, How
from geodata.fetch.facilities import Combined, combine, kind_of
from geodata.fetch.sources import Source
from kyodo_geo.errors import FileFormatError
from tests import originals

CENTRES = "name,kind,address,lon,lat\n東地区活動センター,地区活動センター,東1-1,141.100000,39.700000\n"


def collected(path: Path) -> Collected:
    source = Source(path.stem, "facilities", "t", "s", "l", "a", bundled=path.name, filename=path.name)
    return Collected(source, (path,), "0" * 64, How.BUNDLED, {}, None, None)


def combined(
    tmp_path: Path, shelters: list[tuple[str, str, float, float]]
) -> tuple[Combined, list[dict[str, str]]]:
    (tmp_path / "shelters.geojson").write_bytes(originals.shelters(shelters))
    (tmp_path / "centres.csv").write_text(CENTRES, encoding="utf-8")
    parts = [collected(tmp_path / "shelters.geojson"), collected(tmp_path / "centres.csv")]
    done = combine(parts, tmp_path / "facilities.csv")
    with done.path.open(encoding="utf-8") as file:
        return done, list(csv.DictReader(file))


@pytest.mark.parametrize(
    ("name", "lon", "same"),
    [
        ("東地区活動センター", 141.1, True),
        ("盛岡市立東地区活動センター", 141.1, True),
        ("盛岡市　東地区活動センター", 141.1, True),
        ("東地区活動センター", 141.103, True),  # 257 m away: another corner of the site
        ("東地区活動センター", 141.104, False),  # 343 m away: another place of that name
        ("西地区活動センター", 141.1, False),
    ],
)
def test_a_shelter_is_a_centre_by_name_and_place(tmp_path: Path, name: str, lon: float, same: bool) -> None:
    done, rows = combined(tmp_path, [(name, "盛岡市東1-1", lon, 39.7)])
    assert len(rows) == done.rows == (1 if same else 2)
    assert rows[0]["name"] == "東地区活動センター"
    assert rows[0]["facility_id"] == ""  # the reader makes the permanent id
    assert any("同じ施設" in note for note in done.notes) is same


def test_a_shelter_keeps_its_national_id(tmp_path: Path) -> None:
    _, rows = combined(tmp_path, [("北小学校", "盛岡市北1", 141.2, 39.8)])
    assert rows[1] == {
        "facility_id": "F03201000001", "name": "北小学校", "kind": "学校", "address": "盛岡市北1", "lon": "141.2", "lat": "39.8",
    }  # fmt: skip


def test_the_same_parts_make_the_same_bytes(tmp_path: Path) -> None:
    shelters = [("北小学校", "盛岡市北1", 141.2, 39.8), ("南小学校", "盛岡市南1", 141.2, 39.6)]
    first = combined(tmp_path, shelters)[0].path.read_bytes()
    assert combined(tmp_path, shelters)[0].path.read_bytes() == first


@pytest.mark.parametrize(
    "geometry", [None, {"type": "Point", "coordinates": []}, {"type": "Polygon", "coordinates": []}]
)
def test_a_shelter_without_a_point_is_left_out_and_said(
    tmp_path: Path, geometry: dict[str, Any] | None
) -> None:
    path = tmp_path / "shelters.geojson"
    properties = {"共通ID": "F1", "施設・場所名": "北小学校", "住所": "北1"}
    path.write_bytes(originals.geojson([(properties, geometry)]))  # type: ignore[list-item]
    done = combine([collected(path)], tmp_path / "facilities.csv")
    assert done.rows == 0
    assert "1 件" in done.notes[-1]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"{}",
        b'{"features": [{}]}',
        b'{"features": [{"properties": {}, "geometry": {"type": "Point", "coordinates": [1, 1]}}]}',
        b"\xff",
    ],
)
def test_what_is_no_list_of_shelters_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "shelters.geojson"
    path.write_bytes(content)
    with pytest.raises(FileFormatError, match=r"shelters\.geojson"):
        combine([collected(path)], tmp_path / "facilities.csv")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("緑が丘地区活動センター", "地区活動センター"),
        ("芋田地区コミュニティセンター", "地区コミュニティセンター"),
        ("乙部地区公民館", "地区公民館"),
        ("東安庭公民館", "公民館"),
        ("下太田児童・老人福祉センター", "児童・老人福祉センター"),
        ("みたけ児童センター", "児童センター"),
        ("城北小学校", "学校"),
        ("乙部体育館", "体育館"),
        ("アイーナ", "その他"),
        ("公民館前広場", "その他"),
    ],
)
def test_the_kind_follows_from_the_end_of_the_name(name: str, kind: str) -> None:
    assert kind_of(name) == kind
