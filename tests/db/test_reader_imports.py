"""Files of every kind, from the file to rows in the database and back, in the order in which they build on each other."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from shapely import LineString

from geodata.database import Audience, Database
from geodata.importing import ImportOptions, import_files
from geodata.kind_tables import KIND_TABLES
from geodata.rows import read_frame
from kyodo_geo.errors import FileFormatError
from kyodo_geo.kinds import KINDS
from tests.factories import CODE, meta
from tests.unit.readers.files import cell, csv, geojson, layer, spot
from tests.unit.readers.gtfs import gtfs

POINT = "経度,緯度"


def district(no: int, x: float) -> tuple[dict[str, str], object]:
    return {"地区番号": str(no), "地区名": f"地区{no}"}, cell(x, 0)


FILES: dict[str, Callable[[Path], Path]] = {
    "outline": lambda f: geojson(f / "o.geojson", [({"名称": "盛岡市"}, cell(-5, -5, 20, 20))]),
    "small-areas": lambda f: geojson(
        f / "s.geojson",
        [
            ({"KEY_CODE": "032010010", "S_NAME": "内丸", "JINKO": 7, "SETAI": 3}, cell(0, 0)),
            ({"KEY_CODE": "03201002001", "S_NAME": None, "JINKO": "X", "SETAI": "X"}, cell(1, 0)),
        ],
    ),
    "towns": lambda f: csv(
        f / "t.csv",
        f"町名,小字,郵便番号,{POINT}\n内丸,,020-0023,141.105,39.705\nみたけ3丁目,,,,\n渋民,鶴塚,,,\n",
    ),
    "districts": lambda f: layer(f / "d.gpkg", [district(1, 0), district(2, 1)]),
    "register-population": lambda f: csv(f / "r.csv", "町名,基準日,世帯数,人口\n内丸,令和6年1月1日,3,\n"),
    "district-assignment": lambda f: csv(f / "a.csv", "key_code,district_no,confidence\n032010010,1,sure\n03201002001,2,guess\n"),
    "associations": lambda f: layer(
        f / "as.shp", [({"番号": "a1", "自治会名": "城北"}, cell(0, 0)), ({"番号": "a2", "自治会名": "上田"}, cell(1, 0))],
        encoding="cp932",
    ),
    "association-rules": lambda f: csv(f / "ru.csv", "町内会番号,町名,番\na1,みたけ3丁目,1～5\na2,内丸,\n"),
    "association-districts": lambda f: csv(f / "ad.csv", "町内会番号,地区番号\na1,1\na2,2\n"),
    "membership": lambda f: csv(f / "m.csv", "町内会番号,年度,世帯数,加入世帯数\na1,R1,100,88\n"),
    "facilities": lambda f: csv(f / "f.csv", f"名称,種別,収容人数,{POINT}\n城北センター,地区活動センター,,141.1,39.7\n"),
    "halls": lambda f: csv(f / "h.csv", f"名称,町内会番号,建築年,{POINT}\n城北会館,a1,昭和56年,141.1,39.7\n上田会館,,,,\n"),
    "vacant-houses": lambda f: csv(
        f / "v.csv",
        f"空き家番号,状態,ランク,住所,同意先,同意日,{POINT}\nv1,調査,A,内丸1,,,141.1,39.7\nv2,同意,B,内丸2,町内会,R6.4.1,141.1,39.7\n",
    ),
    "blocks": lambda f: csv(f / "b.csv", f"町名,街区符号,住居番号,{POINT}\n内丸,1,,141.1,39.7\n内丸,1,2,141.1,39.7\n"),
    "association-profiles": lambda f: csv(f / "p.csv", "町内会番号,公表の同意,会費,URL\na1,はい,月300円,https://example.jp/\n"),
    "school-elementary": lambda f: layer(f / "e.gpkg", [({"学校名": "北小"}, cell(0, 0)), ({"学校名": "南小"}, cell(1, 0))]),
    "school-junior-high": lambda f: layer(f / "j.gpkg", [({"学校名": "北中", "注記": "要確認"}, cell(0, 0, 2))]),
    "garbage": lambda f: layer(f / "g.gpkg", [({"収集地区": "A", "収集日": "月・木"}, cell(0, 0))]),
    "shelters": lambda f: csv(f / "sh.csv", f"名称,住所,{POINT}\n北小体育館,内丸1,141.1,39.7\n"),
    "flood": lambda f: layer(f / "fl.gpkg", [({"浸水深": "0.5m未満"}, cell(0, 0)), ({"浸水深": "3m以上"}, cell(1, 0))]),
    "walk-network": lambda f: geojson(
        f / "n.geojson",
        [
            ({"u": 11700730660, "v": 5, "length": 90.5, "grade": 0.02}, LineString([spot(0, 0), spot(0.1, 0)])),
            ({"u": 5, "v": 6}, LineString([spot(0, 0), spot(0, 0.1)])),
        ],
    ),
    "drive-network": lambda f: geojson(
        f / "d.geojson",
        [
            ({"u": 11700730660, "v": 5, "maxspeed": "40", "oneway": True}, LineString([spot(0, 0), spot(0.1, 0)])),
            ({"u": 5, "v": 6, "highway": "tertiary", "oneway": False}, LineString([spot(0.1, 0), spot(0, 0.1)])),
        ],
    ),
    "bus-timetable": lambda f: gtfs(f / "gtfs.zip"),
    "age-population": lambda f: csv(f / "age.csv", "KEY_CODE,年,0～64歳,65歳以上\n032010010,2020,5,2\n03201002001,2020,X,X\n"),
    "mesh-population": lambda f: csv(
        f / "me.csv", "メッシュコード,調査年,人口,65歳以上人口\n59414048,2020,5,2\n59414049,2020,*,*\n"
    ),
    "built-up": lambda f: layer(f / "bu.gpkg", [({"備考": "x"}, cell(0, 0))]),
    "landslide": lambda f: layer(f / "ls.gpkg", [({"A33_001": "2", "A33_002": "2"}, cell(0, 0))]),
    "residential-zone": lambda f: layer(f / "rz.gpkg", [({"名称": "居住誘導区域"}, cell(0, 0))]),
    "lots": lambda f: csv(f / "l.csv", f"町名,小字,地番,{POINT}\n渋民,鶴塚,55-1,141.1,39.7\n下飯岡第8地割,,48,141.1,39.7\n"),
}  # fmt: skip
OPTIONS = {"associations": ImportOptions(mapping={"association_id": "番号"})}


def bring_in(db: Database, kind: str, folder: Path, **options):
    return import_files(
        db, CODE, kind, [FILES[kind](folder)], meta(), OPTIONS.get(kind, ImportOptions()), **options
    )


def test_every_kind_has_a_file() -> None:
    assert set(FILES) == set(KINDS)


def test_files_of_every_kind_are_stored_as_they_were_read(db: Database, tmp_path: Path) -> None:
    for kind in FILES:
        done = bring_in(db, kind, tmp_path)
        assert done.result.report.rejected == [], kind
        loaded = done.stored[0]
        assert (loaded.kind, loaded.rows) == (kind, len(done.result.frame))
        with db.read(Audience.LOADER) as conn:
            back = read_frame(conn, CODE, loaded.dataset_id, kind)
            report = conn.execute(
                "SELECT report FROM dataset WHERE dataset_id = %s", (loaded.dataset_id,)
            ).fetchone()
        key = [column for column in KIND_TABLES[kind].key if column in back] or [
            column for column in ("town", "name", "u") if column in back
        ]
        assert sorted(map(str, back[key[0]])) == sorted(map(str, done.result.frame[key[0]])), kind
        if "geom" in back:
            stored = [shape for shape in back["geom"] if shape is not None]
            assert len(stored) == done.result.frame["geom"].notna().sum(), kind
        assert report is not None and report["report"]["rows_loaded"] == loaded.rows


def test_an_assignment_brings_the_districts_it_makes(db: Database, tmp_path: Path) -> None:
    for kind in ("small-areas", "districts"):
        bring_in(db, kind, tmp_path)
    done = bring_in(db, "district-assignment", tmp_path)
    assert [item.kind for item in done.stored] == ["district-assignment", "districts"]
    with db.read(Audience.LOADER) as conn:
        back = read_frame(conn, CODE, done.stored[1].dataset_id, "districts")
    assert back["name"].tolist() == ["地区1", "地区2"]


def test_an_assignment_tells_how_sure_its_districts_are_by_share_of_people(
    db: Database, db_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from api.cli import app

    areas = [("032010010", 75, 0), ("03201002001", 25, 1)]
    path = geojson(
        tmp_path / "s.geojson",
        [({"KEY_CODE": key, "JINKO": people, "SETAI": 9}, cell(x, 0)) for key, people, x in areas],
    )
    import_files(db, CODE, "small-areas", [path], meta(), ImportOptions())
    monkeypatch.setenv("KYODO_DATABASE_URL", db_url)
    assignment = FILES["district-assignment"](tmp_path)

    shown = CliRunner().invoke(app, ["import", "district-assignment", str(assignment)]).output

    own, _, derived = shown.partition("コミュニティ推進地区（この割り当てから作成）:")
    assert "確からしさ「確か」の小地域: 1" in own
    assert "確からしさ「確か」の人口の割合（%）: 75" in derived
    assert "確からしさ「推測」の人口の割合（%）: 25" in derived
    assert "人口（人）: 100" in derived


def test_a_refused_file_leaves_nothing(db: Database, tmp_path: Path) -> None:
    path = geojson(
        tmp_path / "s.geojson", [({"KEY_CODE": "032010010"}, cell(0, 0)), ({"KEY_CODE": "x"}, cell(1, 0))]
    )
    with pytest.raises(FileFormatError, match="2 行目"):
        import_files(db, CODE, "small-areas", [path], meta(), ImportOptions())
    with db.read(Audience.LOADER) as conn:
        assert conn.execute("SELECT count(*) AS n FROM dataset").fetchone() == {"n": 0}
        assert conn.execute("SELECT count(*) AS n FROM small_area").fetchone() == {"n": 0}


def test_a_dry_run_leaves_nothing(db: Database, tmp_path: Path) -> None:
    assert bring_in(db, "outline", tmp_path, dry_run=True).stored == ()
    with db.read(Audience.LOADER) as conn:
        assert conn.execute("SELECT count(*) AS n FROM dataset").fetchone() == {"n": 0}


@pytest.mark.shared
def test_the_real_city_is_stored_to_the_person(db: Database, shared_data: Path) -> None:
    folder = shared_data / "morioka"
    for kind, names in (
        ("outline", ["n03_03201.geojson"]),
        ("small-areas", ["estat_small_area_2020_03201.geojson"]),
        ("towns", ["towns_03201.json", "abr_town_names_03201.json"]),
        ("facilities", ["facilities_dev.csv"]),
        ("district-assignment", ["small_area_district_unofficial.csv"]),
    ):
        done = import_files(db, CODE, kind, [folder / name for name in names], meta(), ImportOptions())
    assert done.stored[1].rows == 30
    with db.read(Audience.LOADER) as conn:
        row = conn.execute(
            "SELECT count(*) AS n, sum(people) AS people, sum(households) AS households FROM small_area"
        ).fetchone()
        covered = conn.execute(
            """SELECT count(*) AS n FROM small_area s JOIN district_area d
               ON d.municipality_code = s.municipality_code AND ST_Covers(d.geom, ST_PointOnSurface(s.geom))"""
        ).fetchone()
        stored = conn.execute("SELECT report FROM dataset WHERE kind = 'small-areas'").fetchone()
    assert row == {"n": 956, "people": 289_731, "households": 131_110}
    assert covered == {"n": 956}
    assert json.dumps(stored["report"], ensure_ascii=False).count("964 行 → 956 件") >= 1
